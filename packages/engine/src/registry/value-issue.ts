/** Violations of a schema by a value, and the result of a check. */
import type { Json } from '@coppice/core';

/** One violation of a schema. */
export interface ValueIssue {
  /** From the checked value: `['headers', 'accept']`, `['args', 0]`; empty for the value itself. */
  readonly path: readonly (string | number)[];
  /** For people: what is wrong and, where it can be told, what to do. */
  readonly reason: string;
  /** The expected value: `string`, `one of "a", "b"`, `>= 0`. */
  readonly expected?: string;
  /** The value found there: itself when it is a scalar, else the word `array` or `object`. Absent when nothing is there. */
  readonly actual?: Json;
}

/** A value that satisfies the schema (which may have changed it), or all its violations. */
export type CheckResult =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly issues: readonly ValueIssue[] };

const scalarLengthMax = 200;

/** The form in which a found value is told: short, and never a whole document. */
export function describeActual(value: unknown): Json {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string')
    return value.length > scalarLengthMax ? `${value.slice(0, scalarLengthMax).toWellFormed()}…` : value;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value;
}
