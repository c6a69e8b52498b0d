/** Limits that are set while tasks run and wait. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolveEngine, newEngineState, type EngineState } from '../engine-stream/engine-stream.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { Admission } from './admission.ts';
import { readyRun } from './admission.fixture.ts';
import { limitProblem, type GateLimits, type SetLimit } from './gate-limits.ts';
import { LimitGates } from './limit-gates.ts';

class Desk {
  readonly engine: EngineState = newEngineState();
  readonly gates: LimitGates;
  readonly admission: Admission;
  readonly running = new Map<TaskState, RunState>();

  constructor(limits: GateLimits = {}) {
    this.gates = new LimitGates(limits, () => undefined, this.engine);
    this.admission = new Admission({ gates: this.gates, ageingMs: 1_000_000 });
  }

  add(run: RunState): void {
    for (const task of run.tasks) if (task.status === 'ready') this.admission.enqueue(run, task, 0);
  }

  /** The engine's part in small. */
  set(gate: string, limit: SetLimit): void {
    const { seq } = this.engine;
    const actor = { userId: 'ann', face: 'cli' } as const;
    evolveEngine(this.engine, { type: 'LimitSet', seq: seq + 1, atMs: 0, actor, data: { gate, limit } });
    if (this.gates.givesNewKeys(gate)) this.admission.rekey(() => this.gates.reset(gate));
    const changed = this.gates.reset(gate);
    if (changed === undefined) this.admission.regate();
    else this.admission.changed(changed);
  }

  pick(): string[] {
    const { picked } = this.admission.pick(0, 1_000_000);
    for (const { run, task } of picked) {
      task.status = 'running';
      this.running.set(task, run);
    }
    return picked.map(({ task }) => task.id);
  }

  end(count = Infinity): void {
    for (const [task, run] of [...this.running].slice(0, count)) {
      this.running.delete(task);
      task.status = 'completed';
      this.admission.release(run, task);
    }
  }

  usedOf(gate: string): number | undefined {
    return this.admission.uses().find((each) => each.gate === gate)?.used;
  }
}

const TAGGED = [2, 'work', { tags: ['x'] }] as const;
const BOTH = [1, 'other', { tags: ['y', 'x', 'z'] }] as const;

function isTagged({ definition, parent }: TaskState, tag: string): boolean {
  return definition.tags.includes(tag) || (parent !== undefined && isTagged(parent, tag));
}

const many = (count: number, executor = 'work') => Array.from({ length: count }, () => [2, executor] as const);

describe('a limit that is set while tasks run', () => {
  it.each(['global', 'executor:work', 'user:ann'])('%s: where there was none it counts what runs already', (gate) => {
    const desk = new Desk();
    desk.add(readyRun({ id: 'a', tasks: many(3) }));
    expect(desk.pick()).toHaveLength(3);
    desk.add(readyRun({ id: 'b', tasks: many(4) }));
    desk.set(gate, gate === 'user:ann' ? 1 : 4);
    expect(desk.usedOf(gate)).toBe(gate === 'user:ann' ? 1 : 3);
    expect(desk.pick()).toEqual(gate === 'user:ann' ? [] : ['b.0']);
    desk.set(gate, 'unlimited');
    expect(desk.pick()).toHaveLength(gate === 'user:ann' ? 4 : 3);
    desk.end();
    desk.set(gate, 0);
    desk.add(readyRun({ id: 'c', tasks: many(1) }));
    expect(desk.pick()).toEqual([]);
    desk.set(gate, 'configured');
    expect(desk.pick()).toEqual(['c.0']);
  });

  it('lower than what runs ends nothing, and lets nothing start until it is below', () => {
    const desk = new Desk({ executors: { work: 4 } });
    desk.add(readyRun({ id: 'a', tasks: many(8) }));
    expect(desk.pick()).toHaveLength(4);
    desk.set('executor:work', 2);
    expect(desk.pick()).toEqual([]);
    desk.end(2);
    expect(desk.pick()).toEqual([]);
    desk.end(1);
    expect(desk.pick()).toHaveLength(1);
    desk.set('executor:work', 'configured');
    expect(desk.pick()).toHaveLength(2);
  });

  it('of a user whose run waits between two tasks counts that run', () => {
    const desk = new Desk();
    const run = readyRun({ id: 'a', tasks: many(2) });
    (run.tasks[1] as TaskState).attempt = 1;
    run.hasBegun = true;
    (run.tasks[1] as TaskState).status = 'completed';
    desk.add(run);
    desk.set('user:ann', 1);
    expect(desk.usedOf('user:ann')).toBe(1);
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('of a user does not count a run with results that has not begun since it was opened', () => {
    const desk = new Desk();
    const run = readyRun({ id: 'a', tasks: many(2) });
    (run.tasks[1] as TaskState).attempt = 1;
    (run.tasks[1] as TaskState).status = 'completed';
    desk.add(run);
    desk.set('user:ann', 1);
    expect(desk.usedOf('user:ann')).toBe(0);
    expect([desk.pick(), desk.usedOf('user:ann')]).toEqual([['a.1'], 1]);
  });

  it('invariant 5: whatever is set whenever, counters are those of what runs, and nothing starts above a capacity', () => {
    const gates = ['global', 'executor:work', 'executor:other', 'user:ann', 'user:bob', 'tag:x', 'tag:y'];
    const step = fc.oneof(
      fc.record({
        do: fc.constant('set' as const),
        gate: fc.constantFrom(...gates),
        limit: fc.constantFrom<SetLimit>(0, 1, 2, 3, 'unlimited', 'configured'),
      }),
      fc.record({
        do: fc.constant('add' as const),
        user: fc.constantFrom('ann', 'bob'),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({ do: fc.constant('end' as const), count: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const desk = new Desk({ executors: { other: 2 } });
        const runs: RunState[] = [];
        const began = new Set<RunState>();
        const countOf = (gate: string): number => {
          const [kind, name] = gate.split(':');
          if (kind === 'user') return [...began].filter(({ userId }) => userId === name).length;
          if (kind === 'tag') return [...desk.running.keys()].filter((task) => isTagged(task, name ?? '')).length;
          return [...desk.running.keys()].filter(({ definition }) => kind === 'global' || definition.executor === name)
            .length;
        };
        for (const each of steps) {
          if (each.do === 'set') desk.set(each.gate, each.limit);
          else if (each.do === 'end') desk.end(each.count);
          else {
            const tasks = [...many(each.count), ...many(each.count, 'other'), TAGGED, ...many(1), BOTH];
            const run = readyRun({ id: `t${runs.length}`, userId: each.user, tasks });
            runs.push(run);
            desk.add(run);
          }
          const before = new Map(gates.map((gate) => [gate, countOf(gate)]));
          desk.pick();
          for (const run of desk.running.values()) began.add(run);
          for (const gate of gates) {
            const now = countOf(gate);
            expect(now <= Math.max(desk.gates.capacityOf(gate), before.get(gate) ?? 0), gate).toBe(true);
          }
          for (const { gate, used } of desk.admission.uses()) expect(used, gate).toBe(countOf(gate));
        }
        for (const gate of gates) desk.set(gate, 'unlimited');
        desk.end();
        desk.pick();
        for (const run of runs) expect(run.tasks.some(({ status }) => status === 'ready')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a limit of a tag', () => {
  it('counts the tasks with the tag and those below a group with it, also those that run when it is set', () => {
    const desk = new Desk({ tags: { night: 2 } });
    const group = [2, 'work', { tags: ['night'] }] as const;
    desk.add(readyRun({ id: 'a', tasks: [group, ...many(3), TAGGED, TAGGED], parents: [0, 1, 1] }));
    expect(desk.pick()).toEqual(['a.0', 'a.1', 'a.3', 'a.4', 'a.5']);
    expect([desk.usedOf('tag:night'), desk.usedOf('tag:x')]).toEqual([2, undefined]);
    desk.add(readyRun({ id: 'b', tasks: [BOTH, ...many(1)] }));
    desk.set('tag:x', 2);
    expect(desk.usedOf('tag:x')).toBe(2);
    expect(desk.pick()).toEqual(['b.1']);
    desk.set('tag:x', 'unlimited');
    expect(desk.pick()).toEqual(['b.0']);
    desk.set('tag:y', 0);
    expect(desk.usedOf('tag:y')).toBe(1);
    desk.end();
    expect(desk.pick()).toEqual(['a.2']);
    desk.end();
    expect(desk.admission.uses().map(({ used }) => used)).not.toContain(1);
  });
});

describe('names and capacities', () => {
  it('are checked', () => {
    expect(
      [
        ['global', 3],
        ['lock:a', 0],
        ['resource:gpu', 0.5],
        ['executor:http', 1.5],
        ['user:ann', -1],
        ['tree:t', 1],
        ['lock:', 1],
        ['resource:gpu', Infinity],
        ['executor:http', 'unlimited'],
        ['tag:night', 2],
        ['rate:api', { count: 10, perMs: 60_000 }],
        ['user-starts:ann', { count: 1, burst: 0 }],
        ['rate:api', 5],
        ['lock:a', { count: 1 }],
      ].map(([gate, limit]) => limitProblem(gate as string, limit as SetLimit) ?? 'fine'),
    ).toMatchInlineSnapshot(`
      [
        "fine",
        "fine",
        "fine",
        "The limit of executor:http must be a whole number of at least 0, not 1.5. 0 lets nothing start",
        "The limit of user:ann must be a whole number of at least 0, not -1. 0 lets nothing start",
        "'tree:t' is no gate whose limit can be set. Name global, submissions, user:ID, executor:TYPE, tag:TAG, lock:NAME, resource:NAME, rate:NAME or user-starts:ID",
        "'lock:' is no gate whose limit can be set. Name global, submissions, user:ID, executor:TYPE, tag:TAG, lock:NAME, resource:NAME, rate:NAME or user-starts:ID",
        "The limit of resource:gpu must be a number of at least 0 with at most three decimals, not Infinity. 0 lets nothing start",
        "fine",
        "fine",
        "fine",
        "The limit of user-starts:ann must be a rate with a count and a burst of at least 1 and a time above 0. To stop all starts, hold them",
        "The limit of rate:api must be a rate with a count and a burst of at least 1 and a time above 0, not 5. To stop all starts, hold them",
        "The limit of lock:a must be a whole number of at least 0, not a rate. 0 lets nothing start",
      ]
    `);
  });
});
