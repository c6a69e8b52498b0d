/** Users and trees take turns, and large demands are not overtaken for ever. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Priority } from '../task/task.ts';
import { Desk, readyRun } from './admission.fixture.ts';
import { CounterGate } from './counter-gate.ts';
import { GateDesk } from './gate-kinds.fixture.ts';

const many = (count: number, executor = 'work', priority: Priority = 2) =>
  Array.from({ length: count }, () => [priority, executor] as const);

/** Users of the next `count` starts, one place at a time. */
function usersOf(desk: Desk, count: number): readonly string[] {
  const users: string[] = [];
  for (let at = 0; at < count; at++) {
    desk.pick();
    const [started] = desk.running;
    if (started === undefined) break;
    const [task, run] = started;
    users.push(run.userId[0] ?? '');
    desk.end(task);
  }
  return users;
}

describe('users', () => {
  it('take turns within a class: one with 100,000 ready tasks delays another by one turn', () => {
    const desk = new Desk({ global: 1 });
    desk.add(readyRun({ id: 'a', userId: 'noisy', tasks: many(100_000) }));
    expect(usersOf(desk, 3).join('')).toBe('nnn');
    desk.add(readyRun({ id: 'b', userId: 'quiet', tasks: many(3) }));
    expect(usersOf(desk, 8).join('')).toBe('qnqnqnnn');
  });

  it('take turns at a gate of their executor as well', () => {
    const desk = new Desk({ executors: { work: 1 } });
    desk.add(readyRun({ id: 'a', userId: 'noisy', tasks: many(50) }));
    desk.add(readyRun({ id: 'b', userId: 'noisy', tasks: many(50) }));
    desk.add(readyRun({ id: 'c', userId: 'quiet', tasks: many(4) }));
    expect(usersOf(desk, 8).filter((user) => user === 'q')).toHaveLength(4);
  });

  it('get as many turns as their weight says', () => {
    const desk = new Desk({ global: 1, weights: { big: 3 } });
    desk.add(readyRun({ id: 'a', userId: 'big', tasks: many(40) }));
    desk.add(readyRun({ id: 'b', userId: 'small', tasks: many(40) }));
    const users = usersOf(desk, 40);
    expect(users.filter((user) => user === 'b')).toHaveLength(30);
    expect(users.join('')).not.toContain('ss');
  });

  it('save up no turns while they have nothing to do', () => {
    const desk = new Desk({ global: 1 });
    desk.add(readyRun({ id: 'a', userId: 'ann', tasks: many(100) }));
    desk.add(readyRun({ id: 'b', userId: 'bob', tasks: many(1) }));
    usersOf(desk, 60);
    desk.add(readyRun({ id: 'c', userId: 'bob', tasks: many(10) }));
    expect(usersOf(desk, 6).join('')).not.toContain('bb');
  });

  it('of a higher class still go first', () => {
    const desk = new Desk({ global: 1 });
    desk.add(readyRun({ id: 'a', userId: 'ann', tasks: many(20, 'work', 3) }));
    desk.add(readyRun({ id: 'b', userId: 'bob', tasks: many(20, 'work', 0) }));
    expect(usersOf(desk, 18).filter((user) => user === 'b')).toHaveLength(16);
  });
});

describe('trees of one user', () => {
  it('take turns, each in the order of its keys', () => {
    const desk = new Desk({});
    desk.add(readyRun({ id: 'a', tasks: many(4) }));
    desk.add(readyRun({ id: 'b', tasks: many(2) }));
    expect(desk.pick()).toEqual(['a.0', 'b.0', 'a.1', 'b.1', 'a.2', 'a.3']);
  });
});

describe('fair shares', () => {
  it('differ by one turn at most between users who always have something to do, whatever their trees', () => {
    const users = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(users, fc.integer({ min: 5, max: 30 }), (trees, rounds) => {
        const desk = new Desk({ global: 1 });
        trees.forEach((count, user) => {
          for (let at = 0; at < count; at++)
            desk.add(readyRun({ id: `${user}-${at}`, userId: String(user), tasks: many(rounds) }));
        });
        const starts = usersOf(desk, trees.length * rounds);
        for (const user of trees.keys()) {
          const had = starts.filter((each) => each === String(user)).length;
          expect(Math.abs(had - rounds)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('R-LM-06 a large demand', () => {
  const AGEING_MS = 1_000;
  /** It is looked for four times in each ageing time. */
  const LATE_MS = 1_250;
  const setup = (limit = 4) => {
    const memory = new CounterGate('resource:memory', limit);
    const lock = new CounterGate('lock:x', 1);
    const small = [{ gate: memory, amount: 1 }];
    const large = [{ gate: memory, amount: 4 }];
    const locked = [...large, { gate: lock, amount: 1 }];
    const holder = [{ gate: lock, amount: 1 }];
    const desk = new GateDesk({ executors: { small, large, locked, holder } }, AGEING_MS);
    return { desk, memory };
  };

  it('is overtaken until it has waited for the ageing time, then what is freed is kept for it', () => {
    const { desk } = setup();
    desk.add(readyRun({ id: 'a', tasks: many(100, 'small') }));
    desk.add(readyRun({ id: 'b', tasks: many(1, 'large') }));
    expect(desk.pick(0)).toHaveLength(4);
    for (let nowMs = 100; nowMs < AGEING_MS; nowMs += 100) {
      const [first] = desk.running.keys();
      desk.end(first!.id);
      expect(desk.pick(nowMs)).toHaveLength(1);
    }
    expect(desk.pick(LATE_MS)).toEqual([]);
    expect(desk.reserved).toEqual([{ gate: 'resource:memory', amount: 4, treeId: 'b', waitedMs: LATE_MS }]);
    for (let left = 4; left > 1; left--) {
      const [first] = desk.running.keys();
      desk.end(first!.id);
      expect(desk.pick(LATE_MS + 10)).toEqual([]);
    }
    desk.end();
    expect(desk.pick(LATE_MS + 20)).toEqual(['b.0']);
    desk.end();
    expect(desk.pick(LATE_MS + 30)).toHaveLength(4);
  });

  it('that waits for another gate then keeps nobody back', () => {
    const { desk } = setup();
    desk.add(readyRun({ id: 'a', tasks: many(1, 'holder') }));
    desk.add(readyRun({ id: 'b', tasks: many(100, 'small') }));
    desk.add(readyRun({ id: 'c', tasks: many(1, 'locked') }));
    expect(desk.pick(0)).toHaveLength(5);
    desk.end('b.0');
    desk.pick(AGEING_MS + 1);
    desk.end('b.1', 'b.2', 'b.3', 'b.4');
    expect(desk.pick(AGEING_MS + 2)).toHaveLength(4);
    desk.end();
    expect(desk.pick(AGEING_MS + 3)).toContain('c.0');
  });

  it('that ends while it waits, or is above a lowered capacity, lets the others go on', () => {
    const { desk, memory } = setup();
    const run = readyRun({ id: 'b', tasks: many(1, 'large') });
    desk.add(readyRun({ id: 'a', tasks: many(100, 'small') }));
    desk.add(run);
    desk.pick(0);
    expect(desk.pick(AGEING_MS)).toEqual([]);
    desk.end('a.0');
    expect(desk.pick(AGEING_MS)).toEqual([]);
    memory.limit = 3;
    desk.admission.changed(memory);
    desk.end('a.1');
    expect(desk.pick(AGEING_MS + 1)).toHaveLength(1);
    memory.limit = 4;
    desk.admission.changed(memory);
    desk.pick(2 * AGEING_MS);
    desk.end('a.2', 'a.3');
    expect(desk.pick(2 * AGEING_MS + 1)).toEqual([]);
    desk.admission.endRun(run.treeId);
    expect(desk.pick(2 * AGEING_MS + 2)).toHaveLength(3);
  });
});
