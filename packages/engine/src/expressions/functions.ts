/**
 * Functions and methods that expressions may call. Coppice implements those that read whole texts, lists or maps, so that their cost is
 * counted before it is spent. Conversions, times and bytes come from the library.
 */
import { functionKey, libraryApply, libraryFunctions, type Apply } from './cel-library.ts';
import { ExpressionError, isMap, nameOf } from './expression-error.ts';
import type { Meter } from './meter.ts';
import { compilePattern } from './regular-expression.ts';

/** Thrown when a function can not use the given values. */
export class NoFit extends Error {
  override readonly name = 'NoFit';
}

type FunctionTable = Readonly<Record<string, readonly [counts: readonly number[], apply: Apply]>>;

/** Methods by name: the numbers of values that they take (the value before the dot included), and their code. */
const METHODS: FunctionTable = {
  size: [[1], ([value], meter) => sizeOf(value, meter)],
  contains: [[2], onTexts(contains)],
  startsWith: [[2], onTexts(startsWith)],
  endsWith: [[2], onTexts(endsWith)],
  matches: [[2], onTexts(matches)],
  lower: [[1], onText((text) => text.toLowerCase())],
  upper: [[1], onText((text) => text.toUpperCase())],
  lowerAscii: [[1], onText((text) => text.toLowerCase())],
  upperAscii: [[1], onText((text) => text.toUpperCase())],
  trim: [[1], onText((text) => text.trim())],
  substring: [[2, 3], substring],
  indexOf: [[2, 3], (values, meter) => indexOf(values, meter, false)],
  lastIndexOf: [[2, 3], (values, meter) => indexOf(values, meter, true)],
  replace: [[3], replace],
  split: [[2, 3], split],
  join: [[1, 2], join],
};

const FUNCTIONS: FunctionTable = {
  size: [[1], ([value], meter) => sizeOf(value, meter)],
  dyn: [[1], ([value]) => value],
  bytes: [[1], onText((text) => Buffer.from(text))],
  string: [
    [1],
    ([value], meter) => (typeof value === 'string' ? value : onScalars(libraryApply('string(a)'))([value], meter)),
  ],
  type: [[1], ([value], meter) => libraryApply('type(a)')([sample(value)], meter)],
};

/** Macros: their arguments are not values, so the compiler makes them. */
export const MACRO_NAMES: readonly string[] = ['has', 'all', 'exists', 'exists_one', 'map', 'filter'];

const library = libraryFunctions();

/** Finds a function or method that takes `count` values. Undefined: the name is unknown. A list: it takes these numbers of values. */
export function findFunction(name: string, isMethod: boolean, count: number): Apply | readonly number[] | undefined {
  const table = isMethod ? METHODS : FUNCTIONS;
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found[0].includes(count) ? found[1] : found[0];
  const counts = library.get(functionKey(name, isMethod));
  if (counts === undefined) return undefined;
  if (!counts.has(count)) return [...counts];
  return onScalars(libraryApply(written(name, isMethod, count)));
}

function written(name: string, isMethod: boolean, count: number): string {
  const values = ['a', 'b', 'c'].slice(0, count);
  return isMethod ? `a.${name}(${values.slice(1).join(', ')})` : `${name}(${values.join(', ')})`;
}

/** All names, for suggestions. */
export function functionNames(isMethod: boolean): readonly string[] {
  const names = [...library.keys()]
    .filter((key) => key.startsWith('.') === isMethod)
    .map((key) => key.replace('.', ''));
  return [...new Set([...names, ...Object.keys(isMethod ? METHODS : FUNCTIONS)])];
}

/** Passes no maps to the library: it reads the kind of a value from `constructor`, which may be a key of the data. */
function onScalars(apply: Apply): Apply {
  return (values, meter) => {
    for (const value of values)
      if ((value ?? null) === null || Array.isArray(value) || isMap(value)) throw new NoFit(nameOf(value));
    return apply(values, meter);
  };
}

/** Returns an empty value of the same kind, for `type`. */
function sample(value: unknown): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return [];
  return isMap(value) ? {} : typeof value === 'string' ? '' : value;
}

function onText(apply: (text: string) => unknown): Apply {
  return ([text], meter) => {
    if (typeof text !== 'string') throw new NoFit();
    meter.scan(text.length);
    meter.produce(text.length);
    return apply(text);
  };
}

function onTexts(apply: (text: string, other: string, meter: Meter) => unknown): Apply {
  return ([text, other], meter) => {
    if (typeof text !== 'string' || typeof other !== 'string') throw new NoFit();
    return apply(text, other, meter);
  };
}

/** Counts a search. In the worst case it reads each character of the text once for each character of the part. */
function scanFor(part: string, text: string, meter: Meter): void {
  meter.scan(text.length, Math.min(part.length, text.length) + 1);
}

function contains(text: string, part: string, meter: Meter): boolean {
  scanFor(part, text, meter);
  return text.includes(part);
}

function startsWith(text: string, part: string, meter: Meter): boolean {
  meter.scan(part.length);
  return text.startsWith(part);
}

function endsWith(text: string, part: string, meter: Meter): boolean {
  meter.scan(part.length);
  return text.endsWith(part);
}

function matches(text: string, pattern: string, meter: Meter): boolean {
  const compiled = compilePattern(pattern);
  meter.steps(compiled.steps);
  return compiled.isIn(text, meter);
}

/** Size of a value. The size of a text is its number of characters, as people count them. */
function sizeOf(value: unknown, meter: Meter): bigint {
  if (typeof value === 'string') {
    meter.steps(value.length / 8);
    let size = 0;
    for (let at = 0; at < value.length; at++) if ((value.charCodeAt(at) & 0xfc00) !== 0xdc00) size++;
    return BigInt(size);
  }
  if (Array.isArray(value)) return BigInt(value.length);
  if (value instanceof Uint8Array) return BigInt(value.length);
  if (!isMap(value)) throw new NoFit();
  const { length } = Object.keys(value);
  meter.steps(length);
  return BigInt(length);
}

/** Returns a position in a text. Throws unless it is a whole number from 0 to `end`. */
function position(value: unknown, end: number): number {
  const at = typeof value === 'bigint' ? Number(value) : value;
  if (typeof at !== 'number' || !Number.isInteger(at)) throw new NoFit();
  if (at < 0 || at > end)
    throw new ExpressionError(`position ${at} is outside of the text, which has ${end} characters`);
  return at;
}

function substring([text, from, to]: readonly unknown[], meter: Meter): string {
  if (typeof text !== 'string') throw new NoFit();
  const start = position(from, text.length);
  const end = to === undefined ? text.length : position(to, text.length);
  if (end < start) throw new ExpressionError(`position ${end} is before ${start}`);
  meter.produce(end - start);
  return text.slice(start, end);
}

function indexOf([text, part, from]: readonly unknown[], meter: Meter, last: boolean): bigint {
  if (typeof text !== 'string' || typeof part !== 'string') throw new NoFit();
  const start = from === undefined ? undefined : position(from, text.length);
  scanFor(part, text, meter);
  return BigInt(last ? text.lastIndexOf(part, start ?? Infinity) : text.indexOf(part, start));
}

function replace([text, part, by]: readonly unknown[], meter: Meter): string {
  if (typeof text !== 'string' || typeof part !== 'string' || typeof by !== 'string') throw new NoFit();
  const places = countOf(text, part, meter);
  meter.produce(text.length + places * by.length);
  return text.replaceAll(part, () => by);
}

function countOf(text: string, part: string, meter: Meter): number {
  scanFor(part, text, meter);
  if (part === '') {
    meter.steps(text.length);
    return text.length + 1;
  }
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  meter.steps(count);
  return count;
}

function split([text, separator, most]: readonly unknown[], meter: Meter): readonly string[] {
  if (typeof text !== 'string' || typeof separator !== 'string') throw new NoFit();
  if (most !== undefined && typeof most !== 'bigint' && typeof most !== 'number') throw new NoFit();
  const places = countOf(text, separator, meter);
  meter.produceItems(places + 1);
  meter.produce(text.length);
  const parts = text.split(separator);
  const limit = Number(most ?? -1);
  if (limit === 0) return [];
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function join([list, separator = '']: readonly unknown[], meter: Meter): string {
  if (!Array.isArray(list) || typeof separator !== 'string') throw new NoFit();
  meter.steps(list.length);
  for (const item of list as readonly unknown[]) {
    if (typeof item !== 'string')
      throw new ExpressionError(`join() needs a list of texts, and an item is ${nameOf(item)}`);
    meter.produce(item.length + separator.length);
  }
  return list.join(separator);
}
