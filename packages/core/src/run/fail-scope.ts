/**
 * Groups and runs that end at once: because the time of a group is over, or because a task failed with a fatal error (R-TO-05, R-RT-06).
 * What is open in them is cancelled. What cleans up and what undoes is spared; after it the group, or the run, fails.
 */
import type { TaskError } from '@coppice/extension';
import { cancelBelow } from './cascade.ts';
import { noteClosing } from './closing.ts';
import type { Draft } from './draft.ts';
import { end } from './end.ts';
import type { CancelReason } from './event.ts';
import { runEndedBy } from './run-budget.ts';
import type { TaskState } from './state.ts';

/** Fails a group, or the run of a root that is none. Nothing happens to one that ends already. */
export function failScope(
  draft: Draft,
  top: TaskState,
  how: { readonly reason: CancelReason; readonly error: TaskError },
): void {
  const { run } = draft;
  const scope = top.group ?? run.scope;
  const { closing } = scope;
  const isClosing = closing?.isCleaningUp === true || closing?.isCompensating === true;
  if (isClosing || closing?.cancelled !== undefined || closing?.failed !== undefined) return;
  cancelBelow(draft, top, { reason: how.reason, sparing: top.group === undefined ? undefined : top });
  if (top.group !== undefined || scope.open > 0) noteClosing(draft, top, { failed: how.error });
}

/** Fails a task with a fatal error, and the run with it: no retry, no fallback, no failure edge. */
export function failFatally(draft: Draft, task: TaskState, error: TaskError): void {
  const { run } = draft;
  end(draft, task, { status: 'failed', error });
  const reason: CancelReason = { code: 'fatal', message: `${task.definition.name} ended the run: ${error.message}` };
  failScope(draft, run.root, { reason, error: runEndedBy(task, error) });
}
