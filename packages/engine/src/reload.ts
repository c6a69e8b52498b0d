/**
 * Reloads a run that was dropped because its events can not be stored or its state can not be trusted. It is read from its log, as after
 * a crash of the process. A run that is dropped again and again is set aside. No other run is concerned.
 */
import { isUnderWay, TransientError, type RunState } from '@coppice/core';
import type { EngineParts } from './engine-parts.ts';
import type { DropReason, LoadedRun } from './kernel/loaded-run.ts';
import { atMost, resume } from './lifecycle.ts';
import { QuarantineError } from './quarantine.ts';

/** Most times in a row that a run may be dropped before it is set aside. Times when another writer continued the log do not count. */
const DROPS_MAX = 3;
/** Pause after a failed read of the log, ms. */
const READ_RETRY_MS = 500;

/** Requests for the run wait until it is back. */
export function reload(parts: EngineParts, loadedRun: LoadedRun, dropped: DropReason): void {
  parts.submissions.forget(loadedRun.treeId);
  parts.loader.hold(loadedRun.treeId, broughtBack(parts, loadedRun, dropped));
}

/** Loads the run again. False: there is no such run. */
async function broughtBack(parts: EngineParts, loadedRun: LoadedRun, dropped: DropReason): Promise<boolean> {
  const { kernel, quarantine, subscriptions } = parts;
  const { treeId } = loadedRun;
  const run = await folded(parts, loadedRun).catch((error: unknown) => error as Error);
  // Places are freed in the same turn in which the attempts that the log knows take them again.
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
  if (!isUnderWay(status)) fresh.tellEnded(status);
  return true;
}

/** Waits until no attempt of the former state works any more, and folds the log. Undefined: no event of the run is durable. */
async function folded(parts: EngineParts, loadedRun: LoadedRun): Promise<RunState | undefined> {
  const { kernel, reader, clock, logger } = parts;
  // The executors of the former state must return before tasks are executed again.
  await atMost(parts, parts.cancelGraceMs, Promise.all(loadedRun.attempts.map(({ ended }) => ended)));
  // An append that is under way may hold more events of the run.
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
