/** The tree that a simulation runs, from its seed. */
import { isGroup, type SeededRandom, type TaskPolicies, type TaskSubmission, type TreeSubmission } from '@coppice/core';
import * as fc from 'fast-check';
import { treeSubmissions } from '../tree-arbitrary.ts';
import { FLOW_VARIABLES, flowing } from './flow-tasks.ts';
import { multiplied } from './multiplied-tasks.ts';
import { withBreakers } from './simulated-breakers.ts';
import { withDemands } from './simulated-demands.ts';
import { withTimeLimits } from './simulated-time-limits.ts';

/** `calm`: outcomes do not depend on time, so runs can be compared; `stormy`: everything. */
export type Weather = 'calm' | 'stormy';

const CALM_EXECUTORS = ['steady', 'steady', 'flaky', 'recorder', 'doomed'];
const EXECUTORS: Readonly<Record<Weather, readonly string[]>> = {
  calm: CALM_EXECUTORS,
  stormy: [...CALM_EXECUTORS, 'steady', 'silent', 'fragile', 'fatal'],
};
const WHENS = [
  'run.userId == "nobody"',
  'task.attempt == 1',
  'size(deps) < 3',
  'size(deps) == 1 / 0',
  'vars.total < 4',
  'vars.stage != "t1"',
];
const VARIABLES = { total: { value: 0, merge: 'sum' }, log: { value: [], merge: 'append' }, stage: 'new' };
const SETS = [{ total: 2 }, { log: '${{ task.key }}', total: '${{ size(vars.log) }}' }, { stage: '${{ task.key }}' }];
/** Whether a condition that can not be worked out is met before another edge is dead depends on time. */
const CONDITIONS: Readonly<Record<Weather, readonly string[]>> = {
  calm: ['status == "failed"', 'output == null', 'output != null'],
  stormy: ['status == "failed"', 'output == null', 'has(output.of)'],
};

export interface SimulatedTreeOptions {
  readonly seed: number;
  /** Put before every id, so that several trees fit into one store. */
  readonly prefix: string;
  readonly weather: Weather;
  readonly random: SeededRandom;
  /** Chance of what makes the tree grow, wait and share; undefined: there is none of it. */
  readonly flow: SeededRandom | undefined;
  /** Chance of its own, so that the trees of former seeds stay what they were. */
  readonly chanceOfDemands: SeededRandom;
  readonly chanceOfTimeLimits: SeededRandom;
  /** The same of breakers; undefined: there are none. */
  readonly chanceOfBreakers: SeededRandom | undefined;
}

export function simulatedTree({
  seed,
  prefix,
  weather,
  random,
  chanceOfDemands,
  chanceOfTimeLimits,
  chanceOfBreakers,
  flow,
}: SimulatedTreeOptions): TreeSubmission {
  const arbitrary = treeSubmissions({
    maxTasks: 14,
    mode: 'id',
    executors: EXECUTORS[weather],
    conditions: CONDITIONS[weather],
    whens: WHENS,
    waits: weather === 'calm' ? 'time' : 'all',
    sets: SETS,
  });
  const [sample] = fc.sample(arbitrary, { seed, numRuns: 1 });
  const sampled = sample?.tasks ?? [];
  const grown =
    flow === undefined ? multiplied(sampled, random, false) : multiplied(flowing(sampled, flow), flow, true);
  const demanding = withDemands(grown, chanceOfDemands);
  const tasks = weather === 'calm' || flow === undefined ? demanding : withTimeLimits(demanding, chanceOfTimeLimits);
  const safe = tasks.map((task) => withPolicies(renamed(task, prefix), weather, random));
  const named = chanceOfBreakers === undefined ? safe : withBreakers(safe, weather, chanceOfBreakers);
  const groups = new Set(named.filter(isGroup).map(({ id = '' }) => id));
  const isSaga = weather === 'stormy' && random.next() < 0.4;
  return {
    tasks: isSaga ? named.map((task) => withCompensation(task, groups, random)) : named,
    variables: flow === undefined ? VARIABLES : FLOW_VARIABLES,
    policies: {
      retry: { strategy: 'exponential', delayMs: 4, maxDelayMs: 30, maxAttempts: 3 },
      ...(weather === 'stormy' && random.next() < 0.3 ? { concurrency: 1 + random.integer(3) } : {}),
      ...(weather === 'stormy' && random.next() < 0.15 ? { runTimeoutMs: 20 + random.integer(300) } : {}),
      ...(weather === 'stormy' && random.next() < 0.2 ? { onFailure: 'failFast' as const } : {}),
      ...(weather === 'stormy' && random.next() < 0.1 ? { retryBudget: random.integer(4) } : {}),
      ...(isSaga
        ? {
            compensation: {
              level: random.next() < 0.5 ? ('scope' as const) : ('run' as const),
              onCancel: random.next() < 0.5,
            },
          }
        : {}),
    },
  };
}

function renamed(task: TaskSubmission, prefix: string): TaskSubmission {
  const { id, parentId, dependencies = [] } = task;
  return {
    ...task,
    id: `${prefix}${id}`,
    ...(parentId === undefined ? {} : { parentId: `${prefix}${parentId}` }),
    dependencies: dependencies.map((dependency) =>
      typeof dependency === 'string'
        ? `${prefix}${dependency}`
        : { ...dependency, task: `${prefix}${dependency.task}` },
    ),
  };
}

function withPolicies(task: TaskSubmission, weather: Weather, random: SeededRandom): TaskSubmission {
  if (weather === 'calm') {
    const { cancelOthers: _race, ...calm } = task;
    return { ...calm, ...(task.join === 'any' ? { join: 'settled' as const } : {}) };
  }
  const policies: TaskPolicies = {
    // What may never answer has a limit, or the run could not end by itself.
    ...(task.executor === 'silent' ? { timeoutMs: 5 + random.integer(40) } : {}),
    ...(task.executor === 'silent' && random.next() < 0.3 ? { heartbeatTimeoutMs: 5 + random.integer(20) } : {}),
    ...(isGroup(task) && random.next() < 0.2 ? { onFailure: 'failFast' as const } : {}),
  };
  const isSafe = task.executor !== undefined && random.next() < 0.15;
  return {
    ...task,
    policies: { ...task.policies, ...policies },
    ...(isSafe ? { fallback: fallbackOf(random) } : {}),
  };
}

function fallbackOf(random: SeededRandom): NonNullable<TaskSubmission['fallback']> {
  if (random.next() < 0.4) return { output: { because: '${{ error.code }}' } };
  const executor = ['steady', 'doomed', 'fragile'][random.integer(3)] as string;
  return { executor, inputs: { because: '${{ error.code }}' }, ...(random.next() < 0.3 ? { port: 'separate' } : {}) };
}

/** Some tasks say how they are undone. What is undone first depends on time, so calm trees have none. */
function withCompensation(task: TaskSubmission, groups: ReadonlySet<string>, random: SeededRandom): TaskSubmission {
  if (random.next() < 0.3 || task.parentId === undefined || !groups.has(task.parentId)) return task;
  const executor = ['steady', 'flaky', 'doomed'][random.integer(3)] as string;
  const inputs = { of: '${{ original.key }}', because: '${{ failure.error.code }}', all: '${{ size(compensating) }}' };
  const policies = random.next() < 0.5 ? {} : { policies: { retry: { maxAttempts: 2, delayMs: 3 } } };
  return { ...task, compensate: { executor, inputs, ...policies } };
}
