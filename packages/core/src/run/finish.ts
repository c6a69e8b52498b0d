/** The end of a run: completion, failure with all unhandled failures (R-ER-02), cancellation, and the detection of no progress (R-SC-17). */
import { isRunTerminal, isTerminal } from '../task/status.ts';
import type { TaskError } from '../errors/task-error.ts';
import { emit, type Draft } from './draft.ts';
import type { FailureSummary } from './event.ts';
import type { RunState, TaskState } from './state.ts';

/** Failures listed in a run's terminal event. */
const FAILURES_LISTED_MAX = 1_000;

/** All members of the run's scope have ended: so has the run. */
export function finishRun(draft: Draft): void {
  const { run, ending } = draft;
  if (isRunTerminal(run.status) || run.status === 'created') return;
  if (ending !== undefined && 'cancelled' in ending)
    emit(draft, 'RunCancelled', { data: { reason: ending.cancelled } });
  else if (ending !== undefined)
    emit(draft, 'RunFailed', { data: { error: ending.failed, failures: listFailures(run) } });
  else if (run.scope.unhandled > 0)
    emit(draft, 'RunFailed', { data: { error: failureOf(run), failures: listFailures(run) } });
  else emit(draft, 'RunCompleted', { data: {} });
}

/** Fails a run in which nothing can happen any more although tasks are open. With an acyclic graph this is a fault of ours, never silence. */
export function failWithoutProgress(draft: Draft): void {
  const { run } = draft;
  const { counts } = run;
  if (run.status !== 'running' || run.executing + counts.ready + counts.waiting > 0) return;
  const stuck = run.tasks.filter((task) => task.selected && !isTerminal(task.status));
  const error: TaskError = {
    code: 'run/no-progress',
    message: `Nothing can start any more, and ${stuck.length} tasks have not ended: ${stuck.slice(0, 5).map(describe).join('; ')}`,
    retryable: false,
    data: { tasks: stuck.slice(0, 100).map((task) => task.id) },
  };
  emit(draft, 'RunFailed', { data: { error, failures: listFailures(run) } });
}

function describe(task: TaskState): string {
  const unmet = task.incoming.filter((edge) => edge.status === 'open').map((edge) => edge.source.definition.name);
  return unmet.length === 0
    ? task.definition.name
    : `${task.definition.name} waits for ${unmet.slice(0, 3).join(', ')}`;
}

/** Failed tasks with an executor whose failure nobody handled, in declared order. */
function listFailures(run: RunState): FailureSummary[] {
  const failures: FailureSummary[] = [];
  for (const task of run.tasks) {
    if (failures.length === FAILURES_LISTED_MAX) break;
    if (
      !task.selected ||
      task.group !== undefined ||
      task.status !== 'failed' ||
      task.handled ||
      task.error === undefined
    )
      continue;
    failures.push({ taskId: task.id, name: task.definition.name, error: task.error });
  }
  return failures;
}

function failureOf(run: RunState): TaskError {
  const failures = listFailures(run);
  const names = failures.slice(0, 3).map((failure) => failure.name);
  const more = failures.length > 3 ? ` and ${failures.length - 3} more` : '';
  return {
    code: 'run/failed',
    message: `${failures.length === 1 ? 'A task' : `${failures.length} tasks`} failed: ${names.join(', ')}${more}. See the failures, mend the cause, and retry from failure or copy`,
    retryable: false,
  };
}
