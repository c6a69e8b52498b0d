/** A task that will run again. */
import { isTerminal } from '../task/status.ts';
import { notePatch } from '../variables/patches.ts';
import { endDeadline } from './deadlines.ts';
import { demandsOf } from './demands.ts';
import { reopenOutgoing } from './edges.ts';
import { isExpanded } from './expanded.ts';
import type { RunState, TaskState } from './state.ts';

/** Makes a task pending as if it had never run. Only the count of attempts goes on, so that no number is used twice. */
export function resetTask(run: RunState, task: TaskState): void {
  notePatch(run, task, undefined);
  if (isTerminal(task.status)) {
    reopenOutgoing(task);
    if (task.attempt > 0) task.generation++;
  }
  task.status = 'pending';
  if (task.group !== undefined) task.group.closing = undefined;
  if (isExpanded(task)) {
    // With members it goes on as a group, and keeps what its attempt returned. Without, it is tried again.
    if (task.group?.members.length !== 0) return reopen(task);
    task.group = undefined;
    run.patches?.forgetLeft(task);
  }
  task.uncounted = task.attempt;
  task.interruptions = 0;
  task.demands = demandsOf(task.definition, task.scope.breaker);
  task.input = undefined;
  task.inputSecrets = undefined;
  task.output = null;
  task.outputSecrets = undefined;
  task.cut = undefined;
  task.port = undefined;
  task.error = undefined;
  task.handled = false;
  task.reason = undefined;
  task.waiting = undefined;
  endDeadline(run, task);
  task.readyAtMs = undefined;
  task.firstStartedAtMs = undefined;
  task.startedAtMs = undefined;
  task.endedAtMs = undefined;
  task.timeoutMs = undefined;
  task.timeoutLimit = undefined;
  task.idempotencyKey = undefined;
  task.progress = undefined;
  task.progressMessage = undefined;
  task.calls = undefined;
  task.callSecrets = undefined;
  task.reused = false;
}

/** Of an expanded task only its end is taken back. */
function reopen(task: TaskState): void {
  task.error = undefined;
  task.handled = false;
  task.reason = undefined;
  task.endedAtMs = undefined;
  task.reused = false;
}
