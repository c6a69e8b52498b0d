/**
 * What a feature of the flow costs: the same tree with it and without it, one after the other in one process, many times. Parameter:
 * `conditions` (each edge has one), or `variables` (declared, and nobody reads or writes one).
 */
import type { Executor, TreeSubmission } from '@coppice/core';
import { runTree, toSubmission } from './coppice/coppice-subject.ts';
import { createStore, openEngine } from './coppice/open-engine.ts';
import type { Figures, MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';
import { fan, type WorkTask } from './workload.ts';

const WIDTH = 10_000;
const CONCURRENCY = 100;
const ROUNDS = 15;
const WARM_UPS = 3;

/** The tree with the feature. */
const ADDED: Readonly<Record<string, (plain: TreeSubmission) => TreeSubmission>> = {
  conditions: (plain) => ({ ...plain, tasks: plain.tasks.map(withConditions) }),
  variables: (plain) => ({ ...plain, variables: { total: { value: 0, merge: 'sum' }, stage: 'new' } }),
};

export async function measureFlow({ dir, parameters: [feature = ''] }: MeasurementContext): Promise<Figures> {
  const added = ADDED[feature];
  if (added === undefined) throw new Error(`No feature "${feature}"; there are ${Object.keys(ADDED).join(', ')}`);
  const executor: Executor = {
    type: 'witness',
    description: 'Does nothing.',
    effects: 'pure',
    execute: () => Promise.resolve(1),
  };
  const { engine, close } = await openEngine(createStore('memory', dir), [executor]);
  const usPerTask = async (submission: TreeSubmission): Promise<number> => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    await runTree(engine, submission);
    const used = process.cpuUsage();
    return (used.user + used.system - user - system) / (WIDTH + 2);
  };
  const tasks = fan({ trees: 1, width: WIDTH, concurrency: CONCURRENCY }).trees[0] as readonly WorkTask[];
  const plain = toSubmission(tasks, CONCURRENCY);
  const rounds: { readonly off: number; readonly on: number }[] = [];
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const off = await usPerTask(plain);
    const on = await usPerTask(added(plain));
    if (round >= 0) rounds.push({ off, on });
  }
  await close();
  const off = quantile(sorted(rounds.map((round) => round.off)), 0.5);
  const on = quantile(sorted(rounds.map((round) => round.on)), 0.5);
  return { offUs: off, onUs: on, costPercent: (on / off - 1) * 100 };
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
