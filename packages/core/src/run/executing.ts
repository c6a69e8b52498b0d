/** Whether an attempt of a task is running. A group that is open runs, too, and so does a task whose executor has added tasks: neither has an attempt. */
import type { RunState, TaskState } from './state.ts';

export function isExecuting({ status, group }: TaskState): boolean {
  return status === 'running' && group === undefined;
}

/** True when exactly this attempt of the task is running. */
export function isAttemptRunning(task: TaskState | undefined, attempt: number): task is TaskState {
  return task !== undefined && isExecuting(task) && task.attempt === attempt;
}

/** True once an attempt of the run has started, also before the run was opened again. Attempts that a copy carried over are not of the run. */
export function hasEverStarted({ hasBegun, tasks }: RunState): boolean {
  return hasBegun || tasks.some(({ attempt, definition }) => attempt > (definition.settled?.attempt ?? 0));
}
