/** Admission with gates of every kind that the model names: what a gate counts, and when it has more, is its own business. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskState } from '../run/state.ts';
import type { Priority } from '../task/task.ts';
import { readyRun } from './admission.fixture.ts';
import { CounterGate } from './counter-gate.ts';
import type { Gate, GateSet } from './gate.ts';
import {
  BreakerGate,
  BucketGate,
  ClosableGate,
  GateDesk,
  QuotaGate,
  ResizableGate,
  type TestGates,
} from './gate-kinds.fixture.ts';

const many = (count: number, executor = 'work', priority: Priority = 2) =>
  Array.from({ length: count }, () => [priority, executor] as const);
const one = (gate: Gate): GateSet => [{ gate, amount: 1 }];
const work = (gate: Gate): TestGates => ({ executors: { work: one(gate) } });

/** A desk with one tree of so many tasks of the executor `work`. */
function deskOf(gates: TestGates, count: number): GateDesk {
  const desk = new GateDesk(gates);
  desk.add(readyRun({ id: 'a', tasks: many(count) }));
  return desk;
}

describe('demands', () => {
  it('takes the demand at all gates or at none', () => {
    const cpu = new CounterGate('resource:cpu', 3);
    const lock = new CounterGate('lock:deploy', 1);
    const large = [
      { gate: cpu, amount: 2 },
      { gate: lock, amount: 1 },
    ];
    const desk = new GateDesk({ executors: { large, small: one(cpu) } });
    desk.add(readyRun({ id: 'a', tasks: [...many(2, 'large'), ...many(2, 'small')] }));
    expect(desk.pick()).toEqual(['a.0', 'a.2']);
    expect([cpu.used, lock.used]).toEqual([3, 1]);
    desk.end('a.2');
    expect(desk.pick()).toEqual(['a.3']);
    desk.end();
    expect(desk.pick()).toEqual(['a.1']);
    expect([cpu.used, lock.used]).toEqual([2, 1]);
  });

  it('recalls a queue once as many units are free as its next task takes', () => {
    const memory = new CounterGate('resource:memory', 3);
    const desk = new GateDesk({ executors: { large: [{ gate: memory, amount: 3 }], small: one(memory) } });
    desk.add(readyRun({ id: 'a', tasks: many(3, 'small') }));
    desk.pick();
    desk.add(readyRun({ id: 'b', tasks: many(1, 'large') }));
    for (const id of ['a.0', 'a.1']) {
      expect(desk.pick()).toEqual([]);
      desk.end(id);
    }
    expect(desk.pick()).toEqual([]);
    desk.end('a.2');
    expect(desk.pick()).toEqual(['b.0']);
  });

  it('keeps tasks of one tree, gate set and class in one queue, whatever executors they name', () => {
    const shared = one(new CounterGate('lock:shared', 1));
    const desk = new GateDesk({ executors: { x: shared, y: shared, z: one(new CounterGate('lock:z', 1)) } });
    const run = readyRun({ id: 'a', tasks: [...many(2, 'x'), ...many(2, 'y'), ...many(2, 'z')] });
    desk.add(run);
    expect(desk.pick()).toEqual(['a.0', 'a.4']);
    const waitingWith = (index: number) => desk.admission.blockers(run, run.byId.get(run.tasks[index]!.id)!);
    expect(waitingWith(2)).toEqual([{ gate: 'lock:shared', used: 1, limit: 1, waiting: 3 }]);
    expect(waitingWith(6)).toEqual([{ gate: 'lock:z', used: 1, limit: 1, waiting: 1 }]);
  });
});

describe('a capacity that changes while tasks run', () => {
  it('lets more start at once when it grows, and ends nothing when it shrinks', () => {
    const gate = new ResizableGate('executor:work', 2);
    const desk = deskOf(work(gate), 8);
    expect(desk.pick()).toEqual(['a.0', 'a.1']);
    gate.limit = 4;
    desk.admission.changed(gate);
    expect(desk.pick()).toEqual(['a.2', 'a.3']);
    gate.limit = 1;
    desk.admission.changed(gate);
    expect([desk.pick(), desk.running.size]).toEqual([[], 4]);
    desk.end('a.0', 'a.1', 'a.2');
    expect(desk.pick()).toEqual([]);
    desk.end();
    expect(desk.pick()).toEqual(['a.4']);
  });

  it('nobody need be told of a gate where nobody waits, or that nothing passes', () => {
    const desk = deskOf({}, 1);
    desk.admission.changed(new ResizableGate('executor:other', 1));
    expect(desk.pick()).toEqual(['a.0']);
  });
});

describe('a closed gate', () => {
  it('keeps the tasks of its tree back, says so, and lets all of them start when it opens', () => {
    const gate = new ClosableGate('paused:a');
    const desk = new GateDesk({ ofTree: one(gate) });
    const run = readyRun({ id: 'a', tasks: [...many(2, 'x'), ...many(2, 'y', 0)] });
    desk.add(run);
    expect([desk.pick(), desk.nextAtMs]).toEqual([[], undefined]);
    expect(desk.admission.blockers(run, run.tasks[1]!)).toEqual([{ gate: 'paused:a', used: 0, limit: 0, waiting: 2 }]);
    gate.isOpen = true;
    desk.admission.changed(gate);
    expect(desk.pick()).toEqual(['a.2', 'a.0', 'a.3', 'a.1']);
  });

  it('closed again, lets what runs end and nothing start', () => {
    const gate = new ClosableGate('paused');
    const desk = new GateDesk({ global: new CounterGate('global', 1), executors: { work: one(gate) } });
    desk.add(readyRun({ id: 'a', tasks: [...many(2), ...many(1, 'other', 3)] }));
    gate.isOpen = true;
    expect(desk.pick()).toEqual(['a.0']);
    gate.isOpen = false;
    desk.end();
    expect(desk.pick()).toEqual(['a.2']);
  });
});

describe('a bucket', () => {
  it('lets a burst start, then one at each time that it names', () => {
    const desk = deskOf(work(new BucketGate('rate:work', 3, 100)), 6);
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.0', 'a.1', 'a.2'], 100]);
    desk.end();
    expect([desk.pick(99), desk.nextAtMs]).toEqual([[], 100]);
    expect([desk.pick(100), desk.nextAtMs]).toEqual([['a.3'], 200]);
    expect([desk.pick(350), desk.nextAtMs]).toEqual([['a.4', 'a.5'], undefined]);
  });

  it('R-LM-02 keeps to its rate: 100 a second over 10 s', () => {
    const desk = deskOf(work(new BucketGate('rate:work', 1, 10)), 2_000);
    let started = desk.pick().length;
    for (let nowMs = desk.nextAtMs; nowMs !== undefined && nowMs <= 10_000; nowMs = desk.nextAtMs)
      started += desk.pick(nowMs).length;
    expect(started).toBe(1_001);
  });

  it('counts no attempt that started in a former process', () => {
    const bucket = new BucketGate('rate:work', 1, 100);
    const desk = new GateDesk(work(bucket));
    const run = readyRun({ id: 'a', tasks: many(2) });
    desk.admission.adopt(run, run.tasks[1]!, 0);
    run.tasks[1]!.status = 'running';
    desk.add(run);
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('may be what every start passes: admission names its time while a task waits, and none otherwise', () => {
    const desk = deskOf({ global: new BucketGate('global', 1, 100) }, 2);
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.0'], 100]);
    expect([desk.pick(100), desk.nextAtMs]).toEqual([['a.1'], undefined]);
  });

  it('may be what a run takes with its first start', () => {
    const desk = new GateDesk({ heldByRun: one(new BucketGate('user-starts:ann', 1, 100)) });
    for (const id of ['a', 'b']) desk.add(readyRun({ id, tasks: many(2) }));
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.0', 'a.1'], 100]);
    expect([desk.pick(100), desk.nextAtMs]).toEqual([['b.0', 'b.1'], undefined]);
  });

  it('waits for the demand of the queue whose turn it is', () => {
    const desk = deskOf({ executors: { work: [{ gate: new BucketGate('rate:work', 4, 100), amount: 3 }] } }, 2);
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.0'], 200]);
    expect([desk.pick(200), desk.nextAtMs]).toEqual([['a.1'], undefined]);
  });
});

describe('a quota', () => {
  it('lets so many start in each window', () => {
    const desk = deskOf(work(new QuotaGate('quota:work', 2, 1_000)), 5);
    expect([desk.pick(300), desk.nextAtMs]).toEqual([['a.0', 'a.1'], 1_000]);
    desk.end();
    expect([desk.pick(999), desk.nextAtMs]).toEqual([[], 1_000]);
    expect([desk.pick(1_000), desk.nextAtMs]).toEqual([['a.2', 'a.3'], 2_000]);
    expect([desk.pick(5_500), desk.nextAtMs]).toEqual([['a.4'], undefined]);
  });
});

describe('a breaker', () => {
  it('open lets nothing start until its time, then one probe, then all', () => {
    const gate = new BreakerGate('breaker:work', 500);
    const desk = deskOf({ global: new CounterGate('global', 2), ...work(gate) }, 6);
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.0', 'a.1'], undefined]);
    gate.trip(desk.nowMs);
    desk.end();
    expect([desk.pick(100), desk.nextAtMs]).toEqual([[], 500]);
    expect([desk.pick(500), desk.nextAtMs]).toEqual([['a.2'], undefined]);
    gate.mend();
    desk.admission.changed(gate);
    expect(desk.pick()).toEqual(['a.3']);
    desk.end();
    expect(desk.pick()).toEqual(['a.4', 'a.5']);
  });

  it('tripped again by its probe, waits for the new time', () => {
    const gate = new BreakerGate('breaker:work', 500);
    const desk = deskOf(work(gate), 3);
    gate.trip(0);
    expect([desk.pick(), desk.nextAtMs]).toEqual([[], 500]);
    expect(desk.pick(500)).toEqual(['a.0']);
    gate.trip(600);
    desk.end();
    expect([desk.pick(600), desk.nextAtMs]).toEqual([[], 1_100]);
    expect(desk.pick(1_100)).toEqual(['a.1']);
  });
});

describe('times', () => {
  it('names the earliest of several gates', () => {
    const [slow, fast] = [new BucketGate('rate:slow', 1, 1_000), new BucketGate('rate:fast', 1, 100)];
    const desk = new GateDesk({ executors: { slow: one(slow), fast: one(fast) } });
    desk.add(readyRun({ id: 'a', tasks: [...many(2, 'slow'), ...many(3, 'fast')] }));
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.0', 'a.2'], 100]);
    expect([desk.pick(100), desk.nextAtMs]).toEqual([['a.3'], 200]);
    expect([desk.pick(200), desk.nextAtMs]).toEqual([['a.4'], 1_000]);
    expect([desk.pick(1_000), desk.nextAtMs]).toEqual([['a.1'], undefined]);
  });

  it('asks a gate that names the past again later, not for ever', () => {
    class RoundingGate extends ResizableGate {
      override freeAtMs(_amount: number, nowMs: number): number {
        return nowMs - 0.5;
      }
    }
    const desk = deskOf(work(new RoundingGate('rate:work', 0)), 1);
    expect([desk.pick(10), desk.nextAtMs]).toEqual([[], 11]);
    expect([desk.pick(11), desk.nextAtMs]).toEqual([[], 12]);
  });

  it('wants no pick for a tree that has ended', () => {
    const run = readyRun({ id: 'a', tasks: many(2) });
    const desk = new GateDesk({ ofTree: one(new BucketGate('rate:tree', 1, 100)) });
    desk.add(run);
    desk.pick();
    desk.end();
    desk.admission.endRun(run.treeId);
    expect([desk.pick(100), desk.nextAtMs]).toEqual([[], undefined]);
  });
});

describe('properties', () => {
  const kind = fc.constantFrom('counter', 'bucket', 'quota', 'none');
  const size = fc.integer({ min: 1, max: 4 });
  const amount = fc.integer({ min: 1, max: 3 });
  const gate = fc.record({ kind, size, amount });
  const trees = fc.array(
    fc.array(fc.tuple(fc.constantFrom<Priority>(0, 1, 2, 3), fc.constantFrom('x', 'y', 'z')), {
      minLength: 1,
      maxLength: 8,
    }),
    { minLength: 1, maxLength: 5 },
  );

  function demandOf(spec: { kind: string; size: number; amount: number }, name: string): GateSet {
    const limit = Math.max(spec.size, spec.amount);
    switch (spec.kind) {
      case 'counter':
        return [{ gate: new CounterGate(name, limit), amount: spec.amount }];
      case 'bucket':
        return [{ gate: new BucketGate(name, limit, 70), amount: spec.amount }];
      case 'quota':
        return [{ gate: new QuotaGate(name, limit, 300), amount: spec.amount }];
      default:
        return [];
    }
  }

  it('every demand is met in the end, at the times that admission names, and what can start does', () => {
    const gates = fc.record({ global: gate, shared: gate, x: gate, y: gate, heldByRun: gate });
    fc.assert(
      fc.property(gates, trees, (specs, shapes) => {
        const shared = demandOf(specs.shared, 'shared');
        const sets = {
          x: [...shared, ...demandOf(specs.x, 'x')],
          y: [...shared, ...demandOf(specs.y, 'y')],
          z: shared,
        };
        const global = demandOf({ ...specs.global, amount: 1 }, 'global');
        const heldByRun = demandOf(
          { ...specs.heldByRun, kind: specs.heldByRun.kind === 'counter' ? 'none' : specs.heldByRun.kind },
          'runs',
        );
        const desk = new GateDesk({
          ...(global[0] === undefined ? {} : { global: global[0].gate }),
          heldByRun,
          executors: sets,
        });
        const runs = shapes.map((tasks, index) => readyRun({ id: `t${index}`, tasks }));
        for (const run of runs) desk.add(run);
        const ready = (): TaskState[] => runs.flatMap((run) => run.tasks.filter(({ status }) => status === 'ready'));
        const started = new Set<string>();
        for (let turn = 0; ready().length > 0; turn++) {
          expect(turn).toBeLessThan(500);
          for (const task of desk.pick()) started.add(task.split('.')[0]!);
          for (const task of ready()) {
            const run = runs.find(({ byId }) => byId.has(task.id))!;
            const needs = [
              ...global,
              ...(started.has(run.treeId) ? [] : heldByRun),
              ...sets[task.definition.executor as 'x'],
            ];
            expect(needs.some((need) => need.gate.free(desk.nowMs) < need.amount)).toBe(true);
          }
          if (desk.running.size > 0) desk.end();
          else desk.wait();
        }
      }),
      { numRuns: 300 },
    );
  });
});
