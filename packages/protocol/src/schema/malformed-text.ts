/** Text that is no Unicode: half a surrogate pair stands for no character, and two such texts become the same where they are stored. */
import type { ParamViolation } from './violations.ts';

/** Malformed texts that are named in one answer; the first is enough to find the cause. */
const NAMED_MAX = 100;

/** A value on the way, linked to what holds it: paths are written out only for what is found. */
interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly holder: Place | undefined;
}

/** Violations for all keys and texts of a JSON value that are not well-formed. Iterative: values may be nested deeply. */
export function malformedTexts(value: unknown): readonly ParamViolation[] {
  const found: ParamViolation[] = [];
  const stack: Place[] = [{ value, key: '', holder: undefined }];
  for (let place = stack.pop(); place !== undefined && found.length < NAMED_MAX; place = stack.pop()) {
    const { value: here } = place;
    if (typeof here === 'string') {
      if (!here.isWellFormed()) found.push(violation(place, 'the text'));
    } else if (typeof here === 'object' && here !== null) {
      push(stack, here, place);
      if (Array.isArray(here)) continue;
      for (const key of Object.keys(here)) {
        if (!key.isWellFormed()) found.push(violation({ value: undefined, key, holder: place }, 'the key'));
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
    if (typeof member === 'string' || typeof member === 'object') stack.push({ value: member, key, holder });
  }
}

function violation(place: Place, what: string): ParamViolation {
  const path: (string | number)[] = [];
  for (let at = place; at.holder !== undefined; at = at.holder) {
    path.push(typeof at.key === 'string' ? at.key.toWellFormed() : at.key);
  }
  return { path: path.reverse(), reason: `${what} is not well-formed Unicode: it holds half of a surrogate pair` };
}
