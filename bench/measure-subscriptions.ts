/**
 * What subscribers cost a run of W3 (1,000 trees). Parameters: store mode; `none`, `live` (1,000 subscribers, one of each tree, from
 * its creation on), `replay` (the same, who also have its stored events read), or `stuck` (one of all trees, who never takes a second event).
 */
import type { Engine, Subscriber } from '@coppice/engine';
import type { TreeId } from '@coppice/core';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES } from './coppice/open-engine.ts';
import { IDLE_WITNESS } from './coppice/witness.ts';
import type { Figures, MeasurementContext } from './measurement.ts';
import { startProfile } from './processor-profile.ts';
import { countTasks, createWorkload, inLanes, type WorkTask } from './workload.ts';

const KINDS = ['none', 'live', 'replay', 'stuck'] as const;
/** Of a tree of W3 after its creation. */
const EVENTS_MIN = 14;

export async function measureSubscriptions({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === parameters[0]);
  if (mode === undefined) throw new Error(`No store mode "${parameters[0]}"`);
  const { engine, close } = await openEngine(createStore(mode, dir), [IDLE_WITNESS]);
  let received = 0;
  const subscriber: Subscriber = { event: () => void received++ };
  const kind = KINDS.find((each) => each === parameters[1]);
  if (kind === undefined) throw new Error(`No subscribers "${parameters[1]}"; there are ${KINDS.join(', ')}`);
  const subscribe = (treeId: TreeId): void => {
    if (kind === 'live') engine.subscribe({ treeId }, subscriber);
    if (kind === 'replay') engine.subscribe({ treeId, afterSeq: 0 }, subscriber);
  };
  await run(engine, true, subscribe);
  if (kind === 'stuck') engine.subscribe({}, { event: () => new Promise(() => {}) });
  received = 0;
  globalThis.gc?.();
  const stopProfile = await startProfile();
  const processorBefore = process.cpuUsage();
  const startedMs = performance.now();
  const tasks = await run(engine, false, subscribe);
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(processorBefore);
  await stopProfile?.();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const trees = createWorkload('W3').trees.length;
  if ((kind === 'live' || kind === 'replay') && received < trees * EVENTS_MIN)
    throw new Error(`Only ${received} events came`);
  const { heapUsed } = process.memoryUsage();
  await close();
  return {
    tasksPerSecond: (tasks / ms) * 1000,
    tasksPerProcessorSecond: (tasks / (user + system)) * 1e6,
    eventsPerSecond: (received / ms) * 1000,
    heapMiB: heapUsed / 2 ** 20,
  };
}

async function run(engine: Engine, isWarmUp: boolean, created: (treeId: TreeId) => void): Promise<number> {
  const workload = createWorkload('W3', isWarmUp);
  await inLanes(workload.trees.length, workload.treesAtOnce, (index) =>
    runTree(engine, toSubmission(workload.trees[index] as readonly WorkTask[], workload.concurrency), created),
  );
  return countTasks(workload);
}
