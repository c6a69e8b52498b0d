/** Ends a run whose time budget has passed: all open tasks are cancelled and the run fails (R-TO-04, R-TO-07). */
import { isRunTerminal } from '../task/status.ts';
import { cancelBelow } from './cascade.ts';
import { closingOf, noteClosing } from './closing.ts';
import type { Draft, Refusal } from './draft.ts';
import type { CancelReason } from './event.ts';
import { isRunPaused } from './pauses.ts';
import { budgetMsOf, timedOut } from './run-budget.ts';

export function decideRunTimeout(draft: Draft): Refusal {
  const { run } = draft;
  if (run.status === 'created' || isRunTerminal(run.status)) return undefined;
  if (isRunPaused(run)) return undefined;
  if (run.deadlineAtMs === undefined || run.deadlineAtMs > draft.atMs) return undefined;
  const closing = closingOf(run);
  // What cleans up has limits of its own.
  if (closing?.isCleaningUp === true || closing?.cancelled !== undefined) return undefined;
  draft.ending = { failed: timedOut(run) };
  const reason: CancelReason = {
    code: 'runTimeout',
    message: `The run's budget of ${budgetMsOf(run)} ms is used up`,
  };
  cancelBelow(draft, run.root, { reason });
  if (run.scope.open > 0 && closingOf(run)?.cancelled === undefined)
    noteClosing(draft, run.root, { cancelled: reason });
  return undefined;
}
