import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import { growthOf, processorMs } from '../growth.fixture.ts';
import { testContext } from './validation.fixture.ts';
import { validateTree } from './validate-tree.ts';

const EDGES_PER_TASK = 3;

/** A group, and tasks below it that each depend on up to three earlier ones. */
function layered(count: number): TreeSubmission {
  const tasks = Array.from({ length: count }, (_, index): TaskSubmission => {
    if (index === 0) return { id: 'root' };
    const dependencies = [1, 7, 1000]
      .slice(0, EDGES_PER_TASK)
      .flatMap((back) => (index - back > 0 ? [`task-${index - back}`] : []));
    return { id: `task-${index}`, parentId: 'root', executor: 'work', dependencies, inputs: { index } };
  });
  return { tasks };
}

/** Groups inside groups. */
function nested(depth: number): TreeSubmission {
  const tasks = Array.from({ length: depth }, (_, index): TaskSubmission => {
    return index === 0 ? { id: '0' } : { id: String(index), parentId: String(index - 1) };
  });
  return { tasks };
}

/** Processor time that the validation of a sound tree takes, ms. */
function costOf(submission: TreeSubmission): number {
  return processorMs(() => assert.ok(validateTree(submission, testContext).ok));
}

/** Ten times the tasks: linear is 10, quadratic is 100. */
function growthWith(shape: (size: number) => TreeSubmission): number {
  const [small, large] = [shape(10_000), shape(100_000)];
  return growthOf({ small: () => costOf(small), large: () => costOf(large) });
}

describe('validateTree at scale (R-TV-12)', () => {
  it('grows linearly to 100,000 tasks and 300,000 edges', () => {
    expect(growthWith(layered)).toBeLessThan(40);
  });

  it('grows linearly with depth, to 100,000 nested groups', () => {
    expect(growthWith(nested)).toBeLessThan(40);
  });

  it('finds the one cycle among 100,000 tasks, and the one through 100,000 tasks', () => {
    const { tasks } = layered(100_000);
    const bent = tasks.map((task, index) => (index === 50_000 ? { ...task, dependencies: ['task-50001'] } : task));
    expect(validateTree({ tasks: bent }, testContext)).toMatchObject({
      rejection: { code: 'tree/cycle', data: { path: ['task-50000', 'task-50001'] } },
    });
    const ring = Array.from({ length: 100_000 }, (_, index): TaskSubmission => ({
      id: String(index),
      ...(index === 0 ? {} : { parentId: '0' }),
      executor: 'work',
      dependencies: [String((index + 1) % 100_000)],
    }));
    const outcome = validateTree({ tasks: ring }, testContext);
    expect(outcome.ok ? [] : outcome.rejection.data?.['path']).toHaveLength(100_000);
  });

  it('reports 300,000 unknown references, with a bounded number of suggestions', () => {
    const tasks = layered(100_000).tasks.map((task) => ({
      ...task,
      ...(task.id === 'root' ? {} : { dependencies: ['taks-1', 'taks-2', 'taks-3'] }),
    }));
    const outcome = validateTree({ tasks }, testContext);
    const errors = outcome.ok ? [] : (outcome.rejection.errors ?? []);
    expect(errors).toHaveLength(1001);
    expect(errors.at(-1)?.reason).toBe('and 298997 more violations');
  });

  it('compares short words only, and few of them, when it looks for what was meant', () => {
    const long = 'x'.repeat(1_000_000);
    const many = Array.from({ length: 200_000 }, (_, index) => ({
      id: `task-${String(index).padStart(58, '0')}`,
      parentId: 'root',
    }));
    const wrong = Array.from({ length: 20 }, (_, index) => `tsak-${String(index).padStart(58, '1')}`);
    const tasks = [
      { id: 'root' },
      { id: long, parentId: 'root' },
      ...many,
      { id: 'a', parentId: 'root', dependencies: [`${long}y`, ...wrong] },
    ];
    const costMs = processorMs(() => {
      const outcome = validateTree({ tasks }, testContext);
      expect(outcome.ok ? [] : outcome.rejection.errors).toHaveLength(21);
    });
    // Everything compared with everything would take minutes.
    expect(costMs).toBeLessThan(10_000);
  });

  it('shows the two ends of a long cycle, and names all of it once', () => {
    const ring = Array.from({ length: 1000 }, (_, index): TaskSubmission => ({
      id: `t${index}`,
      ...(index === 0 ? {} : { parentId: 't0' }),
      executor: 'work',
      dependencies: [`t${(index + 1) % 1000}`],
    }));
    const outcome = validateTree({ tasks: ring }, testContext);
    const reason = outcome.ok ? '' : outcome.rejection.message;
    expect(reason).toMatch(/^Task 't0' can never start: t0 waits for t1 waits for .* … 981 more … waits for t0$/);
    expect(reason.length).toBeLessThan(500);
  });
});
