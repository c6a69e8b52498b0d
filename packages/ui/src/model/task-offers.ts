/** What can be done with a task now. */
import { findPaused, isEnded, isGroup, isRunEnded, isRunUnderWay } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import type { Action } from '../view-channel.ts';

export interface Offer {
  readonly action: Action;
  readonly name: string;
}

/** In the order of their buttons. */
export function offersFor(task: TaskView, run: RunView): readonly Offer[] {
  const isRoot = task.parent === undefined;
  const offers: readonly (Offer & { readonly isOffered: boolean })[] = [
    { action: 'execute', name: isRoot ? 'Run' : 'Run this and what it needs', isOffered: run.status === 'created' },
    { action: 'pause', name: 'Pause', isOffered: isPausable(task, run) },
    { action: 'resume', name: 'Resume', isOffered: task.pause !== undefined },
    { action: 'cancel', name: 'Cancel', isOffered: isCancellable(task, run) },
    { action: 'complete', name: 'Complete by hand …', isOffered: isEndable(task, run) && !isApproval(task) },
    { action: 'skip', name: 'Skip …', isOffered: isEndable(task, run) },
    { action: 'retry', name: isRoot ? 'Retry what failed' : 'Retry', isOffered: isRetryable(task, run) },
    {
      action: 'openLog',
      name: 'Log',
      isOffered: task.attempt > 0 || (isGroup(task.definition) && run.status !== 'created'),
    },
    { action: 'save', name: 'Save', isOffered: isRoot },
    { action: 'copy', name: 'Copy …', isOffered: true },
    { action: 'delete', name: 'Delete …', isOffered: run.status === 'created' || isRunEnded(run.status) },
  ];
  return offers.filter(({ isOffered }) => isOffered);
}

/** A task that has ended can not be cancelled. Before the run has begun, only the whole tree can. */
function isCancellable(task: TaskView, run: RunView): boolean {
  return !isEnded(task.status) && !isRunEnded(run.status) && (run.status !== 'created' || task.parent === undefined);
}

/** By hand: what has not ended, while the run is under way. A run as a whole is cancelled instead. */
function isEndable(task: TaskView, run: RunView): boolean {
  return !isEnded(task.status) && isRunUnderWay(run.status) && task.parent !== undefined && !task.isLeftOut;
}

/** Only an answer completes an approval. */
function isApproval({ definition }: TaskView): boolean {
  return definition.approval !== undefined;
}

/** While the run is under way, and nothing holds the task yet. */
function isPausable(task: TaskView, run: RunView): boolean {
  return !isEnded(task.status) && isRunUnderWay(run.status) && findPaused(task) === undefined;
}

/** True once the run has ended: for a root if something did not complete, for any other task if it has ended. */
function isRetryable(task: TaskView, run: RunView): boolean {
  if (!isRunEnded(run.status)) return false;
  return task.parent === undefined ? run.status !== 'completed' : isEnded(task.status);
}
