/**
 * A definition file as text with positions: parses YAML or JSON (a part of YAML) and finds the place of any path.
 * Limit: number of aliases (a few lines of aliases can stand for gigabytes).
 */
import { isAlias, isCollection, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';

/** A path into the file: keys and indexes. */
export type FilePath = readonly (string | number)[];

/** A place in a file, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a definition file, at its place. */
export interface DefinitionProblem extends Position {
  readonly path: FilePath;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A parsed file. `value` is undefined exactly if it could not be parsed; `problems` then say why. */
export interface DefinitionSource {
  /** As shown to people. */
  readonly file: string;
  readonly value: unknown;
  readonly problems: readonly DefinitionProblem[];
  /** Position of what the path names, or of the nearest enclosing thing that exists. `key`: prefer the key to the value. */
  locate(path: FilePath, part?: 'key' | 'value'): Position;
}

/** How many nodes aliases may stand for, in relation to their anchors. */
const MAX_ALIASES = 1000;
const START: Position = { line: 1, column: 1 };

/** Parses a definition's text. Never throws. */
export function parseDefinitionSource(text: string, file: string): DefinitionSource {
  const lineCounter = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parse(text, lineCounter);
  if (document === undefined)
    return unreadable(file, [{ ...START, path: [], message: 'It is nested too deep to be read.' }]);
  const problems: DefinitionProblem[] = document.errors.map((error) => ({
    ...at(error.pos[0]),
    path: [],
    message: error.code === 'DUPLICATE_KEY' ? 'This key is given twice. Keep one.' : error.message,
  }));
  if (problems.length > 0) return unreadable(file, problems);
  const converted = convert(document);
  if ('message' in converted) return unreadable(file, [{ ...START, path: [], message: converted.message }]);
  return {
    file,
    value: converted.value ?? null,
    problems: [],
    locate: (path, part = 'value') => at(offsetOf(document, path, part)),
  };
}

function unreadable(file: string, problems: readonly DefinitionProblem[]): DefinitionSource {
  return { file, value: undefined, problems, locate: () => START };
}

/** Undefined when the text nests deeper than the parser's stack allows. */
function parse(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, { lineCounter, merge: true, prettyErrors: false, stringKeys: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function convert(document: Document): { readonly value: unknown } | { readonly message: string } {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { message: `Its aliases can not be resolved: ${reason}. Write the repeated parts out.` };
  }
}

function offsetOf(document: Document, path: FilePath, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, key] of path.entries()) {
    const child = childOf(document, node, key);
    if (child === undefined) break;
    const isLast = depth === path.length - 1;
    const value = startOf(child.value);
    const wantsKey =
      value === undefined || (isLast ? part === 'key' || isCollection(child.value) : isCollection(child.value));
    offset = (wantsKey ? child.keyOffset : undefined) ?? value ?? offset;
    node = child.value;
  }
  return offset;
}

interface Child {
  readonly value: unknown;
  /** Where the key stands, for members of a map. */
  readonly keyOffset: number | undefined;
}

function childOf(document: Document, parent: unknown, key: string | number): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isMap(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && String(isScalar(item.key) ? item.key.value : item.key) === String(key),
    );
    return pair === undefined ? undefined : { value: pair.value, keyOffset: startOf(pair.key) };
  }
  if (isCollection(node) && typeof key === 'number') {
    const value = node.items[key];
    return value === undefined ? undefined : { value, keyOffset: undefined };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
