/**
 * Time and memory per task as trees grow. Parameters: store mode, `one` tree (the shape of W2) or `many` (trees of 6, as W3), tasks.
 *
 * Memory is taken after a collection: in one tree while its last task runs (all others are settled and the run is in memory),
 * with many trees after the last one has ended. The submission is garbage by then.
 */
import type { Executor } from '@coppice/core';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES, type OpenEngine } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { fan, inLanes, type WorkTask } from './workload.ts';

const CONCURRENCY = 100;
const TREES_AT_ONCE = 50;
const SMALL_TREE_WIDTH = 4;
const SMALL_TREE_TASKS = SMALL_TREE_WIDTH + 2;

interface Memory {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export async function measureGrowth({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === parameters[0]);
  if (mode === undefined) throw new Error(`No store mode "${parameters[0]}"`);
  const isOne = parameters[1] === 'one';
  const count = countOf(parameters, 2);
  let atLast: Memory | undefined;
  let isMeasured = false;
  let waitMs = 0;
  const executor: Executor = {
    type: 'witness',
    description: 'Does nothing.',
    effects: 'pure',
    execute: (_input, { taskName }) => {
      if (isMeasured && isOne && taskName === 'last') {
        const startedMs = performance.now();
        atLast = memory();
        waitMs = performance.now() - startedMs;
      }
      return Promise.resolve(1);
    },
  };
  const open = await openEngine(createStore(mode, dir), [executor]);
  await run(open, { isOne: false, count: 3_000 });
  const before = memory();
  isMeasured = true;
  const startedMs = performance.now();
  await run(open, { isOne, count });
  const ms = performance.now() - startedMs - waitMs;
  const after = atLast ?? memory();
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  await open.close();
  return {
    usPerTask: (ms * 1000) / count,
    tasksPerSecond: (count / ms) * 1000,
    heapBytesPerTask: (after.heapBytes - before.heapBytes) / count,
    rssBytesPerTask: (after.rssBytes - before.rssBytes) / count,
    peakRssMiB,
  };
}

async function run(
  { engine }: OpenEngine,
  { isOne, count }: { readonly isOne: boolean; readonly count: number },
): Promise<void> {
  if (isOne) {
    await runTree(engine, treeOf(count - 2));
    return;
  }
  await inLanes(Math.ceil(count / SMALL_TREE_TASKS), TREES_AT_ONCE, () => runTree(engine, treeOf(SMALL_TREE_WIDTH)));
}

function treeOf(width: number): ReturnType<typeof toSubmission> {
  return toSubmission(fan({ trees: 1, width, concurrency: CONCURRENCY }).trees[0] as readonly WorkTask[], CONCURRENCY);
}

function memory(): Memory {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}
