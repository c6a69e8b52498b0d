import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Admission } from './admission.ts';
import { readyRun } from './admission.fixture.ts';
import { checkGateLimits, type GateLimits } from './gate-limits.ts';
import { LimitGates } from './limit-gates.ts';
import { RateGate } from './rate-gate.ts';

const many = (count: number) => Array.from({ length: count }, () => [2, 'work'] as const);

/** Starts of a run until a time, picking whenever admission says so, at the earliest every `stepMs`. */
function startsUntil(
  admission: Admission,
  { fromMs = 0, untilMs, stepMs = 0 }: { fromMs?: number; untilMs: number; stepMs?: number },
) {
  const times: number[] = [];
  for (let nowMs: number | undefined = fromMs; nowMs !== undefined && nowMs < untilMs;) {
    const { picked, nextAtMs } = admission.pick(nowMs, 1_000_000);
    for (const { task } of picked) {
      task.status = 'running';
      times.push(nowMs);
    }
    nowMs = nextAtMs === undefined ? undefined : Math.max(nextAtMs, nowMs + stepMs);
  }
  return times;
}

function admissionOf(limits: GateLimits, tasks = 5_000): Admission {
  const admission = new Admission({ gates: new LimitGates(limits, () => undefined), ageingMs: 1_000_000 });
  const run = readyRun({ id: 'a', tasks: many(tasks) });
  for (const task of run.tasks) if (task.status === 'ready') admission.enqueue(run, task, 0);
  return admission;
}

describe('R-LM-02 R-LM-03 a rate of an executor type', () => {
  it.each([0, 1, 7, 33])('is kept over 10 s within 5 %%, however late picks come (%s ms)', (stepMs) => {
    const starts = startsUntil(admissionOf({ rates: { work: { count: 100, burst: 10 } } }), {
      untilMs: 10_000,
      stepMs,
    });
    expect(starts.length).toBeGreaterThanOrEqual(950);
    expect(starts.length).toBeLessThanOrEqual(1_050);
  });

  it('lets a burst pass after a quiet time, and one start, not a burst, in a new process', () => {
    const gate = new RateGate('rate:work', { count: 10, burst: 5 });
    expect(gate.free(1_000)).toBe(1);
    gate.take(1);
    expect([gate.free(1_000), gate.freeAtMs(1, 1_000)]).toEqual([0, 1_100]);
    expect(gate.free(1_100)).toBe(1);
    expect(gate.free(60_000)).toBe(5);
    expect(gate.freeAtMs(6, 60_000)).toBeUndefined();
  });

  it('gives nothing for a clock that is set back, and one burst at most for one that is set forward', () => {
    const gate = new RateGate('rate:work', { count: 1, perMs: 60_000, burst: 2 });
    expect(gate.free(100_000)).toBe(1);
    gate.take(1);
    expect([gate.free(10_000), gate.free(9_999), gate.free(69_999)]).toEqual([0, 0, 1]);
    expect(gate.free(1e12)).toBe(2);
  });
});

describe('R-LM-11 a rate over restarts', () => {
  it('never lets more pass in any time than a burst, the rate, and one start for each restart', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 20 }),
          burst: fc.integer({ min: 1, max: 20 }),
          restarts: fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 5 }),
          // A process is idle at first, so that its bucket may be full when work comes.
          idleMs: fc.integer({ min: 0, max: 2_000 }),
        }),
        ({ count, burst, restarts, idleMs }) => {
          const limits = { rates: { work: { count, perMs: 1_000, burst } } };
          const ends = [...restarts].sort((a, b) => a - b).concat(5_000);
          let fromMs = 0;
          const starts = ends.flatMap((untilMs) => {
            const admission = admissionOf(limits, 300);
            const times = startsUntil(admission, { fromMs: Math.max(fromMs, idleMs), untilMs });
            fromMs = untilMs;
            return times;
          });
          for (const [first, beginMs] of starts.entries()) {
            for (const [index, endMs] of starts.slice(first).entries()) {
              const between = restarts.filter((atMs) => atMs > beginMs && atMs <= endMs).length;
              const allowed = burst + ((endMs - beginMs) * count) / 1_000 + between;
              expect(index + 1).toBeLessThanOrEqual(Math.floor(allowed + 1e-6));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('may be changed: a slower one waits longer at once, a faster one does not wait for the former time', () => {
    const gate = new RateGate('rate:work', { count: 1, perMs: 1_000, burst: 5 });
    expect(gate.free(10_000)).toBe(1);
    expect(gate.free(20_000)).toBe(5);
    gate.rate = { count: 1, perMs: 100, burst: 2 };
    expect([gate.limit, gate.free(20_000)]).toEqual([2, 2]);
    gate.take(2);
    expect(gate.freeAtMs(1, 20_000)).toBe(20_100);
    gate.rate = undefined;
    expect([gate.limit, gate.free(20_000), gate.used]).toEqual([Infinity, Infinity, 0]);
    gate.take(100);
    gate.rate = { count: 1, perMs: 100, burst: 9 };
    // Nobody knows how much has passed without a rate, so it begins as a new one.
    expect([gate.free(20_000), gate.used]).toEqual([1, 8]);
  });
});

describe('R-LM-08 the starts of runs of a user', () => {
  it('have a rate, which tasks of a run that has begun do not need', () => {
    const gates = new LimitGates({ userStarts: { count: 1, perMs: 100 } }, () => undefined);
    const admission = new Admission({ gates, ageingMs: 1_000_000 });
    for (const [id, userId] of [
      ['a', 'ann'],
      ['b', 'ann'],
      ['c', 'bob'],
    ] as const) {
      const run = readyRun({ id, userId, tasks: many(2) });
      for (const task of run.tasks) if (task.status === 'ready') admission.enqueue(run, task, 0);
    }
    expect(startsUntil(admission, { untilMs: 1_000 })).toEqual([0, 0, 0, 0, 100, 100]);
  });
});

describe('R-LM-11 a run of a former process', () => {
  it('that is between two tasks holds its place among the runs of its user, and begins no second time', () => {
    const limits: GateLimits = { perUser: 1, userStarts: { count: 1, perMs: 1_000 } };
    const admission = new Admission({ gates: new LimitGates(limits, () => undefined), ageingMs: 1_000_000 });
    const [begun, other] = ['a', 'b'].map((id) => readyRun({ id, tasks: many(2) }));
    begun!.tasks[1]!.status = 'completed';
    begun!.tasks[1]!.attempt = 1;
    begun!.hasBegun = true;
    for (const run of [other!, begun!])
      for (const task of run.tasks) if (task.status === 'ready') admission.enqueue(run, task, 0);
    expect(admission.pick(0, 10).picked.map(({ task }) => task.id)).toEqual(['a.1']);
    admission.dropRun(begun!.treeId);
    expect(admission.pick(0, 10).picked.map(({ task }) => task.id)).toEqual(['b.0', 'b.1']);
  });
});

describe('a rate that is none', () => {
  it('is refused', () => {
    expect(
      checkGateLimits({ rates: { a: { count: 0 }, b: { count: 1, perMs: 0 } }, userStarts: { count: 1, burst: 0.5 } }),
    ).toEqual([
      'limits.rates.a must have a count and a burst of at least 1 and a time above 0',
      'limits.rates.b must have a count and a burst of at least 1 and a time above 0',
      'limits.userStarts must have a count and a burst of at least 1 and a time above 0',
    ]);
  });
});
