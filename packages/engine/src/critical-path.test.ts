import { fold, type RunEvent, type RunState, type TaskId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { criticalPathMs } from './critical-path.ts';

interface Shape {
  readonly parentId?: string;
  readonly executor?: string;
  readonly after?: readonly string[];
  readonly join?: 'all' | 'any';
}

/** A run whose tasks, below the group `root`, have just begun to wait. */
function runOf(tasks: Readonly<Record<string, Shape>>): RunState {
  const all: Readonly<Record<string, Shape>> = { root: {}, ...tasks };
  const definitions = Object.entries(all).map(([id, { parentId = 'root', executor, after = [], join = 'all' }]) => ({
    id,
    key: id,
    name: id,
    ...(id === 'root' ? {} : { parentId }),
    ...(executor === undefined ? {} : { executor }),
    inputs: {},
    dependencies: after.map((task) => ({ task, ref: task, required: true, on: ['success'], enabled: true })),
    join,
    priority: 2,
    policies: {},
    allowFailure: false,
    capabilities: [],
    tags: [],
    metadata: {},
  }));
  const definition = { treeId: 'root', tasks: definitions, inputs: {}, variables: {}, policies: {} };
  const events = [
    { type: 'TreeCreated', seq: 1, atMs: 0, data: { definition, userId: 'ann', seed: 's' } },
    { type: 'RunStarted', seq: 2, atMs: 0, data: {} },
  ];
  return fold(events as unknown as readonly RunEvent[]) as RunState;
}

const MS: Readonly<Record<string, number>> = { slow: 100, quick: 10 };
const known = ({ definition }: RunState['root']): number | undefined => MS[definition.executor ?? ''];

describe('the critical path (R-PR-08)', () => {
  it('is the longest chain, not the sum of the tasks', () => {
    const chain = {
      a: { executor: 'slow' },
      b: { executor: 'quick', after: ['a'] },
      c: { executor: 'quick' },
      d: { executor: 'slow', after: ['c', 'b'] },
    };
    expect(criticalPathMs(runOf(chain), known)).toBe(210);
  });

  it('goes through groups: their members wait for what they wait for, and others for all of them', () => {
    const run = runOf({
      first: { executor: 'slow' },
      group: { after: ['first'] },
      m: { parentId: 'group', executor: 'quick' },
      n: { parentId: 'group', executor: 'slow' },
      last: { executor: 'quick', after: ['group'] },
    });
    expect(criticalPathMs(run, known)).toBe(210);
  });

  it('takes the earliest of a race, and leaves out what has ended', () => {
    const run = runOf({
      a: { executor: 'slow' },
      b: { executor: 'quick' },
      c: { executor: 'quick', after: ['a', 'b'], join: 'any' },
      d: { executor: 'slow', after: ['c'] },
    });
    expect(criticalPathMs(run, known)).toBe(120);
    for (const id of ['a', 'c']) Object.assign(run.byId.get(id as TaskId) as object, { status: 'completed' });
    expect(criticalPathMs(run, known)).toBe(100);
  });

  it('is unknown as long as one of the tasks is', () => {
    expect(criticalPathMs(runOf({ a: { executor: 'slow' }, b: { executor: 'new' } }), known)).toBeUndefined();
    expect(criticalPathMs(runOf({}), known)).toBe(0);
  });

  it('needs no stack for a long chain', () => {
    const size = 20_000;
    const tasks = Array.from({ length: size }, (_, at): [string, Shape] => [
      `t${at}`,
      { executor: 'quick', after: at === 0 ? [] : [`t${at - 1}`] },
    ]);
    expect(criticalPathMs(runOf(Object.fromEntries(tasks)), known)).toBe(size * 10);
  });
});
