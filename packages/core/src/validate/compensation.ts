/** What is checked of a compensation: its executor, its inputs, its policies, and that there is a group that could fail. */
import { isGroup } from '../task/kind.ts';
import type { TaskSubmission } from '../task/submission.ts';
import type { Compensation } from '../task/task.ts';
import { COMPENSATION_SCOPE } from './expression-scopes.ts';
import { checkTemplates } from './expressions.ts';
import { checkOtherWork, type FieldsContext } from './fields.ts';
import { siteOf, violate, type Site } from './report.ts';

function checkCompensation(compensate: Compensation, site: Site, context: FieldsContext): void {
  const { inputs = {}, policies } = compensate;
  checkOtherWork(compensate, site, context);
  checkTemplates(inputs, siteOf(site, 'inputs'), { facts: context.facts, refs: () => [], scope: COMPENSATION_SCOPE });
  for (const name of ['idempotencyKey', 'onFailure', 'concurrency', 'compensation'] as const) {
    if (policies?.[name] === undefined) continue;
    violate(siteOf(site, 'policies', name), 'tree/invalid', {
      what: `has ${name} in the policies of its compensation, where it means nothing`,
      expected: 'retry and time limits; the key is that of the task and /compensate',
    });
  }
}

/** Checks how a task is undone, and that a group is around it that could fail: nothing else would ask for it. `parents`: -1: none. */
export function checkCompensated(
  { tasks, parents }: { readonly tasks: readonly TaskSubmission[]; readonly parents: ArrayLike<number> },
  position: number,
  { site, context }: { readonly site: () => Site; readonly context: FieldsContext },
): void {
  const place = siteOf(site(), 'compensate');
  checkCompensation(tasks[position]?.compensate as Compensation, place, context);
  for (let at = parents[position] as number; at >= 0; at = parents[at] as number)
    if (isGroup(tasks[at] as TaskSubmission)) return;
  violate(place, 'tree/invalid', {
    what: 'says how it is compensated, but no group is around it that could fail',
    expected: 'compensate on a member of a group',
  });
}
