/**
 * What follows from a task's end: its edges settle, dependents become ready or are skipped, groups open and close, failures reach
 * their scope, the run ends (rules 1, 2, 3, 7). One worklist, no recursion; each step is an event.
 */
import { isRunTerminal, isTerminal, isUnderWay } from '../task/status.ts';
import { becomeReady } from './become-ready.ts';
import { beginWait } from './begin-wait.ts';
import { beginCleanUp, cancelOrClose, isWorkDone, sparedIn } from './closing.ts';
import { compensate, owesOnCancel } from './compensation.ts';
import { emit, type Draft, type Work } from './draft.ts';
import { end, isStartable, mayGo } from './end.ts';
import type { CancelReason } from './event.ts';
import { finishRun } from './finish.ts';
import { closeGroup, failUnopened, giveUp, giveUpBelow, open, skipBelow } from './groups.ts';
import { losersOf } from './race.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { faultBehind, unmetReason } from './unmet.ts';
import { judgeWhen } from './when.ts';

/** Works until the queue of consequences is empty. */
export function cascade(draft: Draft): void {
  // The loop goes by index, because removing the first element of an array moves all others.
  for (let at = 0; at < draft.work.length; at++) {
    const work = draft.work[at] as Work;
    const { task } = work;
    if (work.do === 'ended') settleScope(draft, task);
    else if (work.do === 'closing') closeScope(draft, task.group as Scope);
    else if (work.do === 'race') cancelLosers(draft, task);
    else if (!isStartable(task) || isRunTerminal(draft.run.status)) continue;
    else if (work.do === 'skip') skip(draft, task);
    else if (work.do === 'open') open(draft, task);
    else if (work.do === 'when') askWhen(draft, task);
    else if (work.do === 'wait') beginWait(draft, task);
    else emit(draft, 'TaskDelayed', { taskId: task.id, data: { dueAtMs: task.definition.notBeforeMs as number } });
  }
}

/** Ends a task that can not start any more. The task is skipped, or it fails when the evaluation of a condition failed. */
function skip(draft: Draft, task: TaskState): void {
  const fault = faultBehind(task, draft);
  if (fault !== undefined) return failUnopened(draft, task, fault);
  giveUpBelow(draft, task, 'was skipped');
  giveUp(draft, task, unmetReason(task, draft));
}

/** Evaluates `when` of a task whose dependencies are met, and the names of its locks and rates. The task becomes ready, is skipped or fails. */
function askWhen(draft: Draft, task: TaskState): void {
  const verdict = task.definition.when === undefined ? 'go' : judgeWhen(draft, task);
  if (verdict === 'go') {
    if (mayGo(draft, task)) becomeReady(draft, task);
  } else if ('fault' in verdict) failUnopened(draft, task, verdict.fault);
  else {
    skipBelow(draft, task);
    end(draft, task, { status: 'skipped', reason: verdict.skip });
  }
}

/** Cancels the tasks that have lost a race. */
function cancelLosers(draft: Draft, target: TaskState): void {
  const { tasks, reason } = losersOf(draft.run, target);
  for (const task of tasks) {
    // One that is inside another that has lost was cancelled with it.
    if (isTerminal(task.status)) continue;
    if (task.group === undefined) end(draft, task, { status: 'cancelled', reason });
    else cancelBelow(draft, task, { reason });
  }
}

/** Handles the end of a member: applies the failure policy of its scope, and ends the scope when it was the last open member. */
function settleScope(draft: Draft, task: TaskState): void {
  const { scope } = task;
  if (task.status === 'failed' && !task.handled && task.selected) applyFailurePolicy(draft, scope, task);
  closeScope(draft, scope);
}

/** Goes on with the end of a scope whose work has ended: it compensates, cleans up, and ends. */
function closeScope(draft: Draft, scope: Scope): void {
  const { owner, open, cleanUp } = scope;
  if (open > 0 && (cleanUp === undefined || !isWorkDone(scope))) return;
  if (owner === undefined) {
    finishRun(draft);
    return;
  }
  if (owner.status !== 'running') return;
  if (draft.run.compensation !== undefined && compensate(draft, owner)) return;
  if (open > 0) beginCleanUp(draft, scope);
  else closeGroup(draft, owner, scope);
}

function applyFailurePolicy(draft: Draft, scope: Scope, failed: TaskState): void {
  const policy = scope.owner?.definition.policies.onFailure ?? draft.run.policies.onFailure ?? 'finishIndependent';
  if (policy !== 'failFast' || scope.open === 0) return;
  const reason: CancelReason = {
    code: 'failFast',
    message: `${failed.definition.name} failed and the scope fails fast`,
  };
  cancelBelow(draft, scope.owner ?? draft.run.root, { reason, sparing: scope.owner });
}

/** Cancels all tasks of a sub-tree that have not ended, members before their groups, but not what cleans up. The task `sparing` is left as it is. */
export function cancelBelow(
  draft: Draft,
  top: TaskState,
  how: { readonly reason: CancelReason; readonly sparing?: TaskState | undefined },
): void {
  for (const task of openBelow(draft.run, top)) {
    if (task === how.sparing) continue;
    const isTop = task === top;
    const owes = isTop && draft.run.compensation !== undefined && owesOnCancel(draft.run, task, how.reason.code);
    cancelOrClose(draft, task, { reason: how.reason, isTop, owes });
  }
}

/**
 * The tasks of a sub-tree that have not ended, members before their groups, without what cleans up. Of an active run only the tasks that
 * it executes.
 */
export function* openBelow(run: RunState, top: TaskState): Generator<TaskState> {
  const isActive = isUnderWay(run.status);
  const tasks = subTree(top);
  const spared = sparedIn(tasks, top);
  for (const task of tasks.reverse()) {
    if (isTerminal(task.status) || spared?.has(task) === true) continue;
    if (!isActive || task.selected || task === top) yield task;
  }
}
