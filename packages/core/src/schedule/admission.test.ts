/** Rule 8: gates are never exceeded, everything admissible starts, classes are weighted and no barrier, nothing starves. */
import type { TaskId } from '@coppice/extension';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growthOf, processorMs } from '../growth.fixture.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { Priority } from '../task/task.ts';
import { Desk, readyRun, type TreeShape } from './admission.fixture.ts';
import { checkGateLimits, type GateLimits } from './gate-limits.ts';

const many = (count: number, priority: Priority = 2, executor = 'work') =>
  Array.from({ length: count }, () => [priority, executor] as const);

/** Picks one task at a time and ends it at once; answers how often each class was served. */
function serve(desk: Desk, turns: number): number[] {
  const served = [0, 0, 0, 0];
  for (let turn = 0; turn < turns; turn++) {
    desk.pick();
    for (const task of desk.running.keys()) {
      served[task.definition.priority] = (served[task.definition.priority] ?? 0) + 1;
      desk.end(task);
    }
  }
  return served;
}

describe('gates', () => {
  it('R-SC-01 without limits everything ready starts in one step', () => {
    const desk = new Desk({});
    desk.add(readyRun({ id: 'a', tasks: many(100) }));
    expect(desk.pick()).toHaveLength(100);
  });

  it('R-SC-02 R-LM-09 holds the limit of the tree, the tighter one of engine and run', () => {
    const desk = new Desk({ perTree: 5 });
    desk.add(readyRun({ id: 'a', tasks: many(10) }));
    desk.add(readyRun({ id: 'b', tasks: many(10), concurrency: 2 }));
    desk.add(readyRun({ id: 'c', tasks: many(10), concurrency: 8 }));
    expect(desk.pick()).toHaveLength(12);
  });

  it('R-LM-01 holds the limit of an executor type over all trees; others go on', () => {
    const desk = new Desk({ executors: { slow: 2 } });
    desk.add(readyRun({ id: 'a', tasks: [...many(3, 0, 'slow'), ...many(3)] }));
    desk.add(readyRun({ id: 'b', tasks: many(3, 2, 'slow') }));
    expect(desk.pick()).toEqual(expect.arrayContaining(['a.0', 'a.1', 'a.3', 'a.4', 'a.5']));
    expect(desk.running.size).toBe(5);
  });

  it('R-LM-07 the user’s gate counts runs, not tasks', () => {
    const desk = new Desk({ perUser: 1, users: { bob: 2 } });
    const runs = ['a', 'b'].map((id) => readyRun({ id, tasks: many(3) }));
    for (const run of runs) desk.add(run);
    for (const id of ['x', 'y', 'z']) desk.add(readyRun({ id, userId: 'bob', tasks: many(1) }));
    expect(desk.pick().sort()).toEqual(['a.0', 'a.1', 'a.2', 'x.0', 'y.0']);
    for (const task of desk.running.keys()) desk.end(task);
    expect(desk.pick()).toEqual([]);
    desk.endRun(runs[0]!);
    expect(desk.pick()).toEqual(['b.0', 'b.1', 'b.2']);
  });

  it('takes all gates or none: a task that waits for one place holds no other', () => {
    const desk = new Desk({ executors: { slow: 1 } });
    desk.add(readyRun({ id: 'a', concurrency: 2, tasks: [...many(3, 0, 'slow'), ...many(1, 3)] }));
    expect(desk.pick().sort()).toEqual(['a.0', 'a.3']);
  });

  it('endRun gives back every place', () => {
    const desk = new Desk({ global: 2, perUser: 1, executors: { work: 2 } });
    const a = readyRun({ id: 'a', tasks: many(5) });
    desk.add(a);
    desk.add(readyRun({ id: 'b', tasks: many(5) }));
    expect(desk.pick()).toEqual(['a.0', 'a.1']);
    desk.endRun(a);
    expect(desk.pick()).toEqual(['b.0', 'b.1']);
  });

  it('R-LM-11 counts adopted attempts', () => {
    const desk = new Desk({ global: 1 });
    const run = readyRun({ id: 'a', tasks: many(2) });
    const [, first, second] = run.tasks;
    desk.admission.adopt(run, first!, 0);
    first!.status = 'running';
    desk.running.set(first!, run);
    desk.active.add(run);
    desk.admission.enqueue(run, second!, 0);
    expect(desk.pick()).toEqual([]);
    desk.end(first!);
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('passes over tasks that were cancelled while they waited', () => {
    const desk = new Desk({ global: 1 });
    const run = readyRun({ id: 'a', tasks: many(3) });
    desk.add(run);
    run.tasks[1]!.status = 'cancelled';
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('R-LM-10 tells which gates a task waits for, and how many wait', () => {
    const desk = new Desk({ global: 9, executors: { work: 1 } });
    const run = readyRun({ id: 'a', tasks: many(3) });
    desk.add(run);
    desk.pick();
    expect(desk.admission.blockers(run, run.tasks[3]!)).toEqual([
      { gate: 'executor:work', used: 1, limit: 1, waiting: 2 },
    ]);
    expect(desk.admission.uses()).toEqual([
      { gate: 'global', used: 1, limit: 9, waiting: 0 },
      { gate: 'executor:work', used: 1, limit: 1, waiting: 2 },
    ]);
  });

  it('refuses limits that make no sense', () => {
    expect(checkGateLimits({ global: -1, perUser: 1.5, executors: { a: 0, b: NaN }, users: { u: 3 } })).toEqual([
      'limits.global must be a whole number of at least 0 (0: unlimited), not -1',
      'limits.perUser must be a whole number of at least 0 (0: unlimited), not 1.5',
      'limits.executors.b must be a whole number of at least 0 (0: unlimited), not NaN',
    ]);
  });
});

describe('order', () => {
  it('R-SC-04 by order key within a class and tree, whatever the order of arrival; trees take turns', () => {
    const desk = new Desk({ global: 1 });
    const run = readyRun({ id: 'a', tasks: many(5) });
    for (const at of [5, 2, 4, 1, 3]) desk.admission.enqueue(run, run.tasks[at]!, 0);
    desk.runs.add(run);
    desk.add(readyRun({ id: 'b', tasks: many(1) }));
    const order: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      order.push(...desk.pick());
      for (const task of desk.running.keys()) desk.end(task);
    }
    expect(order).toEqual(['a.0', 'b.0', 'a.1', 'a.2', 'a.3', 'a.4']);
  });

  it('"Urgent priority 0 treated as unset and run last": it goes first', () => {
    const desk = new Desk({ global: 1 });
    desk.add(
      readyRun({
        id: 'a',
        tasks: [
          [3, 'work'],
          [2, 'work'],
          [1, 'work'],
          [0, 'work'],
        ],
      }),
    );
    expect(desk.pick()).toEqual(['a.3']);
  });

  it.each<[string, GateLimits, number | undefined]>([
    ['the global gate', { global: 1 }, undefined],
    ['an executor’s gate', { executors: { work: 1 } }, undefined],
    ['the tree’s gate', {}, 1],
  ])('R-SC-20 serves the classes 8:4:2:1 at %s', (_name, limits, concurrency) => {
    const desk = new Desk(limits);
    const tasks = ([0, 1, 2, 3] as const).flatMap((priority) => many(200, priority));
    desk.add(readyRun({ id: 'a', tasks, ...(concurrency === undefined ? {} : { concurrency }) }));
    expect(serve(desk, 150)).toEqual([80, 40, 20, 10]);
  });

  it('"priority groups used as barriers": a free place goes to a lower class when the higher one waits for a gate', () => {
    const desk = new Desk({ executors: { slow: 1 } });
    desk.add(readyRun({ id: 'a', tasks: [...many(5, 0, 'slow'), ...many(2, 3)] }));
    expect(desk.pick().sort()).toEqual(['a.0', 'a.5', 'a.6']);
  });

  it.each<[string, GateLimits]>([
    ['waiting for a turn', { global: 1 }],
    ['at a gate', { executors: { work: 1 } }],
  ])('R-SC-20 ageing: what has waited long counts one class higher, %s', (_name, limits) => {
    const desk = new Desk(limits, 1_000);
    desk.add(readyRun({ id: 'u', tasks: many(2_000, 0) }));
    desk.add(readyRun({ id: 'l', tasks: many(1, 3) }));
    desk.nowMs = 0;
    desk.pick();
    // Three intervals later it stands among the urgent ones, behind the tree that came first.
    desk.nowMs = 3_500;
    for (const task of desk.running.keys()) desk.end(task);
    const picked: string[] = [];
    for (let turn = 0; turn < 20; turn++) {
      picked.push(...desk.pick());
      for (const task of desk.running.keys()) desk.end(task);
    }
    expect(picked).toContain('l.0');
  });
});

describe('properties', () => {
  const priority = fc.constantFrom<Priority>(0, 1, 2, 3);
  const executor = fc.constantFrom('x', 'y', 'z');
  const limit = fc.option(fc.nat(4), { nil: undefined });
  const limits = fc.record({
    global: limit,
    perTree: limit,
    perUser: limit,
    executors: fc.dictionary(executor, fc.nat(3)),
  });
  const trees = fc.array(
    fc.record({
      userId: fc.constantFrom('ann', 'bob'),
      concurrency: limit,
      tasks: fc.array(fc.tuple(priority, executor), { minLength: 1, maxLength: 12 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it('invariant 5, and nothing that could start is left waiting, through ends, retries, cancels and run ends', () => {
    fc.assert(
      fc.property(limits, trees, fc.array(fc.nat(9_999), { maxLength: 150 }), (gates, shapes, steps) => {
        const desk = new Desk(gates, 50);
        const waiting = shapes.map(({ concurrency, ...shape }, index): TreeShape => ({
          id: `t${index}`,
          ...shape,
          ...(concurrency === undefined ? {} : { concurrency }),
        }));
        for (const step of steps) {
          desk.nowMs += step % 40;
          act(desk, waiting, step);
          desk.check();
        }
        desk.pick();
        expect(desk.startable()).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('everything is served in the end', () => {
    fc.assert(
      fc.property(limits, trees, (gates, shapes) => {
        const desk = new Desk(gates, 50);
        const runs = shapes.map(({ concurrency, ...shape }, index) =>
          readyRun({ id: `t${index}`, ...shape, ...(concurrency === undefined ? {} : { concurrency }) }),
        );
        for (const run of runs) desk.add(run);
        for (const run of desk.runs) for (const id of run.pauses?.keys() ?? []) desk.togglePause(run, taskOf(run, id));
        for (let turn = 0; desk.runs.size > 0; turn++) {
          expect(turn).toBeLessThan(500);
          desk.pick(3);
          for (const task of desk.running.keys()) desk.end(task);
          for (const run of desk.runs) if (run.tasks.every((task) => task.status !== 'ready')) desk.endRun(run);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function act(desk: Desk, waiting: TreeShape[], step: number): void {
  const running = [...desk.running.keys()];
  const task = running[step % Math.max(running.length, 1)];
  const run = [...desk.runs][step % Math.max(desk.runs.size, 1)];
  switch (step % 9) {
    case 0:
    case 1: {
      const shape = waiting.pop();
      if (shape !== undefined) desk.add(readyRun(shape));
      return;
    }
    case 2:
      desk.pick(1 + (step % 3));
      return;
    case 3:
    case 4:
      if (task !== undefined) desk.end(task);
      return;
    case 5: {
      const of = task === undefined ? undefined : desk.running.get(task);
      if (task === undefined || of === undefined) return;
      desk.end(task, 'ready');
      desk.admission.enqueue(of, task, desk.nowMs);
      return;
    }
    case 6: {
      const ready = run?.tasks.find((each) => each.status === 'ready');
      if (ready !== undefined) ready.status = 'cancelled';
      return;
    }
    case 7: {
      const top = run?.tasks[step % run.tasks.length];
      if (run !== undefined && top !== undefined) desk.togglePause(run, top);
      return;
    }
    default:
      if (run !== undefined && step % 3 === 0) desk.endRun(run);
      else desk.pick();
  }
}

function taskOf(run: RunState, id: TaskId): TaskState {
  return run.byId.get(id) as TaskState;
}

describe('R-CP-08: what is paused', () => {
  const run = () => readyRun({ id: 'a', tasks: many(4), parents: [0, 0, 2, 2] });

  it('waits at a gate of its own, and takes no place', () => {
    const desk = new Desk({ global: 1 });
    const a = run();
    desk.add(a);
    desk.togglePause(a, taskOf(a, 'a.1' as TaskId));
    expect(desk.admission.blockers(a, taskOf(a, 'a.3' as TaskId))).toEqual([
      { gate: 'paused:a.1', used: 0, limit: 0, waiting: 3 },
    ]);
    expect(desk.pick()).toEqual(['a.0']);
    expect(desk.admission.uses()).toContainEqual({ gate: 'paused:a.1', used: 0, limit: 0, waiting: 3 });
    desk.end(taskOf(a, 'a.0' as TaskId));
    expect(desk.pick()).toEqual([]);
    desk.togglePause(a, taskOf(a, 'a.1' as TaskId));
    expect(desk.admission.uses().map(({ gate }) => gate)).toEqual(['global']);
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('gives the place of an attempt back to the gate that it was taken at, paused or not', () => {
    const desk = new Desk({ executors: { work: 1 } });
    const a = run();
    desk.add(a);
    expect(desk.pick()).toEqual(['a.0']);
    desk.togglePause(a, a.root);
    desk.end(taskOf(a, 'a.0' as TaskId));
    desk.check();
    const b = readyRun({ id: 'b', tasks: many(1) });
    desk.add(b);
    expect(desk.pick()).toEqual(['b.0']);
  });

  it('waits at the nearest of several pauses, and then at the next', () => {
    const desk = new Desk({});
    const a = run();
    desk.add(a);
    for (const id of ['a', 'a.1']) desk.togglePause(a, taskOf(a, id as TaskId));
    expect(desk.pick()).toEqual([]);
    desk.togglePause(a, taskOf(a, 'a.1' as TaskId));
    expect(desk.pick()).toEqual([]);
    expect(desk.admission.uses()).toEqual([{ gate: 'paused:a', used: 0, limit: 0, waiting: 4 }]);
    desk.endRun(a);
    expect(desk.admission.uses()).toEqual([]);
  });
});

describe('scale', () => {
  /** Processor time that it takes to start and end all tasks, ms. */
  function costOf(treeCount: number, tasksPerTree: number): number {
    const desk = new Desk({ global: 100, executors: { slow: 3 } });
    for (let at = 0; at < treeCount; at++) {
      const tasks = Array.from(
        { length: tasksPerTree },
        (_, index) => [(index % 4) as Priority, index % 5 === 0 ? 'slow' : 'work'] as const,
      );
      desk.add(readyRun({ id: `t${at}`, tasks }));
    }
    const { admission } = desk;
    const total = treeCount * tasksPerTree;
    return processorMs(() => {
      for (let picked = 0; picked < total;) {
        const some = admission.pick(0, 100).picked;
        picked += some.length;
        for (const { run, task } of some) {
          task.status = 'completed';
          admission.release(run, task);
        }
      }
    });
  }

  it('R-SC-08 "every ready task started one by one": 100,000 ready tasks in thousands of queues cost little more each than 2,000', () => {
    const small = (): number => costOf(100, 20);
    // Fifty times the tasks: linear is 50, quadratic is 2,500.
    expect(growthOf({ small, large: () => costOf(5_000, 20) })).toBeLessThan(500);
    expect(growthOf({ small, large: () => costOf(1, 100_000) })).toBeLessThan(500);
  });
});
