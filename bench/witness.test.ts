import { expect, test } from 'vitest';
import { Witness } from './witness.ts';
import { countTasks, createWorkload, WORKLOAD_NAMES, type Workload } from './workload.ts';

const workload: Workload = {
  shape: 'chain',
  trees: [
    [
      { name: 'a', dependencies: [], layer: 0 },
      { name: 'b', dependencies: ['a'], layer: 0 },
    ],
  ],
  concurrency: 1,
  treesAtOnce: 1,
  sleepMs: 0,
};

test('who executes each task once, after its dependencies, passes', async () => {
  const witness = new Witness(workload);
  await witness.execute(0, 'a');
  await witness.execute(0, 'b');
  expect(() => witness.check()).not.toThrow();
  expect(witness.executions).toBe(2);
});

test('who skips a task is refused', async () => {
  const witness = new Witness(workload);
  await witness.execute(0, 'a');
  expect(() => witness.check()).toThrow('1 executions of 1 tasks, instead of one of each of 2');
});

test('who runs a task twice is refused', async () => {
  const witness = new Witness(workload);
  await witness.execute(0, 'a');
  await witness.execute(0, 'b');
  await witness.execute(0, 'b');
  expect(() => witness.check()).toThrow('3 executions of 2 tasks, instead of one of each of 2');
});

test('who runs a task before its dependency has ended is refused, also while that one runs', async () => {
  const witness = new Witness({ ...workload, sleepMs: 1 });
  const running = witness.execute(0, 'a');
  await expect(witness.execute(0, 'b')).rejects.toThrow('b was started before a had ended');
  await running;
});

test('the workloads are what they are said to be', () => {
  const sizes = WORKLOAD_NAMES.map((name) => [
    name,
    countTasks(createWorkload(name)),
    createWorkload(name).trees.length,
  ]);
  expect(sizes).toEqual([
    ['W1', 1_000, 1],
    ['W2', 10_002, 1],
    ['W3', 6_000, 1_000],
    ['W4', 1_000, 1],
    ['W5', 5, 1],
    ['W5b', 3, 1],
  ]);
  for (const name of WORKLOAD_NAMES) {
    for (const tasks of createWorkload(name).trees) {
      const before = new Set<string>();
      for (const task of tasks) {
        expect(new Set(task.dependencies).size).toBe(task.dependencies.length);
        expect(task.dependencies.filter((dependency) => !before.has(dependency))).toEqual([]);
        before.add(task.name);
      }
    }
  }
  const [layers] = createWorkload('W4').trees;
  expect(layers?.filter((task) => task.layer > 0).every((task) => task.dependencies.length === 3)).toBe(true);
});
