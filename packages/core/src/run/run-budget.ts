/** What runs fail with that end before their tasks have: their time is over (R-TO-04), or a task has ended them (R-RT-06). */
import type { TaskError } from '@coppice/extension';
import type { RunState, TaskState } from './state.ts';

/** What a run fails with that has used up its budget. */
export function timedOut(run: RunState): TaskError {
  const budgetMs = budgetMsOf(run);
  const message = `The run of ${run.root.definition.name} used up its budget of ${budgetMs} ms. Raise runTimeoutMs, or retry from failure to go on`;
  return { code: 'timeout/run', message, retryable: false, data: { limit: 'run', limitMs: budgetMs } };
}

export function budgetMsOf({ policies, deadlineAtMs = 0, startedAtMs, createdAtMs }: RunState): number {
  return policies.runTimeoutMs ?? deadlineAtMs - (startedAtMs ?? createdAtMs);
}

/** What a run fails with that a task has ended. */
export function runEndedBy({ id, definition }: TaskState, error: TaskError): TaskError {
  return {
    code: 'run/fatal',
    message: `${definition.name} (${id}) ended the run: ${error.message}. Mend the cause, then retry from failure`,
    retryable: false,
    data: { taskId: id },
    cause: error,
  };
}
