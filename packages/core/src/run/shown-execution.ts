/** The execution of a task as rows and answers show it. A value that does not exist (yet) is null. */
import type { TaskExecution } from '../ports/tree-index.ts';
import type { TaskFacts } from './facts.ts';

export function shownExecution(task: TaskFacts): TaskExecution {
  const { rare } = task;
  const reason = rare?.reason;
  return {
    status: task.status,
    attempt: task.attempt,
    input: task.input ?? null,
    output: task.output,
    outputPort: rare?.port ?? null,
    cut: rare?.cut ?? null,
    error: rare?.error ?? null,
    reason: reason === undefined ? null : { code: reason.code, message: reason.message },
    dueAtMs: rare?.dueAtMs ?? null,
    readyAtMs: task.readyAtMs ?? null,
    startedAtMs: task.startedAtMs ?? null,
    endedAtMs: task.endedAtMs ?? null,
    progress: rare?.progress ?? null,
    progressMessage: rare?.progressMessage ?? null,
    reused: rare?.reused ?? false,
  };
}
