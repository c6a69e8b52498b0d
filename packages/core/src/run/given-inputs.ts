/** Inputs that are given when a run begins or is opened again. Each replaces the input of the tree with the same name. */
import type { Json, JsonObject } from '@coppice/extension';
import { refuse, type Outcome, type Violation } from '../errors/rejection.ts';
import { inputProblems, withDefaults, type DeclaredInputs } from '../task/declared-inputs.ts';
import { setOwn } from '../task/set-own.ts';
import type { RunState } from './state.ts';
import { createSuggest, didYouMean } from '../validate/suggestion.ts';

/** Most violations that an answer lists. */
const LISTED_MAX = 100;

/**
 * All inputs of the run; undefined: they stay as they are. A tree that declares no inputs accepts any, because trees that were stored
 * before inputs were checked did.
 */
export function givenInputs(
  { inputs: declared, declares }: Pick<RunState, 'inputs' | 'declares'>,
  given: JsonObject | undefined,
): Outcome<JsonObject | undefined> {
  if (declares?.inputs !== undefined) return declaredValues(declares.inputs, declared, given);
  if (given === undefined) return { ok: true, value: undefined };
  const names = Object.keys(given);
  const known = Object.keys(declared);
  const unknown = known.length === 0 ? [] : names.filter((name) => !Object.hasOwn(declared, name));
  if (unknown.length > 0) return refuseUnknown(unknown, known);
  const inputs: Record<string, Json> = {};
  for (const from of [declared, given]) for (const name of Object.keys(from)) setOwn(inputs, name, from[name] as Json);
  return { ok: true, value: inputs };
}

/** The values with what is given, when all that is required is there and everything fits. */
function declaredValues(
  declared: DeclaredInputs,
  former: JsonObject,
  given: JsonObject | undefined,
): Outcome<JsonObject | undefined> {
  const values = withDefaults(declared, { ...former, ...given });
  const problems = inputProblems(declared, values, { isComplete: true });
  if (problems.length === 0) return { ok: true, value: given === undefined ? undefined : values };
  const errors = problems.slice(0, LISTED_MAX).map(({ path, reason, expected, actual }): Violation => ({
    code: 'task/invalid-inputs',
    path: ['inputs', ...path],
    reason,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  }));
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return refuse('task/invalid-inputs', `The run can not begin: ${errors[0]?.reason ?? ''}${more}`, { errors });
}

function refuseUnknown(unknown: readonly string[], known: readonly string[]): Outcome<never> {
  const suggest = createSuggest(known);
  const errors = unknown.slice(0, LISTED_MAX).map((name): Violation => {
    const reason = `The tree declares no input '${name}'${didYouMean(suggest(name))}`;
    return { code: 'task/invalid-inputs', path: ['inputs', name], reason, expected: known.slice(0, 20).join(', ') };
  });
  const more = unknown.length > 1 ? ` (and ${unknown.length - 1} more)` : '';
  return refuse('task/invalid-inputs', `${errors[0]?.reason ?? ''}${more}`, { errors });
}
