/**
 * What subscribers cost a run of W3 (1,000 trees). Parameters: store mode; `none`, `one-per-tree` (1,000 subscribers, one of each
 * tree, who replay its stored events first), or `stuck` (one of all trees, who never takes a second event).
 */
import type { Engine, Subscriber } from '@coppice/engine';
import type { TreeId } from '@coppice/core';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES } from './coppice/open-engine.ts';
import type { Figures, MeasurementContext } from './measurement.ts';
import { countTasks, createWorkload, inLanes, type WorkTask } from './workload.ts';

const EVENTS_MIN = 15;

export async function measureSubscriptions({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === parameters[0]);
  if (mode === undefined) throw new Error(`No store mode "${parameters[0]}"`);
  const executor = {
    type: 'witness',
    description: 'Does nothing.',
    effects: 'pure',
    execute: () => Promise.resolve(1),
  } as const;
  const { engine, close } = await openEngine(createStore(mode, dir), [executor]);
  let received = 0;
  const subscriber: Subscriber = { event: () => void received++ };
  const eachTree = parameters[1] === 'one-per-tree' ? subscriber : undefined;
  await run(engine, true, eachTree);
  if (parameters[1] === 'stuck') engine.subscribe({}, { event: () => new Promise(() => {}) });
  received = 0;
  globalThis.gc?.();
  const startedMs = performance.now();
  const tasks = await run(engine, false, eachTree);
  const ms = performance.now() - startedMs;
  await new Promise((resolve) => setTimeout(resolve, 200));
  const trees = createWorkload('W3').trees.length;
  if (eachTree !== undefined && received < trees * EVENTS_MIN) throw new Error(`Only ${received} events came`);
  const { heapUsed } = process.memoryUsage();
  await close();
  return { tasksPerSecond: (tasks / ms) * 1000, events: received, heapMiB: heapUsed / 2 ** 20 };
}

async function run(engine: Engine, isWarmUp: boolean, subscriber: Subscriber | undefined): Promise<number> {
  const workload = createWorkload('W3', isWarmUp);
  const created = (treeId: TreeId): void => {
    if (subscriber !== undefined) engine.subscribe({ treeId, afterSeq: 0 }, subscriber);
  };
  await inLanes(workload.trees.length, workload.treesAtOnce, (index) =>
    runTree(engine, toSubmission(workload.trees[index] as readonly WorkTask[], workload.concurrency), created),
  );
  return countTasks(workload);
}
