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
