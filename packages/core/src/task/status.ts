/** Statuses of tasks and runs, and which transitions are legal (anything else is refused with `task/invalid-transition`). */

export type TaskStatus = 'pending' | 'ready' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled';
export type RunStatus =
  'created' | 'running' | 'pausing' | 'paused' | 'completed' | 'failed' | 'cancelled' | 'continued';
export type TerminalTaskStatus = 'completed' | 'failed' | 'skipped' | 'cancelled';

export const TASK_STATUSES: readonly TaskStatus[] = [
  'pending',
  'ready',
  'running',
  'waiting',
  'completed',
  'failed',
  'skipped',
  'cancelled',
];

export const RUN_STATUSES: readonly RunStatus[] = [
  'created',
  'running',
  'pausing',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'continued',
];

/** True for a status that a task leaves only by explicit re-opening. */
export function isTerminal(status: TaskStatus): status is TerminalTaskStatus {
  return status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled';
}

/** True for a run that has ended (`continued` included). */
export function isRunTerminal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'continued';
}

/** True for a run that has started and not ended. */
export function isUnderWay(status: RunStatus): boolean {
  return status === 'running' || status === 'pausing' || status === 'paused';
}

const IN_WORDS: Readonly<Record<TaskStatus | RunStatus, string>> = {
  created: 'has not started',
  pending: 'is pending',
  ready: 'is ready',
  running: 'is running',
  waiting: 'is waiting',
  pausing: 'is pausing',
  paused: 'is paused',
  completed: 'has completed',
  failed: 'has failed',
  skipped: 'was skipped',
  cancelled: 'was cancelled',
  continued: 'was continued in a new run',
};

/** A status as the end of a sentence: "… has failed". */
export function inWords(status: TaskStatus | RunStatus): string {
  return IN_WORDS[status];
}
