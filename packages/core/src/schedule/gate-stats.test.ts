/** What gates count, and lines that starve. */
import { describe, expect, it } from 'vitest';
import { readyRun } from './admission.fixture.ts';
import { GateDesk, ResizableGate } from './gate-kinds.fixture.ts';
import { GateStats, WAIT_BOUNDS_MS } from './gate-stats.ts';

const many = (count: number, executor = 'work') => Array.from({ length: count }, () => [2, executor] as const);

function deskWith(limit: number) {
  const gate = new ResizableGate('executor:work', limit);
  const desk = new GateDesk({ executors: { work: [{ gate, amount: 1 }] } });
  return { desk, gate };
}

describe('R-LM-12 statistics of a gate', () => {
  it('count starts, and the waits of those that had to wait, by their length', () => {
    const { desk } = deskWith(1);
    const run = readyRun({ id: 'a', tasks: many(3) });
    for (const task of run.tasks) task.readyAtMs = 0;
    desk.add(run);
    desk.pick(0);
    for (const atMs of [500, 20_000]) {
      desk.end();
      desk.pick(atMs);
    }
    const { stats } = desk.admission.lines(desk.nowMs)[0]!;
    expect(stats).toMatchObject({ starts: 3, waits: 2, waitedMs: 20_500, longestMs: 20_000 });
    expect(stats.counts).toEqual(
      [...WAIT_BOUNDS_MS, Infinity].map((boundMs) => (boundMs === 1_000 || boundMs === 60_000 ? 1 : 0)),
    );
  });

  it('put the longest waits into the last part', () => {
    const stats = new GateStats();
    stats.noteWait(1e9);
    stats.noteWait(10);
    expect([stats.counts.at(0), stats.counts.at(-1)]).toEqual([1, 1]);
  });
});

describe('R-LM-06 a line that starves', () => {
  it('is one of which nothing has started for long; it is told once, and again after a start', () => {
    const { desk, gate } = deskWith(1);
    desk.add(readyRun({ id: 'a', tasks: many(4) }));
    desk.pick(0);
    expect(desk.admission.starving(99, 100)).toEqual({ found: [], isWaiting: true });
    const told = (nowMs: number) =>
      desk.admission
        .starving(nowMs, 100)
        .found.map(({ gate: name, first, waiting, waitedMs }) => [name, first.taskId, waiting, waitedMs]);
    expect([told(120), told(130)]).toEqual([[['executor:work', 'a.1', 3, 120]], []]);
    expect(desk.admission.lines(130)[0]?.starving).toBe(1);
    desk.end();
    desk.pick(140);
    expect([told(200), told(240)]).toEqual([[], [['executor:work', 'a.2', 2, 100]]]);
    // Where nothing shall start, nothing starves.
    gate.limit = 0;
    desk.add(readyRun({ id: 'b', tasks: many(1) }));
    desk.pick(250);
    expect(desk.admission.starving(9_999, 100)).toEqual({ found: [], isWaiting: false });
  });

  it('is found at the gate of all starts, too, and nothing is asked again when nothing waits', () => {
    const desk = new GateDesk({ global: new ResizableGate('global', 1) });
    expect(desk.admission.starving(0, 100)).toEqual({ found: [], isWaiting: false });
    desk.add(readyRun({ id: 'a', tasks: many(2) }));
    desk.pick(0);
    expect(desk.admission.starving(100, 100).found).toMatchObject([{ gate: 'global', waitedMs: 100 }]);
    desk.end();
    desk.pick(101);
    expect(desk.admission.starving(300, 100)).toEqual({ found: [], isWaiting: false });
  });
});
