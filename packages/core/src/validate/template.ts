/** Templates: texts with `${{ expression }}` in them. Finds the expressions; the evaluator knows what they mean. */
import type { Json } from '@coppice/extension';

/** Literal text, or an expression without its braces. */
export type TemplatePart = string | { readonly expression: string };

/** A parsed text. `unclosedAt` is the offset of a `${{` without an end; the text from there on is literal. */
export interface Template {
  readonly parts: readonly TemplatePart[];
  readonly unclosedAt?: number;
}

const OPENING = '${{';

/** Splits a text. An expression ends at the first `}}` that is outside quotes, braces and brackets of the expression. */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (;;) {
    const opening = text.indexOf(OPENING, at);
    const literal = text.slice(at, opening < 0 ? text.length : opening);
    if (literal !== '') parts.push(literal);
    if (opening < 0) return { parts };
    const closing = closingOf(text, opening + OPENING.length);
    if (closing === undefined) return { parts: [...parts, text.slice(opening)], unclosedAt: opening };
    parts.push({ expression: text.slice(opening + OPENING.length, closing).trim() });
    at = closing + 2;
  }
}

/** Offset of the `}}` that ends the expression which starts here. */
function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") at = endOfQuoted(text, at);
    else if (char === '{') depth++;
    else if (char === '}' && depth > 0) depth--;
    else if (char === '}' && text[at + 1] === '}') return at;
  }
  return undefined;
}

/** Offset of the quote that ends the string literal which starts here; the text's end when there is none. */
function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}

/** A string inside a value, and where it is. */
export interface TextSite {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** A value that is still to be visited. It is linked to the value around it, so that only a template costs a path. */
interface Place {
  readonly value: Json;
  readonly key: string | number;
  readonly holder: Place | undefined;
}

/** All strings in a value that hold an expression, in order. The walk is not recursive, because inputs may be nested deeply. */
export function listTemplates(value: Json): readonly TextSite[] {
  const found: TextSite[] = [];
  const stack: Place[] = [{ value, key: '', holder: undefined }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { value: at } = place;
    if (typeof at === 'string') {
      if (at.includes(OPENING)) found.push({ path: pathOf(place), text: at });
    } else if (typeof at === 'object' && at !== null) {
      const entries: readonly (readonly [string | number, Json])[] = isList(at)
        ? [...at.entries()]
        : Object.entries(at);
      for (const [key, item] of entries.toReversed()) stack.push({ value: item, key, holder: place });
    }
  }
  return found;
}

function pathOf(place: Place): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = place; at.holder !== undefined; at = at.holder) path.push(at.key);
  return path.reverse();
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** A place where an expression reads a dependency: `deps` and the names that follow, as `.name` or `["name"]`. */
export interface DependencyRead {
  readonly names: readonly { readonly name: string; readonly start: number; readonly end: number }[];
}

/** All places where an expression reads a dependency. String literals are ignored. */
export function listDependencyReads(expression: string): readonly DependencyRead[] {
  const reads: DependencyRead[] = [];
  const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])deps(?!\w)/g;
  const access = /\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])/y;
  for (const match of expression.matchAll(token)) {
    if (match[0] !== 'deps') continue;
    const names = [];
    access.lastIndex = match.index + match[0].length;
    for (let start = access.lastIndex, next = access.exec(expression); next !== null; next = access.exec(expression)) {
      const name = next[1] ?? next[2] ?? next[3] ?? '';
      names.push({ name, start, end: access.lastIndex });
      start = access.lastIndex;
    }
    if (names.length > 0) reads.push({ names });
  }
  return reads;
}

export function holdsExpression(value: Json): boolean {
  return listTemplates(value).length > 0;
}
