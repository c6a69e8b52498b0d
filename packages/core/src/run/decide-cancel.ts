/** Cancels a run or a sub-tree (R-TO-06). All tasks change in one decision; executors get their signal after the commit. */
import { refuse } from '../errors/rejection.ts';
import { inWords, isRunTerminal, isTerminal } from '../task/status.ts';
import { cancelBelow } from './cascade.ts';
import { closingOf, noteClosing } from './closing.ts';
import type { RunCommand } from './command.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { resultData } from './result.ts';
import type { CancelReason } from './event.ts';
import { unreadData } from './finish.ts';
import type { RunState, TaskState } from './state.ts';
import { unknownTask } from './unknown-task.ts';

export function decideCancel(draft: Draft, command: Extract<RunCommand, { readonly type: 'cancel' }>): Refusal {
  const { run } = draft;
  const task = run.byId.get(command.taskId ?? run.root.id);
  if (task === undefined) return unknownTask(run, command.taskId);
  const refusal = refuseCancel(run, task);
  if (refusal !== undefined) return refusal;
  const isWhole = task === run.root;
  const reason: CancelReason = { code: 'user', message: command.reason ?? 'Cancelled by the user' };
  if (isWhole) draft.ending = { cancelled: reason, by: draft.actor };
  const wasCreated = run.status === 'created';
  cancelBelow(draft, task, { reason });
  if (!isWhole) return undefined;
  if (wasCreated || run.scope.open === 0) endNow(draft, reason);
  else if (closingOf(run)?.cancelled === undefined) noteClosing(draft, run.root, { cancelled: reason });
  return undefined;
}

/** Why a task can not be cancelled; undefined: it can. */
export function refuseCancel(run: RunState, task: TaskState): Refusal {
  if (!isRunTerminal(run.status) && (task === run.root || !isTerminal(task.status))) return undefined;
  const what = isTerminal(task.status) ? task.status : `${task.status} in a run that ${inWords(run.status)}`;
  return refuse(
    'task/invalid-transition',
    `${task.definition.name} (${task.id}) is ${what}; only a task that has not ended can be cancelled`,
    { data: { taskId: task.id, status: task.status } },
  );
}

/** Ends a run that never started, or that has no open task. Any other run ends when its scope closes. */
function endNow(draft: Draft, reason: CancelReason): void {
  if (isRunTerminal(draft.run.status)) return;
  draft.work.length = 0;
  emit(draft, 'RunCancelled', { data: { reason, ...unreadData(draft.run), ...resultData(draft) } });
}
