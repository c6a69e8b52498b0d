/**
 * Brings a run back that was dropped, because what was decided on it can not be stored or its state can not be trusted: from its log, as
 * after a crash of its own. One that is dropped again and again is set aside. No other run takes part in it.
 */
import { TransientError, type RunState } from '@coppice/core';
import type { EngineParts } from './engine-parts.ts';
import type { Dropped, HostedRun } from './kernel/hosted-run.ts';
import { atMost, resume } from './lifecycle.ts';
import { QuarantineError } from './quarantine.ts';

/** Times in a row that a run may be dropped before it is set aside. Those do not count that come from another writer: its log went on. */
const DROPS_MAX = 3;
/** Pause before the log is read again that could not be read just now, ms. */
const READ_RETRY_MS = 500;

/** Requests for the run wait until it is back. */
export function reload(parts: EngineParts, host: HostedRun, dropped: Dropped): void {
  parts.loader.hold(host.treeId, broughtBack(parts, host, dropped));
}

/** Answers if there is such a run. */
async function broughtBack(parts: EngineParts, host: HostedRun, dropped: Dropped): Promise<boolean> {
  const { kernel, quarantine, subscriptions } = parts;
  const { treeId } = host;
  const run = await folded(parts, host).catch((error: unknown) => error as Error);
  // In the turn in which those of its attempts that the log knows take their places again.
  kernel.admission.dropRun(treeId);
  if (run === undefined || run instanceof Error) {
    kernel.commits.schedule();
    const isSetAside = run instanceof QuarantineError;
    if (isSetAside) host.tellEnded('failed');
    else host.tellFailed(run ?? new Error(dropped.message));
    return isSetAside;
  }
  const isAhead = run.seq > host.durableSeq;
  const drops = isAhead ? 0 : host.drops + 1;
  if (drops >= DROPS_MAX) {
    kernel.commits.schedule();
    await quarantine.setAside({ treeId, userId: host.state.userId, problem: dropped.message });
    host.tellEnded('failed');
    return true;
  }
  const fresh = kernel.host(run, []);
  fresh.succeed(host, drops);
  if (isAhead) subscriptions.publishMissed({ treeId, userId: run.userId, seq: host.durableSeq });
  resume(parts, fresh);
  const { status } = fresh.state;
  const isUnderWay = status === 'running' || status === 'pausing' || status === 'paused';
  if (!isUnderWay) fresh.tellEnded(status);
  return true;
}

/** What the log says, once nothing of the former state is at work any more. Undefined: nothing of it is durable. */
async function folded(parts: EngineParts, host: HostedRun): Promise<RunState | undefined> {
  const { kernel, reader, clock, logger } = parts;
  // Its executors let go before anything of it is executed again.
  await atMost(parts, parts.cancelGraceMs, Promise.all([...host.attempts].map(({ ended }) => ended)));
  // An append that is under way may hold more of it.
  await kernel.commits.committed();
  for (;;) {
    try {
      return host.durableSeq === 0 ? undefined : (await reader.read(host.treeId))?.run;
    } catch (error) {
      if (!TransientError.is(error)) throw error;
      logger.warn(
        { treeId: host.treeId, code: error.code, error: error.message },
        'The log can not be read; it is tried again',
      );
      await new Promise<void>((resolve) => clock.setTimer(READ_RETRY_MS, resolve));
    }
  }
}
