/** What a command would do to a whole run, without doing it. `decide` uses the same plans. */
import type { Outcome } from '../errors/rejection.ts';
import { openBelow } from './cascade.ts';
import { refuseCancel } from './decide-cancel.ts';
import { planRetry } from './decide-retry.ts';
import type { RunState } from './state.ts';

/** The number of tasks that a cancellation of the run would cancel, or why it would be refused. */
export function previewCancel(run: RunState): Outcome<number> {
  const refusal = refuseCancel(run, run.root);
  return refusal ?? { ok: true, value: [...openBelow(run, run.root)].length };
}

/** The number of tasks that a retry of the run would reset, or why it would be refused. */
export function previewRetry(run: RunState, mode: 'failure' | 'start'): Outcome<number> {
  const plan = planRetry(run, { type: 'retry', mode });
  return plan.ok ? { ok: true, value: plan.value.reset.length } : plan;
}
