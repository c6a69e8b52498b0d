/** Counters of a run: selected tasks by status, and open members of scopes. Only this file changes the status of a task. */
import { isTerminal, type TaskStatus } from '../task/status.ts';
import { isExecuting } from './executing.ts';
import { countAttemptOff } from './pauses.ts';
import { moveRollUps } from './roll-up.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { isCompensation } from './undoable.ts';

/** Moves a task to another status and keeps every counter right. */
export function setStatus(run: RunState, task: TaskState, status: TaskStatus): void {
  const former = task.status;
  task.status = status;
  if (task.group === undefined) {
    if (former === 'running') {
      run.executing--;
      if (run.pauses !== undefined) countAttemptOff(run, task);
    }
    if (status === 'running') run.executing++;
  }
  if (!task.selected) return;
  const hasEnded = isTerminal(status) && !isTerminal(former);
  if (hasEnded) task.scope.open--;
  if (run.compensation !== undefined && isCompensation(task)) {
    if (hasEnded) run.compensation.open--;
    return;
  }
  run.counts[former]--;
  run.counts[status]++;
  if (run.rollUps !== undefined) moveRollUps(run.rollUps, task, former);
}

/** Counts everything again. Call it after a change of the selection or of many statuses. */
export function recount(run: RunState): void {
  const { counts } = run;
  for (const status of Object.keys(counts) as TaskStatus[]) counts[status] = 0;
  resetScope(run.scope);
  for (const task of run.tasks) if (task.group !== undefined) resetScope(task.group);
  run.rollUps = undefined;
  run.selectedCount = 0;
  run.executing = 0;
  if (run.compensation !== undefined) run.compensation.open = 0;
  for (const task of run.tasks) {
    if (!task.selected || task.deleted) continue;
    if (run.compensation !== undefined && isCompensation(task)) {
      if (!isTerminal(task.status)) run.compensation.open++;
    } else {
      run.selectedCount++;
      counts[task.status]++;
    }
    if (isExecuting(task)) run.executing++;
    if (!isTerminal(task.status)) task.scope.open++;
    else if (task.status === 'failed' && !task.handled) task.scope.unhandled++;
  }
}

function resetScope(scope: Scope): void {
  scope.open = 0;
  scope.unhandled = 0;
}
