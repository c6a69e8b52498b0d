/** The execution of a task as rows and answers show it. A value that does not exist (yet) is null. */
import type { TaskExecution } from '../ports/tree-index.ts';
import type { TaskFacts } from './facts.ts';

export function shownExecution(task: TaskFacts): TaskExecution {
  const { reason } = task;
  return {
    status: task.status,
    attempt: task.attempt,
    input: task.input ?? null,
    output: task.output,
    outputPort: task.port ?? null,
    cut: task.cut ?? null,
    error: task.error ?? null,
    reason: reason === undefined ? null : { code: reason.code, message: reason.message },
    dueAtMs: task.dueAtMs ?? null,
    readyAtMs: task.readyAtMs ?? null,
    startedAtMs: task.startedAtMs ?? null,
    endedAtMs: task.endedAtMs ?? null,
    progress: task.progress ?? null,
    progressMessage: task.progressMessage ?? null,
    reused: task.reused,
  };
}
