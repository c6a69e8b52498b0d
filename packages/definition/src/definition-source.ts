/**
 * A definition file as text with positions: parses YAML or JSON (a part of YAML) and finds the place of any path.
 * Limits: depth (`NESTING_MAX`), and the number of aliases (a few lines of aliases can stand for gigabytes).
 */
import { isExact } from '@coppice/protocol';
import { isAlias, isCollection, isMap, isNode, isPair, isScalar, LineCounter } from 'yaml';
import type { Document, Node, Scalar, YAMLError } from 'yaml';
import { NESTING_MAX, parseYaml } from './yaml-document.ts';

/** A path into the file: keys and indexes. */
export type FilePath = readonly (string | number)[];

/** A place in a file, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a definition file, at its place. */
export interface DefinitionProblem extends Position {
  /** As shown to people; a definition may be made of several files. */
  readonly file: string;
  readonly path: FilePath;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A parsed file. `value` is undefined exactly if it could not be parsed; `problems` then say why. */
export interface DefinitionSource {
  /** As shown to people. */
  readonly file: string;
  readonly value: unknown;
  /** Beside a value: numbers that it could not take over exactly. */
  readonly problems: readonly DefinitionProblem[];
  /** Position of what the path names, or of the nearest enclosing thing that exists. `key`: prefer the key to the value. */
  locate(path: FilePath, part?: 'key' | 'value'): Position;
}

/** How many nodes aliases may stand for, in relation to their anchors. */
const MAX_ALIASES = 1000;
const START: Position = { line: 1, column: 1 };
const TOO_DEEP = `It nests deeper than ${NESTING_MAX} levels, which is as deep as files are read. Write the tasks as a flat list, with "parentId".`;
const SEVERAL = 'A second document begins here, and a definition is one. Put it into a file of its own.';
const NO_TEXT = 'This is no text: it holds a NUL character. Save the file as UTF-8.';

/** Parses a definition's text. Never throws. */
export function parseDefinitionSource(text: string, file: string): DefinitionSource {
  const lineCounter = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (text.includes('\0')) return unreadable(file, [{ ...START, message: NO_TEXT }]);
  const parsed = parseYaml(text, lineCounter);
  if (parsed === undefined) return unreadable(file, [{ ...START, message: TOO_DEEP }]);
  const { document, secondAt } = parsed;
  const faults = document.errors.map((error) => ({ ...at(error.pos[0]), message: inOurWords(error, text) }));
  if (secondAt !== undefined) faults.push({ ...at(secondAt), message: SEVERAL });
  if (faults.length > 0) return unreadable(file, faults);
  const converted = convert(document);
  if ('message' in converted) return unreadable(file, [{ ...START, message: converted.message }]);
  return {
    file,
    value: converted.value ?? null,
    problems: inexactNumbers(document).map(({ offset, ...problem }) => ({ file, ...at(offset), ...problem })),
    locate: (path, part = 'value') => at(offsetOf(document, path, part)),
  };
}

function unreadable(file: string, faults: readonly (Position & { readonly message: string })[]): DefinitionSource {
  const problems = faults.map((fault) => ({ file, path: [], ...fault }));
  return { file, value: undefined, problems, locate: () => START };
}

/** What people meet most is said in our words. */
function inOurWords({ code, message, pos }: YAMLError, text: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'This key is given twice. Keep one.';
    case 'TAB_AS_INDENT':
      return 'A tab indents this line. YAML is indented with blanks only.';
    case 'BAD_DQ_ESCAPE': {
      const escape = /^\\[xuU]?./.exec(text.slice(pos[0]))?.[0] ?? 'this one';
      return `In double quotes a backslash begins an escape, and ${escape} is none. Use single quotes, or write the backslash twice.`;
    }
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    default:
      return message;
  }
}

function convert(document: Document): { readonly value: unknown } | { readonly message: string } {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    if (error instanceof RangeError) return { message: TOO_DEEP };
    const reason = error instanceof Error ? error.message : String(error);
    return { message: `Its aliases can not be resolved: ${reason}. Write the repeated parts out.` };
  }
}

interface NumberProblem {
  readonly offset: number;
  readonly path: FilePath;
  readonly message: string;
}

/** A node on the way, linked to what holds it: paths are written out only for what is found. */
interface Place {
  readonly node: unknown;
  readonly key: string | number;
  readonly holder: Place | undefined;
}

/** Integers beyond 2^53, which readers of JSON round, and what is no number there. In the order of the file. */
function inexactNumbers(document: Document): readonly NumberProblem[] {
  const found: NumberProblem[] = [];
  const stack: Place[] = [{ node: document.contents, key: '', holder: undefined }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { node } = place;
    if (isScalar(node) && typeof node.value === 'number') {
      const message = inexactness(node as Scalar<number>);
      if (message !== undefined) found.push({ offset: startOf(node) ?? 0, path: pathOf(place), message });
    } else if (isCollection(node)) {
      for (const [index, item] of [...node.items.entries()].toReversed()) {
        if (isPair(item)) stack.push({ node: item.value, key: keyOf(item.key), holder: place });
        else stack.push({ node: item, key: index, holder: place });
      }
    }
  }
  return found;
}

/** By its value, as the server sees it: in any notation. */
function inexactness({ value, source }: Scalar<number>): string | undefined {
  const written = source ?? String(value);
  if (!Number.isFinite(value)) return `${written} is no number that can be kept. Write it as text: "${written}".`;
  if (isExact(value)) return undefined;
  return `${written} can not be kept exactly as a number. Write it as text: "${written}".`;
}

function pathOf(place: Place): FilePath {
  const path: (string | number)[] = [];
  for (let at = place; at.holder !== undefined; at = at.holder) path.push(at.key);
  return path.reverse();
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
    const pair = node.items.find((item) => isPair(item) && keyOf(item.key) === String(key));
    return pair === undefined ? undefined : { value: pair.value, keyOffset: startOf(pair.key) };
  }
  if (isCollection(node) && typeof key === 'number') {
    const value = node.items[key];
    return value === undefined ? undefined : { value, keyOffset: undefined };
  }
  return undefined;
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
