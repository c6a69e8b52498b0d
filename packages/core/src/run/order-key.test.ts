/** Order keys (R-SC-03): paths, compared at their first difference, in a number of steps that depth hardly changes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growthOf, processorMs } from '../growth.fixture.ts';
import { readyRun } from '../schedule/admission.fixture.ts';
import { Admission } from '../schedule/admission.ts';
import { LimitGates } from '../schedule/limit-gates.ts';
import { isEarlier, orderKeyOf } from './order-key.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/** The run of a tree; `parents[n]` says which of the tasks before it is the parent of task n + 1, the root being task 0. */
function treeOf(parents: readonly number[]): RunState {
  return readyRun({ id: 'a', tasks: parents.map(() => [2, 'work'] as const), parents });
}

/** Parents of tasks that are each a child of any earlier one: the lower `bias`, the deeper the tree. */
const parents = fc
  .tuple(fc.array(fc.nat(9_999), { minLength: 1, maxLength: 120 }), fc.constantFrom(1, 3, 200))
  .map(([draws, bias]) => draws.map((draw, at) => at - (draw % Math.min(bias, at + 1))));

const compare = (a: TaskState, b: TaskState): number => (isEarlier(a, b) ? -1 : isEarlier(b, a) ? 1 : 0);

describe('order keys', () => {
  it('sort the tasks of any tree depth-first, siblings in declared order', () => {
    fc.assert(
      fc.property(parents, (shape) => {
        const run = treeOf(shape);
        const walked = subTree(run.root);
        expect(run.tasks.toSorted(compare).map(orderKeyOf)).toEqual(walked.map(orderKeyOf));
        for (const task of walked) expect(isEarlier(task, task)).toBe(false);
      }),
    );
  });

  it('as texts are the positions on the path from the root', () => {
    const run = treeOf([0, 0, 1, 1, 4]);
    expect(run.tasks.map(orderKeyOf)).toEqual(['0', '0.0', '0.1', '0.0.0', '0.0.1', '0.0.1.0']);
  });

  it('do not change when tasks are added below others', () => {
    fc.assert(
      fc.property(parents, fc.array(fc.nat(9_999), { maxLength: 60 }), (shape, draws) => {
        const before = treeOf(shape);
        const added = draws.map((draw, at) => draw % (shape.length + 1 + at));
        const after = treeOf([...shape, ...added]);
        const declared = after.tasks.slice(0, before.tasks.length);
        expect(declared.map(orderKeyOf)).toEqual(before.tasks.map(orderKeyOf));
        expect(declared.toSorted(compare).map(orderKeyOf)).toEqual(before.tasks.toSorted(compare).map(orderKeyOf));
      }),
    );
  });

  it('let members that come late start before what is declared after their group', () => {
    // Two groups with two members each; the members of the first come when those of the second already wait.
    const run = treeOf([0, 0, 2, 2, 1, 1]);
    const admission = new Admission({ gates: new LimitGates({ global: 1 }, () => undefined), ageingMs: 1_000_000 });
    const enqueue = (...indexes: number[]): void => {
      for (const index of indexes) admission.enqueue(run, run.tasks[index]!, 0);
    };
    const started: string[] = [];
    const start = (): void => {
      for (const { task } of admission.pick(0, 1).picked) {
        task.status = 'completed';
        started.push(orderKeyOf(task));
        admission.release(run, task);
      }
    };
    enqueue(4, 3);
    start();
    enqueue(6, 5);
    for (let turn = 0; turn < 3; turn++) start();
    expect(started).toEqual(['0.1.0', '0.0.0', '0.0.1', '0.1.1']);
  });

  it('are compared in O(log depth): sorting the leaves of a tree that is as deep as it is large is no quadratic work', () => {
    /** A chain with one leaf at each task of it. */
    const comb = (depth: number): TaskState[] => {
      const run = treeOf(Array.from({ length: depth * 2 }, (_, at) => (at % 2 === 0 ? at : Math.max(at - 1, 0))));
      // In no order at all, so that tasks far from each other are compared.
      const place = ({ index }: TaskState): number => (index * 7_919) % run.tasks.length;
      return run.tasks.filter(({ children }) => children.length === 0).toSorted((a, b) => place(a) - place(b));
    };
    const [shallow, deep] = [comb(500), comb(10_000)];
    const costOf = (leaves: readonly TaskState[]) => () => processorMs(() => leaves.toSorted(compare));
    // Twenty times the tasks: linear is 20, quadratic is 400, each times what sorting and caches add.
    expect(growthOf({ small: costOf(shallow), large: costOf(deep) })).toBeLessThan(240);
  });
});
