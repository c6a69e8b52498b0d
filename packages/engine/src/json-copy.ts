/** Copies values across the executor border, so that neither side can change what the other holds (R-SC-05), and refuses what is not JSON. */
import { setOwn, type Json } from '@coppice/core';

/** Nesting that a value may have. */
const DEPTH_MAX = 500;
/** Steps of a path that a message shows. */
const PATH_SHOWN_MAX = 20;

/** A deep copy; `mapText` changes every text in it, keys included. `undefined` in objects is left out, elsewhere null. Throws a TypeError that names the path of anything JSON can not carry. */
export function copyJson(value: unknown, mapText?: (text: string) => string): Json {
  if (value === undefined || value === null) return null;
  return copy(value, { mapText, path: [] });
}

interface Copying {
  readonly mapText: ((text: string) => string) | undefined;
  readonly path: (string | number)[];
}

function copy(value: unknown, copying: Copying): Json {
  switch (typeof value) {
    case 'string':
      return copying.mapText === undefined ? value : copying.mapText(value);
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : refuse(copying, `the number ${value}`);
    case 'object':
      return value === null ? null : copyObject(value, copying);
    case 'undefined':
      return null;
    default:
      return refuse(copying, `a ${typeof value}`);
  }
}

function copyObject(value: object, copying: Copying): Json {
  const { path } = copying;
  if (path.length > DEPTH_MAX)
    return refuse(copying, `a value nested deeper than ${DEPTH_MAX}, or one that holds itself`);
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      path.push(index);
      const copied = copy(item, copying);
      path.pop();
      return copied;
    });
  }
  const toJson = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJson === 'function') return copy(toJson.call(value), copying);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !isPlainFromElsewhere(prototype)) {
    return refuse(copying, `an instance of ${value.constructor.name}`);
  }
  const copied: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    path.push(key);
    setOwn(copied, copying.mapText === undefined ? key : copying.mapText(key), copy(item, copying));
    path.pop();
  }
  return copied;
}

/** Plain objects of another realm (a worker, a vm context) have another `Object.prototype`. */
function isPlainFromElsewhere(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null;
}

function refuse({ path }: Copying, what: string): never {
  const shown = path.length > PATH_SHOWN_MAX ? [...path.slice(0, PATH_SHOWN_MAX), '…'] : path;
  throw new TypeError(`${path.length === 0 ? 'the value' : shown.join('.')} is ${what}, which JSON can not carry`);
}
