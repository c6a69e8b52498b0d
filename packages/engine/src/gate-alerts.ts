/** What is told to subscribers and to the log when something at a gate needs attention. */
import type { Starving } from '@coppice/core';
import type { EngineLimits } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { SUBMISSIONS, Submissions } from './submissions.ts';
import type { GateAlert } from './what-may-start.ts';

/** The bound of submissions, which tells when it is full. */
export function createSubmissions(
  { kernel, subscriptions, logger, clock }: Pick<EngineParts, 'kernel' | 'subscriptions' | 'logger' | 'clock'>,
  limits: EngineLimits = {},
): Submissions {
  return new Submissions({
    limits: limits.submissions ?? {},
    capacity: () => kernel.gates.capacityOf(SUBMISSIONS),
    clock,
    onAlert: (alert) => tellFull({ subscriptions, logger }, alert),
  });
}

export function tellStarving(
  { subscriptions, logger, clock }: Pick<EngineParts, 'subscriptions' | 'logger' | 'clock'>,
  { first, waitedMs, ...use }: Starving,
): void {
  const { treeId, taskId, name } = first;
  logger.warn(
    { gate: use.gate, treeId, taskId, name, waitedMs },
    'Tasks have waited long at a gate; none of them has started',
  );
  subscriptions.publishAlert({ kind: 'starving', atMs: clock.nowMs(), ...use, starving: { first, waitedMs } });
}

function tellFull({ subscriptions, logger }: Pick<EngineParts, 'subscriptions' | 'logger'>, alert: GateAlert): void {
  const { kind, gate, used, limit, waiting } = alert;
  logger.warn({ kind, gate, used, limit, waiting }, 'The bound of submissions is reached, or no more');
  subscriptions.publishAlert(alert);
}
