/** Checks built params against the protocol's own schema of `tasks.create`, so that a file is judged by the same rules as a call. */
import { methods, violationsOf } from '@coppice/protocol';
import type { Params } from '@coppice/protocol';
import type { PathViolation } from './definition.ts';

/** What `tasks.create` accepts. */
export type SubmissionParams = Params<'tasks.create'>;

export type SubmissionCheck =
  | { readonly ok: true; readonly params: SubmissionParams }
  | { readonly ok: false; readonly violations: readonly PathViolation[] };

/** All violations that can be found without the server. */
export function checkSubmission(params: unknown): SubmissionCheck {
  const parsed = methods['tasks.create'].params.safeParse(params);
  if (parsed.success) return { ok: true, params: parsed.data };
  return { ok: false, violations: violationsOf(parsed.error, params).map(located) };
}

/** An unknown field is shown at its key; of the others the field is named, because the reasons of a schema do not. */
function located(violation: PathViolation): PathViolation {
  const field = violation.path.at(-1);
  if (typeof field !== 'string') return violation;
  if (violation.reason.startsWith('unknown field')) return { ...violation, part: 'key' };
  return { ...violation, reason: `${field}: ${violation.reason}` };
}
