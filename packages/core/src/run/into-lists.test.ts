/** Several edges into one input key (R-RO-10): a list in the order of the tree, whatever ends first. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

const into = (task: string, more: object = {}) => ({ task, into: 'all', ...more });

describe('R-RO-10: several edges into one input key', () => {
  const tree = () =>
    new Scenario(
      tasksOf({
        g: { group: true },
        a: { parentId: 'g' },
        b: {},
        c: { parentId: 'g' },
        z: { join: 'settled', dependencies: [into('b'), into('c'), into('a'), into('b', { on: ['failure'] }), 'g'] },
      }),
    );

  it.each([
    ['a', 'b', 'c'],
    ['c', 'b', 'a'],
    ['b', 'a', 'c'],
  ])('are a list in the order of the tree, when %s ends first, then %s, then %s', (...order) => {
    const s = tree();
    s.execute();
    for (const id of order) s.complete(id, id);
    s.start('z');
    expect(s.task('z').input?.['all']).toEqual(['a', 'c', 'b']);
  });

  it('leave out what has not fired, and stay a list with one', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        b: [],
        z: { dependencies: [into('a', { required: false }), into('b', { on: ['success', 'failure'] })] },
      }),
    );
    s.execute();
    s.when({ type: 'endByHand', taskId: 'a' as never, ending: { status: 'skipped' } });
    s.complete('b', null);
    s.start('z');
    const { all } = s.task('z').input as { readonly all: readonly unknown[] };
    expect(Array.isArray(all) && all.includes(null)).toBe(true);
  });

  it('of one task alone are its output, and inputs of the definition win', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        b: [],
        y: { join: 'settled', dependencies: [into('a'), into('a', { on: ['failure'] })] },
        z: { dependencies: [into('a'), into('b')], inputs: { all: 'mine' } },
      }),
    );
    s.execute();
    s.complete('a', 1);
    s.complete('b', 2);
    s.start('y', 'z');
    expect([s.task('y').input?.['all'], s.task('z').input?.['all']]).toEqual([1, 'mine']);
  });
});
