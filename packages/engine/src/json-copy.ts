/** Copies values between engine and executors, so that neither can change a value of the other (R-SC-05). Refuses values that are no JSON. */
import { setOwn, type Json, type JsonObject } from '@coppice/core';

/** Deepest nesting of a value. */
const DEPTH_MAX = 500;
/** Most steps of a path that a message shows. */
const PATH_SHOWN_MAX = 20;

type MapText = ((text: string) => string) | undefined;

/** Thrown for a value that JSON can not carry. The message names the path. */
export class NotJsonError extends TypeError {
  override readonly name = 'NotJsonError';
  readonly path: readonly (string | number)[];

  constructor(cause: NotJson) {
    const path = cause.path.reverse();
    const shown = path.length > PATH_SHOWN_MAX ? [...path.slice(0, PATH_SHOWN_MAX), '…'] : path;
    const where = path.length === 0 ? 'the value' : shown.join('.');
    super(`${where} is ${cause.message}, which JSON can not carry`, { cause });
    this.path = path;
  }
}

/** A deep copy; `mapText` changes every text in it, keys included. `undefined` in objects is left out, elsewhere null. Throws a NotJsonError for anything JSON can not carry. */
export function copyJson(value: unknown, mapText?: (text: string) => string): Json {
  try {
    return copy(value, mapText, 0);
  } catch (error) {
    throw error instanceof NotJson ? new NotJsonError(error) : error;
  }
}

/** True when a copy of the value would be the same as this copy, member by member in the same order. Says false where it can not be sure. */
export function isSameJson(copied: Json, value: unknown): boolean {
  if (typeof copied !== 'object' || copied === null) return Object.is(copied, value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(copied))
    return (
      Array.isArray(value) &&
      copied.length === value.length &&
      copied.every((item: Json, index) => isSameJson(item, value[index]))
    );
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  const members = copied as JsonObject;
  const names = Object.keys(members);
  let at = 0;
  for (const name in value) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (names[at++] !== name || !isSameJson(members[name] as Json, member)) return false;
  }
  return at === names.length;
}

/** Thrown where the value is found. Every level of the walk adds a step to the path. */
class NotJson extends Error {
  readonly path: (string | number)[] = [];
}

function copy(value: unknown, mapText: MapText, depth: number): Json {
  switch (typeof value) {
    case 'string':
      return copyText(value, mapText);
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotJson(`the number ${value}`);
    case 'object':
      return value === null ? null : copyObject(value, mapText, depth);
    case 'undefined':
      return null;
    default:
      throw new NotJson(`a ${typeof value}`);
  }
}

/** Refuses a text with half of a surrogate pair: two different texts of that kind would become equal in a store. */
function copyText(text: string, mapText: MapText): string {
  if (!text.isWellFormed()) throw new NotJson('a text that is not well-formed Unicode');
  return mapText === undefined ? text : mapText(text);
}

function copyObject(value: object, mapText: MapText, depth: number): Json {
  if (depth > DEPTH_MAX) throw new NotJson(`a value nested deeper than ${DEPTH_MAX}, or one that holds itself`);
  if (Array.isArray(value)) return value.map((item, index) => copyMember(item, index, { mapText, depth }));
  const toJson = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJson === 'function') return copy(toJson.call(value), mapText, depth + 1);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !isPlainFromElsewhere(prototype)) {
    throw new NotJson(`an instance of ${value.constructor.name}`);
  }
  const copied: Record<string, Json> = {};
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined || !Object.hasOwn(value, key)) continue;
    setOwn(copied, copyKey(key, mapText), copyMember(item, key, { mapText, depth }));
  }
  return copied;
}

function copyKey(key: string, mapText: MapText): string {
  try {
    return copyText(key, mapText);
  } catch (error) {
    if (error instanceof NotJson) error.path.push(key.toWellFormed());
    throw error;
  }
}

function copyMember(
  item: unknown,
  key: string | number,
  at: { readonly mapText: MapText; readonly depth: number },
): Json {
  try {
    return copy(item, at.mapText, at.depth + 1);
  } catch (error) {
    if (error instanceof NotJson) error.path.push(typeof key === 'string' ? key.toWellFormed() : key);
    throw error;
  }
}

/** Plain objects of another realm (a worker, a vm context) have another `Object.prototype`. */
function isPlainFromElsewhere(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null;
}
