/**
 * Brings a run back that was dropped, because what was decided on it can not be stored or its state can not be trusted: from its log, as
 * after a crash of its own. One that is dropped again and again is set aside. No other run takes part in it.
 */
import { TransientError, type RunState } from '@coppice/core';
import type { EngineParts } from './engine-parts.ts';
import type { Dropped, LoadedRun } from './kernel/loaded-run.ts';
import { atMost, resume } from './lifecycle.ts';
import { QuarantineError } from './quarantine.ts';

/** Times in a row that a run may be dropped before it is set aside. Those do not count that come from another writer: its log went on. */
const DROPS_MAX = 3;
/** Pause before the log is read again that could not be read just now, ms. */
const READ_RETRY_MS = 500;

/** Requests for the run wait until it is back. */
export function reload(parts: EngineParts, loadedRun: LoadedRun, dropped: Dropped): void {
  parts.loader.hold(loadedRun.treeId, broughtBack(parts, loadedRun, dropped));
}

/** Answers if there is such a run. */
async function broughtBack(parts: EngineParts, loadedRun: LoadedRun, dropped: Dropped): Promise<boolean> {
  const { kernel, quarantine, subscriptions } = parts;
  const { treeId } = loadedRun;
  const run = await folded(parts, loadedRun).catch((error: unknown) => error as Error);
  // In the turn in which those of its attempts that the log knows take their places again.
  kernel.admission.dropRun(treeId);
  if (run === undefined || run instanceof Error) {
    kernel.commits.schedule();
    const isSetAside = run instanceof QuarantineError;
    if (isSetAside) loadedRun.tellEnded('failed');
    else loadedRun.tellFailed(run ?? new Error(dropped.message));
    return isSetAside;
  }
  const isAhead = run.seq > loadedRun.durableSeq;
  const drops = isAhead ? 0 : loadedRun.drops + 1;
  if (drops >= DROPS_MAX) {
    kernel.commits.schedule();
    await quarantine.setAside({ treeId, userId: loadedRun.state.userId, problem: dropped.message });
    loadedRun.tellEnded('failed');
    return true;
  }
  const fresh = kernel.addRun(run, []);
  fresh.succeed(loadedRun, drops);
  if (isAhead) subscriptions.publishMissed({ treeId, userId: run.userId, seq: loadedRun.durableSeq });
  resume(parts, fresh);
  const { status } = fresh.state;
  const isUnderWay = status === 'running' || status === 'pausing' || status === 'paused';
  if (!isUnderWay) fresh.tellEnded(status);
  return true;
}

/** What the log says, once nothing of the former state is at work any more. Undefined: nothing of it is durable. */
async function folded(parts: EngineParts, loadedRun: LoadedRun): Promise<RunState | undefined> {
  const { kernel, reader, clock, logger } = parts;
  // Its executors let go before anything of it is executed again.
  await atMost(parts, parts.cancelGraceMs, Promise.all([...loadedRun.attempts].map(({ ended }) => ended)));
  // An append that is under way may hold more of it.
  await kernel.commits.committed();
  for (;;) {
    try {
      return loadedRun.durableSeq === 0 ? undefined : (await reader.read(loadedRun.treeId))?.run;
    } catch (error) {
      if (!TransientError.is(error)) throw error;
      logger.warn(
        { treeId: loadedRun.treeId, code: error.code, error: error.message },
        'The log can not be read; it is tried again',
      );
      await new Promise<void>((resolve) => clock.setTimer(READ_RETRY_MS, resolve));
    }
  }
}
