/**
 * What a feature of the flow costs: the same work with it and without it, one after the other in one process, many times.
 * Parameters: store mode, and one of the features below.
 */
import type { TreeSubmission } from '@coppice/core';
import type { Engine, EngineLimits } from '@coppice/engine';
import { join } from 'node:path';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES } from './coppice/open-engine.ts';
import { IDLE_WITNESS } from './coppice/witness.ts';
import type { Figures, MeasurementContext } from './measurement.ts';
import { startProfile } from './processor-profile.ts';
import { quantile, sorted } from './quantile.ts';
import { fan, type WorkTask } from './workload.ts';

const WIDTH = 10_000;
const CONCURRENCY = 100;
const ROUNDS = 15;
const WARM_UPS = 3;
const SUBSCRIBERS = 10;

interface Feature {
  readonly off: TreeSubmission;
  readonly on: TreeSubmission;
  /** Subscribers of the tree with the feature. Default 0. */
  readonly subscribers?: number;
  /** Limits of the engine without the feature and with it. Default: those of all measurements. */
  readonly limits?: { readonly off: EngineLimits; readonly on: EngineLimits };
}

/** Never reached, so that what is measured is the passing. */
const ROOM = 1_000_000;
const ALL_LIMITS: EngineLimits = {
  global: ROOM,
  perTree: ROOM,
  perUser: ROOM,
  users: { bench: ROOM },
  weights: { bench: 2 },
  executors: { witness: ROOM },
  rates: { witness: { count: ROOM, perMs: 1 } },
  userStarts: { count: ROOM, perMs: 1 },
  tags: { work: ROOM },
  locks: { shared: ROOM },
  resources: { cpu: ROOM },
};

const plain = toSubmission(
  fan({ trees: 1, width: WIDTH, concurrency: CONCURRENCY }).trees[0] as readonly WorkTask[],
  CONCURRENCY,
);
const items = Array.from({ length: WIDTH }, (_, index) => index);
const ofGroup = (tasks: TreeSubmission['tasks']): TreeSubmission => ({
  tasks: [{ name: 'all' }, ...tasks],
  policies: { concurrency: CONCURRENCY },
});

const FEATURES: Readonly<Record<string, () => Feature>> = {
  /** Each edge has a condition. */
  conditions: () => ({ off: plain, on: { ...plain, tasks: plain.tasks.map(withConditions) } }),
  /** They are declared, and nobody reads or writes one. */
  variables: () => ({
    off: plain,
    on: { ...plain, variables: { total: { value: 0, merge: 'sum' }, stage: 'new' } },
  }),
  /** Each task passes a breaker, which stays closed. */
  breaker: () => ({ off: plain, on: { ...plain, policies: { ...plain.policies, breaker: { failureRate: 0.5 } } } }),
  /** Each task passes gates of all kinds, none of which is ever full, against an engine without limits. */
  limits: () => ({
    off: plain,
    on: {
      ...plain,
      tasks: plain.tasks.map((task) =>
        task.executor === undefined ? task : { ...task, tags: ['work'], locks: ['shared'], resources: { cpu: 1 } },
      ),
    },
    limits: { off: {}, on: ALL_LIMITS },
  }),
  /** Each task has an output that would stand in for its own, and none fails. */
  fallback: () => ({
    off: plain,
    on: {
      ...plain,
      tasks: plain.tasks.map((task) => (task.executor === undefined ? task : { ...task, fallback: { output: 0 } })),
    },
  }),
  subscribers: () => ({ off: plain, on: plain, subscribers: SUBSCRIBERS }),
  /** One task for each item of a list, against the same tasks written out. */
  forEach: () => ({
    off: ofGroup(items.map((item) => ({ name: `each.${item}`, parentId: 'all', executor: 'witness' }))),
    on: ofGroup([{ name: 'each', parentId: 'all', executor: 'witness', forEach: items }]),
  }),
};

export async function measureFlow({ dir, parameters: [store, name = ''] }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === store);
  if (mode === undefined) throw new Error(`No store mode "${store}"`);
  const feature = FEATURES[name]?.();
  if (feature === undefined) throw new Error(`No feature "${name}"; there are ${Object.keys(FEATURES).join(', ')}`);
  const { off, on, subscribers = 0, limits } = feature;
  const engine = await openEngine(createStore(mode, dir), [IDLE_WITNESS], limits?.off);
  const limited =
    limits === undefined ? engine : await openEngine(createStore(mode, join(dir, 'on')), [IDLE_WITNESS], limits.on);
  const rounds: { readonly offUs: number; readonly onUs: number }[] = [];
  let stopProfile: Awaited<ReturnType<typeof startProfile>>;
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    if (round === 0) stopProfile = await startProfile();
    const offUs = await usPerTask(engine.engine, off, 0);
    const onUs = await usPerTask(limited.engine, on, subscribers);
    if (round >= 0) rounds.push({ offUs, onUs });
  }
  await stopProfile?.();
  await engine.close();
  if (limited !== engine) await limited.close();
  const median = (figure: (round: (typeof rounds)[number]) => number): number =>
    quantile(sorted(rounds.map(figure)), 0.5);
  return {
    offUs: median(({ offUs }) => offUs),
    onUs: median(({ onUs }) => onUs),
    // Both of a round meet the same moment of the machine.
    costPercent: (median(({ offUs, onUs }) => onUs / offUs) - 1) * 100,
  };
}

/** Processor time of a run, by the tasks that do the work. */
async function usPerTask(engine: Engine, submission: TreeSubmission, subscribers: number): Promise<number> {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  await runTree(engine, submission, (treeId) => {
    for (let at = 0; at < subscribers; at++) engine.subscribe({ treeId }, { event: () => {} });
  });
  const used = process.cpuUsage();
  return (used.user + used.system - user - system) / WIDTH;
}

function withConditions(task: TreeSubmission['tasks'][number]): TreeSubmission['tasks'][number] {
  const { dependencies } = task;
  if (dependencies === undefined) return task;
  const condition = 'output == 1';
  return {
    ...task,
    dependencies: dependencies.map((each) => ({ ...(typeof each === 'string' ? { task: each } : each), condition })),
  };
}
