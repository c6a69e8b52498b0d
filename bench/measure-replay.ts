/** Folding the log of a finished run of a chain. Parameters: tasks of the chain. */
import { fold, type RunEvent, type RunState, type Store, type TreeId } from '@coppice/core';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine } from './coppice/open-engine.ts';
import { IDLE_WITNESS } from './coppice/witness.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';
import { chain } from './workload.ts';

const REPEATS = 15;
const PAGE = 10_000;

export async function measureReplay({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const count = countOf(parameters, 0);
  const store = createStore('normal', dir);
  const { engine, close } = await openEngine(store, [IDLE_WITNESS]);
  const treeId = await runTree(engine, toSubmission(chain(count), 1));
  const events = await readAll(store, treeId);
  const foldMs = await medianMs(() => void check(fold(events), count));
  const storedMs = await medianMs(async () => void (await foldStored(store, treeId, count)));
  await close();
  return {
    events: events.length,
    foldMs,
    storedMs,
    foldEventsPerSecond: (events.length / foldMs) * 1000,
    storedEventsPerSecond: (events.length / storedMs) * 1000,
  };
}

/** Reads the log of a finished chain and folds it. */
export async function foldStored(store: Store, treeId: TreeId, count: number): Promise<RunState> {
  return check(fold(await readAll(store, treeId)), count);
}

async function readAll(store: Store, treeId: TreeId): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await store.readEvents(treeId, events.length, PAGE);
    for (const event of page) events.push(event);
    if (page.length < PAGE) return events;
  }
}

function check(run: RunState | undefined, count: number): RunState {
  if (run?.status !== 'completed' || run.tasks.length !== count) throw new Error('The fold is not the finished run');
  return run;
}

async function medianMs(work: () => void | Promise<void>): Promise<number> {
  const samples: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const startedMs = performance.now();
    await work();
    samples.push(performance.now() - startedMs);
  }
  return quantile(sorted(samples), 0.5);
}
