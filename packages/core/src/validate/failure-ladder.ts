/** What a task says of its own failure and of that of its group: its fallback, and how it is undone. Most tasks say nothing. */
import type { TaskSubmission } from '../task/submission.ts';
import { checkFallbackOfBreaker } from './breaker.ts';
import { checkCompensated } from './compensation.ts';
import { checkFallback } from './fallback.ts';
import type { FieldsContext } from './fields.ts';
import { siteOf, type Site } from './report.ts';

/** `parents`: position of each task's parent, -1: none. */
export function checkFailureLadder(
  tree: { readonly tasks: readonly TaskSubmission[]; readonly parents: ArrayLike<number> },
  position: number,
  around: { readonly site: () => Site; readonly context: FieldsContext },
): void {
  const task = tree.tasks[position] as TaskSubmission;
  if (task.fallback !== undefined) checkFallback(task, siteOf(around.site(), 'fallback'), around.context);
  if (task.policies?.breaker !== undefined) checkFallbackOfBreaker(task, around.site);
  if (task.compensate !== undefined) checkCompensated(tree, position, around);
}
