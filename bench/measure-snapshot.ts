/** Saving the state of a finished chain as a snapshot, and restoring it, beside reading and folding its log. Parameters: tasks of the chain. */
import { restoreInSteps, SnapshotTaker, type RunSnapshot, type RunState, type Store, type TreeId } from '@coppice/core';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine } from './coppice/open-engine.ts';
import { IDLE_WITNESS } from './coppice/witness.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { foldStored } from './measure-replay.ts';
import { quantile, sorted } from './quantile.ts';
import { chain } from './workload.ts';

const REPEATS = 9;

export async function measureSnapshot({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const count = countOf(parameters, 0);
  const store = createStore('normal', dir);
  const { engine, close } = await openEngine(store, [IDLE_WITNESS]);
  const treeId = await runTree(engine, toSubmission(chain(count), 1));
  const run = await foldStored(store, treeId, count);
  const saves: number[] = [];
  const loads: number[] = [];
  const folds: number[] = [];
  let bytes = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    let head = '';
    saves.push(
      await msOf(async () => {
        ({ head, bytes } = await save(store, treeId, run));
      }),
    );
    loads.push(await msOf(async () => check(await load(store, { treeId, seq: run.seq }, head), run)));
    folds.push(await msOf(() => foldStored(store, treeId, count)));
  }
  await close();
  const median = (values: readonly number[]): number => quantile(sorted(values), 0.5);
  return { saveMs: median(saves), loadMs: median(loads), foldMs: median(folds), bytesPerTask: bytes / count };
}

async function save(
  store: Store,
  treeId: TreeId,
  run: RunState,
): Promise<{ readonly head: string; readonly bytes: number }> {
  const taker = new SnapshotTaker(run);
  let bytes = taker.head.length;
  for (let piece = 0; !taker.isWhole; piece++) {
    const tasks = taker.next() as string;
    bytes += tasks.length;
    await store.saveSnapshotPiece({ treeId, seq: run.seq }, piece, tasks);
  }
  taker.close();
  return { head: taker.head, bytes };
}

async function load(
  store: Store,
  place: { readonly treeId: TreeId; readonly seq: number },
  head: string,
): Promise<RunState> {
  const tasks: RunSnapshot['tasks'][number][] = [];
  for (let piece = 0; ; piece++) {
    const text = await store.loadSnapshotPiece(place, piece);
    if (text === undefined) break;
    for (const task of JSON.parse(text) as RunSnapshot['tasks']) tasks.push(task);
  }
  const steps = restoreInSteps({ ...(JSON.parse(head) as Omit<RunSnapshot, 'tasks'>), tasks });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function check(restored: RunState, run: RunState): void {
  if (restored.seq !== run.seq || restored.tasks.length !== run.tasks.length)
    throw new Error('The snapshot is not of this run');
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
