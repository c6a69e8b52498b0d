/** Ends a run whose time budget has passed: all open tasks are cancelled and the run fails (R-TO-04, R-TO-07). */
import { isRunTerminal } from '../task/status.ts';
import { cancelBelow } from './cascade.ts';
import type { Draft, Refusal } from './draft.ts';
import { isRunPaused } from './pauses.ts';

export function decideRunTimeout(draft: Draft): Refusal {
  const { run } = draft;
  if (run.status === 'created' || isRunTerminal(run.status)) return undefined;
  if (isRunPaused(run)) return undefined;
  if (run.deadlineAtMs === undefined || run.deadlineAtMs > draft.atMs) return undefined;
  const budgetMs = run.policies.runTimeoutMs ?? run.deadlineAtMs - (run.startedAtMs ?? run.createdAtMs);
  const message = `The run of ${run.root.definition.name} used up its budget of ${budgetMs} ms. Raise runTimeoutMs, or retry from failure to go on`;
  draft.ending = {
    failed: { code: 'timeout/run', message, retryable: false, data: { limit: 'run', limitMs: budgetMs } },
  };
  cancelBelow(draft, run.root, {
    reason: { code: 'runTimeout', message: `The run's budget of ${budgetMs} ms is used up` },
  });
  return undefined;
}
