/** Start with recovery (R-CP-10, R-CP-11), and stop. */
import { factsOf, isRunTerminal, TransientError, type TreeId } from '@coppice/core';
import type { RecoveredRun, StartOptions } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { errorText } from './error-text.ts';
import type { HookCalls } from './kernel/hook-calls.ts';
import type { LoadedRun } from './kernel/loaded-run.ts';
import { QuarantineError } from './quarantine.ts';
import type { SnapshotSaver } from './snapshot-saver.ts';

/** Opens the store and, unless told otherwise, continues every incomplete run. */
export async function startEngine(
  parts: EngineParts,
  { recover = true, opened }: StartOptions = {},
): Promise<readonly RecoveredRun[]> {
  const { store, logger, loader, engineStream } = parts;
  await store.open();
  await engineStream.load();
  for (const treeId of await store.listQuarantined()) await lookAgain(parts, treeId);
  const treeIds = recover ? await store.listIncomplete() : [];
  const interruptedOf = new Map<TreeId, number>();
  loader.resumeWhenLoaded(treeIds, (loadedRun) => {
    interruptedOf.set(loadedRun.treeId, loadedRun.state.executing);
    resume(parts, loadedRun);
  });
  await opened?.();
  const recovered: RecoveredRun[] = [];
  for (const treeId of treeIds) {
    try {
      await loader.withRun(treeId, () => undefined);
      const interrupted = interruptedOf.get(treeId) ?? 0;
      recovered.push({ treeId, interrupted });
      logger.info({ treeId, interrupted }, 'Recovered a run');
    } catch (error) {
      // It was reported when it was set aside.
      if (error instanceof QuarantineError) continue;
      logger.error({ treeId, error: errorText(error) }, 'A run can not be recovered; its log is left as it is');
    }
  }
  // Tasks start only now, when the places of all runs and the priorities of their tasks are known.
  parts.kernel.startAdmitting();
  await parts.kernel.commits.committed();
  parts.observers.start();
  return recovered;
}

/** Puts a run that was set aside back among the others, if its log can be read now. */
async function lookAgain({ reader, store, logger }: EngineParts, treeId: TreeId): Promise<void> {
  try {
    const read = await reader.read(treeId);
    if (read === undefined) return;
    await store.restore(factsOf(read.run));
    logger.info({ treeId }, 'A run that was set aside can be read again');
  } catch (error) {
    if (!(error instanceof QuarantineError)) throw error;
  }
}

/** Continues a run that was just loaded. */
export function resume(parts: EngineParts, loadedRun: LoadedRun): void {
  const { kernel } = parts;
  kernel.resume(loadedRun);
  parts.submissions.recovered(loadedRun);
  // If the budget of the run has passed meanwhile, the run ends before one of its tasks is executed again.
  kernel.submit(loadedRun, { type: 'runTimeout' });
  kernel.executions.interruptions.interruptLeft(loadedRun);
  // The same for limits of its tasks and groups: nothing of these starts whose time is over.
  for (const { id: taskId } of loadedRun.state.deadlines?.keys() ?? [])
    kernel.submit(loadedRun, { type: 'deadline', taskId });
}

/** Longest wait of a stop for a store that accepts nothing, ms. Events that are not acknowledged by then never happened. */
const FLUSH_MS = 10_000;

/** Work beside the runs. A stop waits for its end. */
export interface Asides {
  readonly hooks: HookCalls;
  readonly snapshots: SnapshotSaver;
}

/** Waits for running attempts for the grace period, interrupts the others, and closes the store. The next start goes on from there. */
export async function stopEngine(parts: EngineParts, asides: Asides, graceMs: number): Promise<void> {
  const { kernel, subscriptions, observers, store, logs, logWatch } = parts;
  kernel.stopAdmitting();
  parts.submissions.stop();
  await atMost(parts, graceMs, kernel.executions.idle());
  try {
    if (!kernel.hasFailed) interruptAll(parts);
    kernel.halt();
    // After a failure of the engine, which was reported before, nothing can be committed any more.
    if (!kernel.hasFailed) await atMost(parts, FLUSH_MS, kernel.commits.committed());
    await atMost(parts, Math.min(graceMs, 1_000), kernel.executions.idle());
  } finally {
    kernel.stop();
    parts.pastState.stop();
    // Requests that come now are refused, because their events would not be stored.
    kernel.commits.fail(new TransientError('The engine has stopped', { code: 'engine/stopped' }));
    subscriptions.close();
    logs.flush();
    logWatch.close();
    await atMost(parts, 1_000, Promise.all([asides.hooks.idle(), asides.snapshots.idle(), observers.stop()]));
    await store.close();
  }
}

function interruptAll(parts: EngineParts): void {
  for (const loadedRun of parts.kernel.loadedRuns.list()) {
    if (!isRunTerminal(loadedRun.state.status)) parts.kernel.executions.interruptions.interruptAll(loadedRun);
  }
}

/** Waits for a promise, but no longer than the limit. */
export async function atMost({ clock }: EngineParts, limitMs: number, promise: Promise<unknown>): Promise<void> {
  let disarm = (): void => {};
  const limit = new Promise<void>((resolve) => (disarm = clock.setTimer(limitMs, resolve)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    disarm();
  }
}
