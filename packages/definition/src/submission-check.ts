/** Checks built params against the protocol's own schema of `tasks.create`, so that a file is judged by the same rules as a call. */
import { methods, salvage, unkeepableValues, violationsOf } from '@coppice/protocol';
import type { Params, Salvage } from '@coppice/protocol';
import type { PathViolation } from './definition.ts';

/** What `tasks.create` accepts. */
export type SubmissionParams = Params<'tasks.create'>;

/** `rest`: what can be understood of malformed params; absent when nothing can be made of them. */
export type SubmissionCheck =
  | { readonly ok: true; readonly params: SubmissionParams }
  | {
      readonly ok: false;
      readonly violations: readonly PathViolation[];
      readonly rest?: Salvage<SubmissionParams> | undefined;
    };

/** All violations that can be found without the server. */
export function checkSubmission(params: unknown): SubmissionCheck {
  const schema = methods['tasks.create'].params;
  const parsed = schema.safeParse(params);
  const unkeepable = unkeepableValues(params, 'texts and numbers');
  if (parsed.success && unkeepable.length === 0) return { ok: true, params: parsed.data };
  const violations = [...unkeepable, ...(parsed.success ? [] : violationsOf(parsed.error, params))];
  return { ok: false, violations: violations.map(located), rest: salvage(schema, params, violations) };
}

/** An unknown field is shown at its key; of the others the field is named, because the reasons of a schema do not. */
function located(violation: PathViolation): PathViolation {
  const field = violation.path.at(-1);
  if (typeof field !== 'string') return violation;
  if (violation.reason.startsWith('unknown field')) return { ...violation, part: 'key' };
  return { ...violation, reason: `${field}: ${violation.reason}` };
}
