/**
 * Generated task trees for properties: valid submissions with groups, parents that have an executor, forward references,
 * all joins and triggers, optional and disabled edges, routes of which the first is taken, races, and clean-up.
 *
 * Every task gets one or two moments on a line (a group opens before and ends after its sub-tree; a task with an executor
 * and children stands before or after them), and a dependency only points back on that line. So the trees are acyclic
 * by construction, also where groups are concerned, and no candidate is thrown away.
 */
import type { DependencySubmission, Join, JsonObject, TaskSubmission, TreeSubmission, Trigger } from '@coppice/core';
import * as fc from 'fast-check';

/** What generated trees look like. */
export interface TreeArbitraryOptions {
  /** Tasks at most, the root included. Default 20. */
  readonly maxTasks?: number;
  /** Executor types to choose from. Default `['work']`. */
  readonly executors?: readonly string[];
  /** Conditions that edges may carry; default none. */
  readonly conditions?: readonly string[];
  /** Expressions that tasks may have as their `when`; default none. */
  readonly whens?: readonly string[];
  /** What tasks may write to variables, as their `set`; default none. */
  readonly sets?: readonly JsonObject[];
  /** `id`: every task has an id; `name`: none has. Default: both. */
  readonly mode?: 'id' | 'name';
  /** Only edges that fire on success, required and enabled, and joins `all`. Default false. */
  readonly plain?: boolean;
  /** Tasks that wait: for a time, or also for signals (`s0`, `s1`) and answers, all of them with a time-out. Default none. */
  readonly waits?: 'time' | 'all';
}

/** Raw choices for one task; numbers are reduced to what the tree offers. */
interface Seed {
  readonly parent: number;
  /** A task with children: group, or an executor before or after its children. A leaf is an empty group when `group` and `emptyGroup`. */
  readonly kind: 'group' | 'before' | 'after';
  readonly emptyGroup: boolean;
  readonly executor: string;
  /** In the place of the executor. */
  readonly wait: Pick<TaskSubmission, 'wait' | 'approval'> | undefined;
  readonly join: Join;
  readonly when: string | undefined;
  readonly set: JsonObject | undefined;
  readonly firesFirst: boolean;
  readonly cancelOthers: boolean;
  readonly priority: number | undefined;
  readonly allowFailure: boolean;
  readonly mustRun: boolean;
  /** Cleans up, where it can. */
  readonly cleansUp: boolean;
  readonly edges: readonly EdgeSeed[];
  readonly rank: number;
}

interface EdgeSeed {
  readonly source: number;
  readonly required: boolean;
  readonly enabled: boolean;
  readonly on: readonly Trigger[];
  readonly handles: boolean;
  readonly condition: string | undefined;
}

/** Valid tree submissions. */
export function treeSubmissions(options: TreeArbitraryOptions = {}): fc.Arbitrary<TreeSubmission> {
  const { maxTasks = 20, mode } = options;
  const modes = mode === undefined ? (['id', 'name'] as const) : [mode];
  return fc
    .record({
      mode: fc.constantFrom(...modes),
      seeds: fc.array(seedOf(options), { minLength: 1, maxLength: maxTasks, size: 'max' }),
    })
    .map((choices) => ({ tasks: assemble(choices.seeds, choices.mode) }));
}

function waitOf(waits: TreeArbitraryOptions['waits']): fc.Arbitrary<Seed['wait']> {
  if (waits === undefined) return fc.constant(undefined);
  const ms = fc.nat(40);
  const time = ms.map((forMs) => ({ wait: { forMs } }));
  const signal = fc
    .record({ name: fc.constantFrom('s0', 's1'), timeoutMs: ms, hasDefault: fc.boolean() })
    .map(({ name, timeoutMs, hasDefault }) => ({
      wait: { signal: name, timeoutMs, ...(hasDefault ? { onTimeout: 'default' as const, default: 'none' } : {}) },
    }));
  const onTimeout = fc.constantFrom('fail' as const, 'approve' as const, 'reject' as const);
  const approval = fc.record({ timeoutMs: ms, onTimeout }).map((limits) => ({ approval: limits }));
  const some: fc.Arbitrary<NonNullable<Seed['wait']>> = waits === 'time' ? time : fc.oneof(time, signal, approval);
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some });
}

function seedOf(options: TreeArbitraryOptions): fc.Arbitrary<Seed> {
  const { executors = ['work'], conditions = [], whens = [], sets = [], plain = false, waits } = options;
  const rarely = fc.nat(9).map((digit) => !plain && digit === 9);
  const triggers = fc.constantFrom<readonly Trigger[]>(
    ['failure'],
    ['skipped'],
    ['success', 'failure'],
    ['failure', 'skipped', 'success'],
  );
  const choice = fc.nat(1_000_000);
  const edge = fc.record({
    source: choice,
    required: rarely.map((is) => !is),
    enabled: rarely.map((is) => !is),
    on: plain
      ? fc.constant<readonly Trigger[]>(['success'])
      : fc.oneof({ weight: 3, arbitrary: fc.constant<readonly Trigger[]>(['success']) }, triggers),
    handles: plain ? fc.constant(false) : fc.boolean(),
    condition:
      conditions.length === 0 || plain
        ? fc.constant(undefined)
        : fc.option(fc.constantFrom(...conditions), { nil: undefined }),
  });
  return fc.record({
    parent: choice,
    kind: fc.constantFrom('group' as const, 'before' as const, 'after' as const),
    emptyGroup: rarely,
    executor: fc.constantFrom(...executors),
    wait: waitOf(waits),
    join: plain ? fc.constant<Join>('all') : fc.constantFrom<Join[]>('all', 'all', 'any', 'settled'),
    when:
      whens.length === 0 ? fc.constant(undefined) : fc.option(fc.constantFrom(...whens), { nil: undefined, freq: 4 }),
    set: sets.length === 0 ? fc.constant(undefined) : fc.option(fc.constantFrom(...sets), { nil: undefined, freq: 2 }),
    firesFirst: rarely,
    cancelOthers: fc.boolean(),
    priority: fc.option(fc.nat(3), { nil: undefined }),
    allowFailure: rarely,
    mustRun: rarely,
    cleansUp: plain ? fc.constant(false) : fc.nat(3).map((digit) => digit === 3),
    edges: fc.array(edge, { maxLength: 4 }),
    rank: choice,
  });
}

/** A group that says what it takes and gives. */
const DECLARED: Pick<TaskSubmission, 'inputs' | 'declares'> = {
  inputs: { of: '${{ run.userId }}' },
  declares: {
    inputs: { of: { type: 'string' }, times: { type: 'integer', default: 1 } },
    outputs: { all: { value: '${{ output }}' }, times: { value: '${{ inputs.times }}' } },
  },
};

function assemble(seeds: readonly Seed[], mode: 'id' | 'name'): readonly TaskSubmission[] {
  const parents = seeds.map((seed, index) => (index === 0 ? -1 : seed.parent % index));
  const isParent = new Set(parents);
  const isGroup = seeds.map((seed, index) => seed.kind === 'group' && (isParent.has(index) || seed.emptyGroup));
  const moments = placeOnLine(seeds, parents, isGroup);
  const tasks = seeds.map((seed, index): TaskSubmission => {
    const key = `t${index}`;
    const parent = parents[index] as number;
    const start = moments[index]?.start as number;
    const sources = [...seeds.keys()].filter((source) => (moments[source]?.end as number) < start);
    return {
      ...(mode === 'id' ? { id: key, name: `task ${index}` } : { name: key }),
      ...(parent < 0 ? {} : { parentId: `t${parent}` }),
      ...(isGroup[index] === true ? {} : (seed.wait ?? { executor: seed.executor })),
      join: seed.join,
      ...(seed.when === undefined ? {} : { when: seed.when }),
      ...(seed.set === undefined || (seed.wait !== undefined && isGroup[index] !== true) ? {} : { set: seed.set }),
      ...(seed.firesFirst ? { fire: 'first' as const } : {}),
      ...(seed.join === 'any' && seed.cancelOthers ? { cancelOthers: true } : {}),
      ...(seed.priority === undefined ? {} : { priority: seed.priority }),
      ...(seed.allowFailure ? { allowFailure: true } : {}),
      ...(seed.mustRun ? { mustRun: true } : {}),
      ...(isGroup[index] === true && seed.rank % 7 === 0 ? DECLARED : {}),
      ...(seed.rank % 11 === 0 ? { ref: `r${index}` } : {}),
      dependencies: edgesOf(seed, sources),
    };
  });
  const cleaning = seeds.flatMap(({ cleansUp }, index) =>
    cleansUp && isGroup[parents[index] as number] === true && (isGroup[index] === true || !isParent.has(index))
      ? [index]
      : [],
  );
  for (const index of cleaning) {
    if (!isReachedInto(index, parents, tasks)) tasks[index] = { ...(tasks[index] as TaskSubmission), finally: true };
  }
  // Declared order is no order of execution: references point forward as well.
  return tasks
    .map((task, index) => ({ task, rank: seeds[index]?.rank as number }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ task }) => task);
}

/** True when something outside of a sub-tree depends on something in it. */
function isReachedInto(top: number, parents: readonly number[], tasks: readonly TaskSubmission[]): boolean {
  const isInside = (index: number): boolean => index === top || (index > top && isInside(parents[index] as number));
  const inside = new Set([...tasks.keys()].filter(isInside).map((index) => `t${index}`));
  return tasks.some(
    ({ dependencies = [] }, index) =>
      !isInside(index) &&
      dependencies.some((dependency) => inside.has(typeof dependency === 'string' ? dependency : dependency.task)),
  );
}

function edgesOf(seed: Seed, sources: readonly number[]): readonly (string | DependencySubmission)[] {
  const edges = new Map<number, string | DependencySubmission>();
  if (sources.length === 0) return [];
  for (const { source, required, enabled, on, condition, handles } of seed.edges) {
    const position = sources[source % sources.length] as number;
    const task = `t${position}`;
    const isPlain = required && enabled && on.join() === 'success' && condition === undefined;
    const canHandle = !required || on.includes('failure');
    const more = {
      required,
      enabled,
      on,
      ...(canHandle ? { handles } : {}),
      ...(condition === undefined ? {} : { condition }),
    };
    edges.set(position, isPlain ? task : { task, ...more });
  }
  return [...edges.values()];
}

interface Moments {
  start: number;
  end: number;
}

function placeOnLine(
  seeds: readonly Seed[],
  parents: readonly number[],
  isGroup: readonly boolean[],
): readonly Moments[] {
  const children = seeds.map((): number[] => []);
  for (const [index, parent] of parents.entries()) children[parent]?.push(index);
  const moments = seeds.map((): Moments => ({ start: 0, end: 0 }));
  const stack: { readonly index: number; readonly leaving: boolean }[] = [{ index: 0, leaving: false }];
  let now = 0;
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { index, leaving } = top;
    const at = moments[index] as Moments;
    const isBefore = isGroup[index] === true || seeds[index]?.kind === 'before';
    if (!leaving) {
      stack.push({ index, leaving: true });
      for (const child of children[index]?.toReversed() ?? []) stack.push({ index: child, leaving: false });
      if (isBefore) at.start = at.end = ++now;
    } else if (isGroup[index] === true) {
      at.end = ++now;
    } else if (!isBefore) {
      at.start = at.end = ++now;
    }
  }
  return moments;
}
