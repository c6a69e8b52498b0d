/**
 * YAML text to a document. The library reads nested parts by recursion, so their depth is limited by name: the same text is
 * read or refused everywhere, however large the stack is.
 */
import { Composer, Parser } from 'yaml';
import type { CST, Document, LineCounter } from 'yaml';

/** Levels of maps and lists; a group in a group takes two. The library needs about a kilobyte of stack for each. */
export const NESTING_MAX = 500;

/** `secondAt`: offset of a second document in the same text; undefined: there is one. */
export interface YamlText {
  readonly document: Document;
  readonly secondAt: number | undefined;
}

/** Undefined when the text nests deeper than `NESTING_MAX`. Mistakes are in the document's `errors`. */
export function parseYaml(text: string, lineCounter?: LineCounter): YamlText | undefined {
  try {
    const tokens = [...new Parser(lineCounter?.addNewLine).parse(text)];
    if (tokens.some(isTooDeep)) return undefined;
    const composer = new Composer({ merge: true, prettyErrors: false, stringKeys: true });
    const [document, second] = [...composer.compose(tokens, true, text.length)] as Document[];
    return document === undefined ? undefined : { document, secondAt: second?.range?.[0] };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Level {
  readonly token: CST.Token | null | undefined;
  readonly depth: number;
}

function isTooDeep(token: CST.Token): boolean {
  const stack: Level[] = [{ token, depth: 0 }];
  for (let level = stack.pop(); level !== undefined; level = stack.pop()) {
    const { token: at, depth } = level;
    if (depth > NESTING_MAX) return true;
    if (at?.type === 'document') stack.push({ token: at.value, depth });
    else if (at !== null && at !== undefined && 'items' in at) {
      for (const { key, value } of at.items) {
        if (isCollection(key)) stack.push({ token: key, depth: depth + 1 });
        if (isCollection(value)) stack.push({ token: value, depth: depth + 1 });
      }
    }
  }
  return false;
}

function isCollection(token: CST.Token | null | undefined): token is CST.Token {
  return token !== null && token !== undefined && 'items' in token;
}
