/** Checks built params against the protocol's own schema of `tasks.create`, so that a file is judged by the same rules as a call. */
import { malformedTexts, methods, violationsOf } from '@coppice/protocol';
import type { Params } from '@coppice/protocol';
import type { PathViolation } from './definition.ts';

/** What `tasks.create` accepts. */
export type SubmissionParams = Params<'tasks.create'>;

/** `rest`: the params without what is malformed; absent when that can not be submitted either. */
export type SubmissionCheck =
  | { readonly ok: true; readonly params: SubmissionParams }
  | { readonly ok: false; readonly violations: readonly PathViolation[]; readonly rest?: SubmissionParams };

/** All violations that can be found without the server. */
export function checkSubmission(params: unknown): SubmissionCheck {
  const parsed = methods['tasks.create'].params.safeParse(params);
  const malformed = malformedTexts(params);
  if (parsed.success && malformed.length === 0) return { ok: true, params: parsed.data };
  const violations = [...malformed, ...(parsed.success ? [] : violationsOf(parsed.error, params))];
  const rest = methods['tasks.create'].params.safeParse(without(params, violations));
  return { ok: false, violations: violations.map(located), ...(rest.success ? { rest: rest.data } : {}) };
}

/** A copy of the params that lacks the fields the violations point at. */
function without(params: unknown, violations: readonly PathViolation[]): unknown {
  const copy = structuredClone(params);
  for (const { path } of violations) {
    let holder: unknown = copy;
    for (const part of path.slice(0, -1)) holder = isObject(holder) ? holder[part] : undefined;
    const field = path.at(-1);
    if (isObject(holder) && !Array.isArray(holder) && typeof field === 'string') delete holder[field];
  }
  return copy;
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

/** An unknown field is shown at its key; of the others the field is named, because the reasons of a schema do not. */
function located(violation: PathViolation): PathViolation {
  const field = violation.path.at(-1);
  if (typeof field !== 'string') return violation;
  if (violation.reason.startsWith('unknown field')) return { ...violation, part: 'key' };
  return { ...violation, reason: `${field}: ${violation.reason}` };
}
