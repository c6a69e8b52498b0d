/** Trees of tens of thousands of tasks: no recursion, nothing quadratic. The limits of time are for machines that do other work, too. */
import type { TaskId, TreeId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../task/field-list.ts';
import type { TaskDefinition, TreeDefinition } from '../task/task.ts';
import { growthOf, processorMs } from '../growth.fixture.ts';
import { fold } from './evolve.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';
import { Scenario } from './run.fixture.ts';

const SIZE = 10_000;

type Shape = Pick<TaskDefinition, 'id'> & {
  readonly parentId?: TaskId;
  readonly group?: boolean;
  readonly after?: readonly string[];
};

const id = (text: string | number) => String(text) as TaskId;

function treeOf(shapes: readonly Shape[], policies: TreeDefinition['policies'] = {}): Scenario {
  const tasks = shapes.map((shape): TaskDefinition => {
    const { after = [], group, ...more } = shape;
    const dependencies = after.map((ref) => ({
      task: id(ref),
      ref,
      required: true,
      on: ['success'] as const,
      enabled: true,
    }));
    return {
      ...DEFAULTS,
      ...more,
      key: shape.id,
      name: shape.id,
      ...(group === true ? {} : { executor: 'work' }),
      dependencies,
    };
  });
  return new Scenario([], {
    checks: false,
    definition: { treeId: 'root' as TreeId, tasks, inputs: {}, variables: {}, policies },
  });
}

const root: Shape = { id: id('root'), group: true };
const below = (count: number, shape: (at: number) => Partial<Shape>): Shape[] =>
  Array.from({ length: count }, (_, at) => ({ id: id(at), parentId: id('root'), ...shape(at) }));

function expectSound(s: Scenario): void {
  const folded = fold(s.log);
  expect(JSON.stringify(toSnapshot(folded as never)) === JSON.stringify(toSnapshot(s.run))).toBe(true);
  expect(fromSnapshot(toSnapshot(s.run)).counts).toEqual(s.run.counts);
}

describe('"recursive walks overflow at depth 1,500"', () => {
  it('runs, cancels and retries a chain of 10,000', () => {
    const s = treeOf([root, ...below(SIZE, (at) => (at === 0 ? {} : { after: [String(at - 1)] }))]);
    s.execute();
    for (let at = 0; at < SIZE / 2; at++) s.complete(String(at));
    s.fail(String(SIZE / 2));
    expect(s.run.counts).toMatchObject({ completed: SIZE / 2, skipped: SIZE / 2 - 1 });
    s.retry('failure');
    s.cancel();
    s.retry('failure');
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expectSound(s);
  });

  it('runs, cancels and retries 10,000 nested groups', () => {
    const nested = below(SIZE, (at) => (at === 0 ? { group: true } : { group: at < SIZE - 1, parentId: id(at - 1) }));
    const s = treeOf([root, ...nested]);
    s.execute();
    s.fail(String(SIZE - 1));
    expect(s.run.counts.failed).toBe(SIZE + 1);
    s.retry('start');
    s.cancel();
    s.retry('failure');
    s.completeAll();
    expect(s.run.counts.completed).toBe(SIZE + 1);
    expectSound(s);
  });

  it('runs 10,000 nested tasks with executors', () => {
    const s = treeOf([root, ...below(SIZE, (at) => (at === 0 ? {} : { parentId: id(at - 1) }))]);
    s.execute(String(SIZE / 2));
    s.completeAll();
    expect(s.run.counts.completed).toBe(SIZE / 2 + 1);
    s.execute('0');
    s.completeAll();
    expect(s.run.counts.completed).toBe(SIZE + 1);
  });
});

describe('width', () => {
  it('runs a group of 10,000 members with a fan-in, and fails it fast', () => {
    const wide = [
      root,
      ...below(SIZE, () => ({})),
      { id: id('in'), parentId: id('root'), after: Array.from({ length: SIZE }, (_, at) => String(at)) },
    ];
    const s = treeOf(wide);
    s.execute();
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expectSound(s);
    const failing = treeOf(wide, { onFailure: 'failFast' });
    failing.execute();
    failing.fail('7');
    expect(failing.run.counts).toMatchObject({ failed: 2, cancelled: SIZE - 1, skipped: 1 });
    expectSound(failing);
  });

  it('deletes one task of 100,000, and cancels the rest, in linear time', () => {
    const costOf = (count: number): number => {
      const s = treeOf([root, ...below(count, () => ({}))]);
      const costMs = processorMs(() => {
        s.when({ type: 'delete', taskId: id(1) });
        s.execute();
        s.cancel();
      });
      expect(s.run.counts.cancelled).toBe(count);
      return costMs;
    };
    // Ten times the tasks: linear is 10, quadratic is 100.
    expect(growthOf({ small: () => costOf(10_000), large: () => costOf(100_000) })).toBeLessThan(40);
  });

  it('skips 100,000 dependents of one failure in one decision', () => {
    const s = treeOf([
      root,
      { id: id('first'), parentId: id('root') },
      ...below(100_000, () => ({ after: ['first'] })),
    ]);
    s.execute();
    expect(s.fail('first')).toHaveLength(100_003);
    expect(s.run.counts.skipped).toBe(100_000);
  });
});
