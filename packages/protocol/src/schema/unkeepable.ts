/**
 * Values that nobody keeps as they are: text that is no Unicode (half a surrogate pair stands for no character, and two such texts
 * become the same where they are stored), and integers beyond 2^53, which every reader of JSON rounds.
 */
import type { ParamViolation } from './violations.ts';

/** Values that are named in one answer; the first is enough to find the cause. */
const NAMED_MAX = 100;

/** A value on the way, linked to what holds it: paths are written out only for what is found. */
interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly holder: Place | undefined;
}

/** Larger ones are written with an exponent, as whoever wrote them knows. */
const INTEGERS_BELOW = 1e21;

/** False for what JSON has no number for, and for integers that may have been another one before they were read. */
export function isExact(value: number): boolean {
  if (!Number.isInteger(value)) return Number.isFinite(value);
  return Number.isSafeInteger(value) || Math.abs(value) >= INTEGERS_BELOW;
}

/** Violations for all keys and texts of a JSON value that can not be kept, and for its numbers if asked for. Iterative: values may be nested deeply. */
export function unkeepableValues(value: unknown, what: 'texts' | 'texts and numbers'): readonly ParamViolation[] {
  const found: ParamViolation[] = [];
  const stack: Place[] = [{ value, key: '', holder: undefined }];
  for (let place = stack.pop(); place !== undefined && found.length < NAMED_MAX; place = stack.pop()) {
    const { value: here } = place;
    if (typeof here === 'string') {
      if (!here.isWellFormed()) found.push(violation(place, malformed('the text')));
    } else if (typeof here === 'number') {
      if (what !== 'texts' && !isExact(here))
        found.push(violation(place, `the number ${here} can not be kept exactly; write it as text`));
    } else if (typeof here === 'object' && here !== null) {
      push(stack, here, place);
      if (Array.isArray(here)) continue;
      for (const key of Object.keys(here)) {
        if (!key.isWellFormed()) found.push(violation({ value: undefined, key, holder: place }, malformed('the key')));
      }
    }
  }
  return found;
}

/** The first member is taken next. */
function push(stack: Place[], value: object, holder: Place): void {
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at] as string | number;
    const member = (value as Readonly<Record<string | number, unknown>>)[key];
    if (typeof member !== 'boolean') stack.push({ value: member, key, holder });
  }
}

function malformed(what: string): string {
  return `${what} is not well-formed Unicode: it holds half of a surrogate pair`;
}

function violation(place: Place, reason: string): ParamViolation {
  const path: (string | number)[] = [];
  for (let at = place; at.holder !== undefined; at = at.holder) {
    path.push(typeof at.key === 'string' ? at.key.toWellFormed() : at.key);
  }
  return { path: path.reverse(), reason };
}
