/** Refuses what tasks may not do with the server for the user who makes, changes or runs them. */
import type { AccessViolation } from '../access/task-access.ts';
import type { TreeId } from '@coppice/core';
import { refuse } from './answer.ts';
import type { Principal } from './caller.ts';
import type { Services } from './services.ts';

type AccessRefusal = ReturnType<typeof refuse>;

/** Violations that an answer lists. */
const LISTED_MAX = 100;

/** One refusal for all violations; undefined: there are none. */
export function refuseAccess(violations: readonly AccessViolation[]): AccessRefusal | undefined {
  const [first] = violations;
  if (first === undefined) return undefined;
  const more = violations.length === 1 ? '' : ` (and ${violations.length - 1} more)`;
  return refuse('auth/unauthorized', `${first.reason}${more}.`, {
    errors: violations.slice(0, LISTED_MAX).map(({ path, reason }) => ({ path, reason })),
    data: { hint: 'The guide page Security says what each role can reach, and how a configuration changes it.' },
  });
}

/** Refuses to run a stored tree whose tasks the user could not have submitted: whoever made it, it would act for who runs it. */
export async function refuseToRun(
  { engine, access }: Services,
  principal: Principal,
  treeId: TreeId,
): Promise<AccessRefusal | undefined> {
  if (!access.isLimited(principal)) return undefined;
  return refuseAccess(access.violations(principal, await engine.index.listTasks(treeId)));
}
