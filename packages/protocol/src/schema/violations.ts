/** Turns what zod found into violations as they travel: all of them, each with its path, a reason and what was there. */
import type * as z from 'zod';
import type { Json } from '../wire/json.ts';
import { UNKNOWN_FIELDS_SEPARATOR } from './strict.ts';

/** One thing that is wrong with the params, and where. */
export interface ParamViolation {
  /** Path into the params: `['tasks', 3, 'name']`; empty: the params themselves. */
  readonly path: readonly (string | number)[];
  /** For people: what is wrong and what to do. */
  readonly reason: string;
  readonly expected?: string;
  readonly actual?: Json;
}

type Issue = z.core.$ZodIssue;

/** Violations listed in one answer; the rest is only counted. */
export const VIOLATIONS_MAX = 1000;
/** Violations that are looked at: lists stop before, other params can not have more. */
const LOOKED_AT_MAX = 10 * VIOLATIONS_MAX;
/** Longest text that is shown back as `actual`. */
const SHOWN_TEXT_LENGTH_MAX = 200;

/** The violations behind a failed parse of `value`, in the order of the value: `VIOLATIONS_MAX`, and one that counts the rest. */
export function violationsOf(error: z.ZodError, value: unknown): readonly ParamViolation[] {
  const found: ParamViolation[] = [];
  for (const issue of error.issues) collect(issue, { value, prefix: [], found });
  return atMost(found);
}

/** The field that was probably meant by an unknown one, as its violation says. */
export function meantBy(reason: string): string | undefined {
  return /^unknown field ".*": did you mean "(.*)"\?$/.exec(reason)?.[1];
}

/** The first violations, and one that says how many more there are. */
export function atMost(found: readonly ParamViolation[]): readonly ParamViolation[] {
  if (found.length <= VIOLATIONS_MAX) return found;
  const left = found.length - VIOLATIONS_MAX;
  return [...found.slice(0, VIOLATIONS_MAX), violation([], `and ${left} more violations`, { here: undefined })];
}

interface Collection {
  readonly value: unknown;
  readonly prefix: readonly PropertyKey[];
  readonly found: ParamViolation[];
}

function collect(issue: Issue, at: Collection): void {
  if (at.found.length >= LOOKED_AT_MAX) return;
  const path = [...at.prefix, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const here = valueAt(at.value, path);
    const nearest = nearestOption(issue.errors);
    if (nearest === undefined || kindsOnly(issue.errors)) {
      at.found.push(violation(path, `expected ${kindsOf(issue.errors)}`, { expected: kindsOf(issue.errors), here }));
      return;
    }
    for (const inner of nearest) collect(inner, { ...at, prefix: path });
    return;
  }
  if (issue.code === 'unrecognized_keys') {
    const reasons = issue.message.split(UNKNOWN_FIELDS_SEPARATOR);
    for (const [index, reason] of reasons.entries()) {
      at.found.push(violation([...path, issue.keys[index] ?? ''], reason, { here: undefined }));
    }
    const left = issue.keys.length - reasons.length;
    if (left > 0) at.found.push(violation(path, `and ${left} more unknown fields`, { here: undefined }));
    return;
  }
  const here = valueAt(at.value, path);
  const expected = expectedBy(issue);
  at.found.push(violation(path, reasonOf(issue, here), expected === undefined ? { here } : { expected, here }));
}

function violation(
  path: readonly PropertyKey[],
  reason: string,
  more: { readonly expected?: string; readonly here: unknown },
): ParamViolation {
  const actual = shown(more.here);
  return {
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    reason,
    ...(more.expected === undefined ? {} : { expected: more.expected }),
    ...(actual === undefined ? {} : { actual }),
  };
}

/** The alternative that the caller most likely meant: right kind of value, then fewest wrong or missing fields on its own level. */
function nearestOption(options: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  let best: readonly Issue[] | undefined;
  let bestScore = Infinity;
  for (const option of options) {
    const score = option.reduce((sum, issue) => sum + distance(issue), 0);
    if (score < bestScore) {
      best = option;
      bestScore = score;
    }
  }
  return best;
}

function distance(issue: Issue): number {
  if (issue.path.length === 0) return issue.code === 'unrecognized_keys' ? issue.keys.length : 1000;
  return issue.path.length === 1 && issue.code === 'invalid_type' && issue.input === undefined ? 1 : 0.001;
}

/** True when no alternative even accepts this kind of value. */
function kindsOnly(options: readonly (readonly Issue[])[]): boolean {
  return options.every((option) => option.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'));
}

function kindsOf(options: readonly (readonly Issue[])[]): string {
  const kinds = options.flatMap((option) => option.map(expectedBy).filter((kind) => kind !== undefined));
  return [...new Set(kinds)].join(' or ');
}

function expectedBy(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return kindName(issue.expected);
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_big':
      return `at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'too_small':
      return `at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'datetime' ? 'ISO 8601 time' : issue.format;
    default:
      return undefined;
  }
}

function reasonOf(issue: Issue, here: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return here === undefined
        ? `required: ${kindName(issue.expected)}`
        : `expected ${kindName(issue.expected)}, got ${kindOf(here)}`;
    case 'invalid_value':
      return here === undefined ? `required: ${expectedBy(issue) ?? ''}` : `expected one of ${expectedBy(issue) ?? ''}`;
    case 'too_big':
    case 'too_small':
    case 'invalid_format':
      return `expected ${expectedBy(issue) ?? ''}`;
    default:
      return issue.message;
  }
}

function kindName(expected: string): string {
  if (expected === 'int') return 'integer';
  return expected === 'record' ? 'object' : expected;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here: unknown = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return here;
}

/** Short values are shown back; objects and arrays are not, because they may be large. */
function shown(value: unknown): Json | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  return value.length > SHOWN_TEXT_LENGTH_MAX ? `${value.slice(0, SHOWN_TEXT_LENGTH_MAX).toWellFormed()}…` : value;
}
