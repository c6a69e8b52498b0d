/**
 * The end of a group that cleans up. Its members with `finally` begin once all others have ended, in whatever way, and the group ends after
 * them. Whoever cancels the group or what is around it spares them: the group notes how it will end, and goes on until they are done.
 */
import { isTerminal } from '../task/status.ts';
import { isLast } from './comes-last.ts';
import { emit, follow, type Draft } from './draft.ts';
import { activate, end, isStartable } from './end.ts';
import type { CancelReason, GroupClosing } from './event.ts';
import type { Closing, RunState, Scope, TaskState } from './state.ts';

/** True when all work of a scope has ended, and at most its clean-up is open. */
export function isWorkDone({ cleanUp, open }: Scope): boolean {
  if (cleanUp === undefined || open > cleanUp.length) return open === 0;
  return open === cleanUp.filter(isOpen).length;
}

function isOpen({ selected, status }: TaskState): boolean {
  return selected && !isTerminal(status);
}

/** Begins the clean-up of a group whose work has ended. */
export function beginCleanUp(draft: Draft, { owner, cleanUp = [], closing }: Scope): void {
  if (owner?.status !== 'running' || closing?.isCleaningUp === true) return;
  const ready = activate(draft, cleanUp.filter(isStartable), () => true);
  emit(draft, 'TaskOpened', { taskId: owner.id, data: { closing: { cleanUp: true }, ...ready } });
}

/** What a cancellation of a task leaves as it is: the clean-up of the open groups in it. Undefined: nothing. */
export function sparedIn(tasks: readonly TaskState[], top: TaskState): ReadonlySet<TaskState> | undefined {
  let spared: Set<TaskState> | undefined;
  for (const task of tasks) {
    const { parent, scope } = task;
    const cleansUp = isLast(task) && scope.owner?.status === 'running' && !isTerminal(task.status);
    if (task !== top && (cleansUp || (parent !== undefined && spared?.has(parent) === true)))
      (spared ??= new Set()).add(task);
  }
  return spared;
}

/** Cancels a task; a group that has to clean up before is cancelled after that. `isTop`: it is what somebody wants to be cancelled. */
export function cancelOrClose(draft: Draft, task: TaskState, { reason, isTop, owes }: Cancelling): void {
  const { group } = task;
  if (group === undefined || task.status !== 'running' || (group.open === 0 && !owes)) {
    end(draft, task, { status: 'cancelled', reason });
    return;
  }
  if (group.closing?.cancelled === undefined && (isTop || group.closing?.isCleaningUp !== true))
    noteClosing(draft, task, { cancelled: reason });
}

interface Cancelling {
  readonly reason: CancelReason;
  readonly isTop: boolean;
  /** It has to compensate before. */
  readonly owes: boolean;
}

/** Notes how a group will end; of a root that is no group: how the run will. */
export function noteClosing(draft: Draft, task: TaskState, closing: GroupClosing): void {
  emit(draft, 'TaskOpened', { taskId: task.id, data: { closing } });
  // With its last member cancelled nothing else makes its clean-up begin.
  if (task.group !== undefined) follow(draft, { do: 'closing', task });
}

/** What is known of the end of the run. */
export function closingOf({ root, scope }: RunState): Closing | undefined {
  return (root.group ?? scope).closing;
}
