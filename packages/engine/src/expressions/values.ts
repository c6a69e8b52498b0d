/**
 * Equality, order, and the way back to JSON (R-RO-03, R-RO-06). A property that is missing is `undefined` here: it equals null
 * and is in no order with anything. Text that is written like a number compares with numbers; all other mixes are unequal.
 */
import { setOwn, type Json } from '@coppice/core';
import { ExpressionError, isMap } from './expression-error.ts';
import type { Meter } from './meter.ts';

/** Deepest nesting of values that are compared or produced. JSON from outside has the same limit. */
const DEPTH_MAX = 500;

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
/** Longest text that is read as a number. */
const NUMBER_LENGTH_MAX = 400;

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** The number that a text is written like; undefined: the text is no number. */
export function numberIn(text: string): number | undefined {
  return text.length <= NUMBER_LENGTH_MAX && NUMBER.test(text) ? Number(text) : undefined;
}

export function isEqual(a: unknown, b: unknown, meter: Meter): boolean {
  return equalAt(a, b, { meter, depth: 0 });
}

interface Place {
  readonly meter: Meter;
  readonly depth: number;
}

function equalAt(a: unknown, b: unknown, at: Place): boolean {
  at.meter.steps(1);
  if (a === b) return true;
  if ((a ?? null) === null || (b ?? null) === null) return (a ?? null) === (b ?? null);
  if (typeof a === 'string') return textEquals(a, b, at.meter);
  if (typeof b === 'string') return textEquals(b, a, at.meter);
  // eslint-disable-next-line eqeqeq -- A bigint never equals a number strictly.
  if (isNumber(a) && isNumber(b)) return a == b;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return objectEquals(a as object, b as object, at);
}

function textEquals(text: string, other: unknown, meter: Meter): boolean {
  if (typeof other === 'string') {
    if (text.length === other.length) meter.scan(text.length);
    return text === other;
  }
  // eslint-disable-next-line eqeqeq -- A bigint never equals a number strictly.
  return isNumber(other) && numberIn(text) == other;
}

function objectEquals(a: object, b: object, { meter, depth }: Place): boolean {
  if (depth > DEPTH_MAX) throw new ExpressionError(`it compares values that are nested deeper than ${DEPTH_MAX}`);
  const below = { meter, depth: depth + 1 };
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => equalAt(item, b[at], below));
  if (!isMap(a) || !isMap(b)) return foreignEquals(a, b, meter);
  const keys = Object.keys(a);
  meter.keys(keys.length);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalAt(a[key], b[key], below))
  );
}

/** Compares timestamps, durations, types and bytes: equal when class and text are equal. */
function foreignEquals(a: object, b: object, meter: Meter): boolean {
  if (ArrayBuffer.isView(a)) meter.steps(a.byteLength);
  return a.constructor === b.constructor && written(a) === written(b);
}

/** Text of an object of the library, as CEL writes it. */
function written(value: { toString(): string }): string {
  return value.toString();
}

/** Compares two values: less than 0, 0, or more than 0. Undefined: one of them is null. `false`: they can not be compared. */
export function order(a: unknown, b: unknown): number | undefined | false {
  if ((a ?? null) === null || (b ?? null) === null) return undefined;
  if (isNumber(a) && isNumber(b)) return compare(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compare(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return compare(Number(a), Number(b));
  if (typeof a === 'string' && isNumber(b)) return withNumber(a, (number) => compare(number, b));
  if (isNumber(a) && typeof b === 'string') return withNumber(b, (number) => compare(a, number));
  if (typeof a === 'object' && typeof b === 'object' && isOrdered(a, b)) return compare(Number(a), Number(b));
  return false;
}

function withNumber(text: string, use: (number: number) => number | undefined): number | undefined | false {
  const number = numberIn(text);
  return number === undefined ? false : use(number);
}

function compare<T extends number | bigint | string>(a: T, b: T): number | undefined {
  if (a < b) return -1;
  return a > b ? 1 : Number.isNaN(a) || Number.isNaN(b) ? undefined : 0;
}

/** Timestamps and durations: of one class, with a value that is a number. */
function isOrdered(a: object | null, b: object | null): boolean {
  if (a === null || b === null || Array.isArray(a) || isMap(a) || ArrayBuffer.isView(a)) return false;
  return a.constructor === b.constructor && !Number.isNaN(Number(a));
}

/** Returns the value as JSON. Values of the scope are shared, not copied. Throws for a value that JSON can not carry. */
export function toJson(value: unknown, meter: Meter): Json {
  return jsonAt(value, { meter, depth: 0 });
}

function jsonAt(value: unknown, at: Place): Json {
  at.meter.steps(1);
  switch (typeof value) {
    case 'bigint':
      if (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
      throw new ExpressionError(`the integer ${value} is too large for JSON`);
    case 'string':
      at.meter.produce(value.length);
      if (isWellFormed(value)) return value;
      throw new ExpressionError('the result holds half of a character: text was cut inside one');
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new ExpressionError(`the result is ${value}, which JSON can not carry`);
    case 'object':
      return value === null ? null : objectToJson(value, at);
    default:
      throw new ExpressionError('the result holds a value that is missing');
  }
}

/** Half of a character (a lone surrogate) can neither be stored nor sent. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function objectToJson(value: object, { meter, depth }: Place): Json {
  if (depth > DEPTH_MAX) throw new ExpressionError(`the result is nested deeper than ${DEPTH_MAX}`);
  const below = { meter, depth: depth + 1 };
  if (Array.isArray(value)) {
    meter.produceItems(value.length);
    const items = value.map((item) => jsonAt(item, below));
    return items.every((item, at) => item === value[at]) ? (value as Json[]) : items;
  }
  if (value instanceof Date) return value.toISOString();
  if (isMap(value)) return mapToJson(value, below);
  const text = written(value);
  if (/^-?[\d.]+s$/.test(text)) return text;
  throw new ExpressionError(
    'the result is neither JSON nor a time; bytes become text by string(), base64() or hex(), types by no function',
  );
}

function mapToJson(value: Readonly<Record<string, unknown>>, at: Place): Json {
  const keys = Object.keys(value);
  at.meter.produceItems(keys.length);
  // Each key is read twice: for the look-up and for the copy.
  at.meter.keys(keys.length * 2);
  const copied: Record<string, Json> = {};
  let isSame = true;
  for (const key of keys) {
    const item = value[key];
    const json = jsonAt(item, at);
    at.meter.produce(key.length);
    isSame &&= json === item;
    setOwn(copied, key, json);
  }
  return isSame && Object.getPrototypeOf(value) === Object.prototype ? (value as Json) : copied;
}
