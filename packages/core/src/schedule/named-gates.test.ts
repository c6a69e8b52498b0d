/** Locks and resources: gates that tasks name. */
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionFor } from '../run/run.fixture.ts';
import { buildRun } from '../run/build.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { Admission } from './admission.ts';
import { Buckets } from './buckets.ts';
import { lockCapacity, checkGateLimits, type GateLimits } from './gate-limits.ts';
import { LimitGates } from './limit-gates.ts';

/** A run whose tasks are all ready. */
function readyRunOf(treeId: string, tasks: readonly Partial<TaskSubmission>[]): RunState {
  const submitted = tasks.map((task, at) => ({ id: `${treeId}.${at}`, parentId: treeId, executor: 'work', ...task }));
  const definition = { ...definitionFor({ tasks: [{ id: treeId }, ...submitted] }), treeId: treeId as never };
  const run = buildRun({
    type: 'TreeCreated',
    seq: 1,
    atMs: 0,
    taskId: undefined,
    attempt: undefined,
    data: { definition, userId: 'ann', seed: '' },
  });
  run.status = 'running';
  for (const task of run.tasks) if (task !== run.root) task.status = 'ready';
  return run;
}

class Desk {
  readonly admission: Admission;
  readonly running: { readonly run: RunState; readonly task: TaskState }[] = [];

  constructor(limits: GateLimits) {
    this.admission = new Admission({ gates: new LimitGates(limits, () => undefined), ageingMs: 1_000_000 });
  }

  add(run: RunState): RunState {
    for (const task of run.tasks) if (task.status === 'ready') this.admission.enqueue(run, task, 0);
    return run;
  }

  pick(nowMs = 0): string[] {
    const { picked } = this.admission.pick(nowMs, 1_000_000);
    for (const { task } of picked) task.status = 'running';
    this.running.push(...picked);
    return picked.map(({ task }) => task.id);
  }

  end(): void {
    for (const { run, task } of this.running.splice(0)) {
      task.status = 'completed';
      this.admission.release(run, task);
    }
  }
}

describe('a lock', () => {
  it('lets one attempt at a time start, in whatever tree, and as many as the configuration says', () => {
    const desk = new Desk({ locks: { 'db-*': 2 } });
    desk.add(
      readyRunOf('a', [{ locks: ['deploy'] }, { locks: ['db-eu'] }, { locks: ['db-eu'] }, { locks: ['db-us'] }]),
    );
    desk.add(readyRunOf('b', [{ locks: ['deploy'] }, { locks: ['db-eu'] }, {}]));
    expect(desk.pick()).toEqual(['a.0', 'b.1', 'a.1', 'b.2', 'a.3']);
    desk.end();
    expect(desk.pick()).toEqual(['b.0', 'a.2']);
  });

  it('is taken with all others of the task, or not at all', () => {
    const desk = new Desk({});
    desk.add(readyRunOf('a', [{ locks: ['x', 'y'] }, { locks: ['y', 'z'] }, { locks: ['z'] }]));
    expect(desk.pick()).toEqual(['a.0', 'a.2']);
    desk.end();
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('goes when no tree names it any more, so that ever new names take no memory', () => {
    const desk = new Desk({});
    const run = readyRunOf('a', [{ locks: ['x'] }]);
    desk.add(run);
    desk.pick();
    expect(desk.admission.uses()).toEqual([{ gate: 'lock:x', used: 1, limit: 1, waiting: 0 }]);
    desk.end();
    desk.admission.endRun(run.treeId);
    expect(desk.admission.uses()).toEqual([]);
    const long = desk.add(
      readyRunOf(
        'b',
        Array.from({ length: 5_000 }, (_, at) => ({ locks: [`l${at}`] })),
      ),
    );
    expect(desk.pick()).toHaveLength(5_000);
    desk.end();
    desk.add(readyRunOf('c', [{ locks: ['l1'] }]));
    for (let at = 0; at < 20_000; at++) {
      const [task] = readyRunOf('d', [{ locks: [`m${at}`] }]).tasks.slice(1);
      desk.admission.enqueue(long, task as TaskState, 0);
      desk.pick();
      for (const { task: started } of desk.running.splice(0)) desk.admission.release(long, started);
    }
    expect(desk.admission.uses().length).toBeLessThan(16_000);
  });
});

describe('R-LM-02 a rate that tasks name', () => {
  const two = [{ rates: ['api-eu'] }, { rates: ['api-eu'] }];

  it('lets so many start, whatever executor they have and in whatever tree; each name that fits a pattern has its own', () => {
    const desk = new Desk({ rates: { 'api-*': { count: 1, perMs: 100 } } });
    desk.add(readyRunOf('a', [...two, { rates: ['api-us'] }, {}]));
    desk.add(readyRunOf('b', [{ rates: ['api-eu'], executor: 'other' }, { rates: ['free'] }]));
    expect(desk.pick()).toEqual(['a.0', 'b.1', 'a.2', 'a.3']);
    desk.end();
    expect([50, 100, 199, 200].map((at) => desk.pick(at))).toEqual([[], ['a.1'], [], ['b.0']]);
  });

  it('outlives the trees whose tasks name it: a new tree begins without a token', () => {
    const desk = new Desk({ rates: { api: { count: 1, perMs: 100 } } });
    for (const [id, at] of [
      ['a', 0],
      ['b', 100],
    ] as const) {
      const run = desk.add(readyRunOf(id, [{ rates: ['api'] }]));
      expect(desk.pick(at)).toEqual([`${id}.0`]);
      desk.end();
      desk.admission.endRun(run.treeId);
      expect(desk.admission.uses()).toEqual([]);
    }
    desk.add(readyRunOf('c', [{ rates: ['api'] }]));
    expect([desk.pick(150), desk.pick(200)]).toEqual([[], ['c.0']]);
  });

  it('takes one token where it is the rate of the executor, too', () => {
    const desk = new Desk({ rates: { work: { count: 1, perMs: 100 } } });
    desk.add(readyRunOf('a', [{ rates: ['work'] }, { rates: ['work'] }]));
    desk.add(readyRunOf('b', [{ executor: 'other', rates: ['work'] }]));
    expect([0, 100, 200].map((at) => desk.pick(at))).toEqual([['a.0'], ['a.1'], ['b.0']]);
    expect(desk.admission.uses()).toMatchObject([{ gate: 'rate:work', used: 1, limit: 1, waiting: 0 }]);
  });
});

describe('buckets', () => {
  it('go when a new one would let no more pass, and nobody passes them', () => {
    const buckets = new Buckets(() => ({ count: 1, perMs: 1_000_000, burst: 2 }));
    const inUse = (name: string): boolean => name === '2';
    const empty = buckets.of('1', inUse);
    empty.free(0);
    empty.take(1);
    const used = buckets.of('2', inUse);
    for (let at = 3; at < 10_000; at++) buckets.of(String(at), inUse).free(at);
    expect(buckets.size).toBeLessThan(2_000);
    expect([buckets.of('1', inUse), buckets.of('2', inUse)]).toEqual([empty, used]);
    expect(buckets.of('1', inUse)).toBe(empty);
  });
});

describe('R-LM-05 a resource', () => {
  it('is shared by what fits, with parts that add up exactly', () => {
    const desk = new Desk({ resources: { cpu: 0.3 } });
    desk.add(
      readyRunOf(
        'a',
        Array.from({ length: 7 }, () => ({ resources: { cpu: 0.1 } })),
      ),
    );
    for (const expected of [3, 3, 1, 0]) {
      expect(desk.pick()).toHaveLength(expected);
      desk.end();
    }
    expect(desk.admission.uses()).toEqual([{ gate: 'resource:cpu', used: 0, limit: 0.3, waiting: 0 }]);
  });

  it('that the configuration does not name is unlimited', () => {
    const desk = new Desk({});
    desk.add(readyRunOf('a', [{ resources: { tape: 1e6 } }, { resources: { tape: 1e6 } }]));
    expect(desk.pick()).toHaveLength(2);
  });
});

describe('named gates', () => {
  const demand = fc.record({
    locks: fc.subarray(['x', 'y', 'z'], { minLength: 0 }),
    rates: fc.subarray(['r', 's', 'work'], { minLength: 0 }),
    resources: fc.dictionary(fc.constantFrom('cpu', 'gpu'), fc.constantFrom(0.1, 0.7, 1, 1.4), { maxKeys: 2 }),
  });

  it('R-LM-13 are never above their capacity, and everything starts in the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(demand, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        (trees) => {
          const rates = { r: { count: 2, perMs: 1 }, work: { count: 3, perMs: 1 } };
          const desk = new Desk({ locks: { x: 2 }, rates, resources: { cpu: 2.1, gpu: 1.5 } });
          const runs = trees.map((tasks, at) => desk.add(readyRunOf(`t${at}`, tasks)));
          let left = trees.flat().length;
          for (let turn = 0; left > 0; turn++) {
            expect(turn).toBeLessThan(100);
            left -= desk.pick(turn).length;
            for (const { gate, used, limit } of desk.admission.uses()) expect(used, gate).toBeLessThanOrEqual(limit);
            desk.end();
          }
          const held = desk.admission.uses().filter(({ gate }) => !gate.startsWith('rate:'));
          for (const { used } of held) expect(used).toBe(0);
          for (const run of runs) desk.admission.endRun(run.treeId);
          expect(desk.admission.uses().map(({ gate }) => gate)).toEqual(['rate:work']);
        },
      ),
    );
  });
});

describe('the configuration of named gates', () => {
  it('prefers the name itself, then the longest pattern', () => {
    const limits: GateLimits = { locks: { '*': 5, 'db-*': 3, 'db-eu': 2, open: 0 } };
    expect(['db-eu', 'db-us', 'x', 'open'].map((name) => lockCapacity(limits, name))).toEqual([2, 3, 5, Infinity]);
    expect(lockCapacity({}, 'x')).toBe(1);
  });

  it('refuses what is no capacity', () => {
    expect(
      checkGateLimits({ weights: { ann: 0 }, locks: { a: -1 }, resources: { cpu: 0, gpu: 0.0001, tape: 2.5 } }),
    ).toEqual([
      'limits.locks.a must be a whole number of at least 0 (0: unlimited), not -1',
      'limits.resources.cpu must be a number above 0 with at most three decimals, not 0',
      'limits.resources.gpu must be a number above 0 with at most three decimals, not 0.0001',
      'limits.weights.ann must be a number above 0 and at most 1000, not 0',
    ]);
  });
});

describe('a task whose fallback is ready before it has started', () => {
  it('leaves its former queue, and starts at the gates of the other executor', () => {
    const desk = new Desk({ executors: { work: 1, other: 1 } });
    desk.add(readyRunOf('b', [{ executor: 'other' }]));
    const run = desk.add(readyRunOf('a', [{}, { fallback: { executor: 'other' } }]));
    expect(desk.pick().toSorted()).toEqual(['a.0', 'b.0']);
    const task = run.byId.get('a.1' as never) as TaskState;
    task.port = 'fallback';
    desk.admission.enqueue(run, task, 0);
    // The place that it waited for is free now, and that of its fallback is not.
    const held = desk.running.find(({ task: each }) => each.id === 'b.0');
    desk.running.splice(desk.running.indexOf(held as (typeof desk.running)[number]), 1);
    desk.end();
    expect(desk.pick()).toEqual([]);
    desk.running.push(held as (typeof desk.running)[number]);
    desk.end();
    expect(desk.pick()).toEqual(['a.1']);
    const used = desk.admission.uses().map(({ gate, used: units }) => `${gate} ${units}`);
    expect(used.toSorted()).toEqual(['executor:other 1', 'executor:work 0']);
  });
});
