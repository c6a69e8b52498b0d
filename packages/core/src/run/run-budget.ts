/** The time budget of a whole run (R-TO-04). */
import type { TaskError } from '@coppice/extension';
import type { RunState } from './state.ts';

/** What a run fails with that has used up its budget. */
export function timedOut(run: RunState): TaskError {
  const budgetMs = budgetMsOf(run);
  const message = `The run of ${run.root.definition.name} used up its budget of ${budgetMs} ms. Raise runTimeoutMs, or retry from failure to go on`;
  return { code: 'timeout/run', message, retryable: false, data: { limit: 'run', limitMs: budgetMs } };
}

export function budgetMsOf({ policies, deadlineAtMs = 0, startedAtMs, createdAtMs }: RunState): number {
  return policies.runTimeoutMs ?? deadlineAtMs - (startedAtMs ?? createdAtMs);
}
