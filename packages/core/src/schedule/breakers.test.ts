/** Breakers in admission: who waits, who goes away, which tasks share one. */
import { describe, expect, it } from 'vitest';
import { newEngineState } from '../engine-stream/engine-stream.ts';
import type { RunEvent } from '../run/event.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import { checkGateLimits } from './gate-limits.ts';
import { Admission } from './admission.ts';
import { readyRun } from './admission.fixture.ts';
import { heldUnits } from './held-units.ts';
import { LimitGates } from './limit-gates.ts';

const work = (count: number) => Array.from({ length: count }, () => [2, 'work'] as const);

class Desk {
  readonly engine = newEngineState();
  readonly gates: LimitGates;
  readonly admission: Admission;
  nowMs = 0;
  nextAtMs: number | undefined;

  constructor(breakers: Readonly<Record<string, BreakerPolicy>>, executors: Readonly<Record<string, number>> = {}) {
    this.gates = new LimitGates({ breakers, executors }, () => undefined, this.engine);
    this.admission = new Admission({ gates: this.gates, ageingMs: 1_000_000 });
  }

  add(run: RunState): RunState {
    for (const task of run.tasks) if (task.status === 'ready') this.admission.enqueue(run, task, this.nowMs);
    return run;
  }

  pick(max = 1_000): readonly string[] {
    const { picked, nextAtMs, turnedAway = [] } = this.admission.pick(this.nowMs, max);
    this.nextAtMs = nextAtMs;
    for (const { task } of picked) task.status = 'running';
    return [...picked.map(({ task }) => task.id), ...turnedAway.map(({ task, whenFull }) => `${task.id} ${whenFull}`)];
  }

  end(run: RunState, id: string, isOk: boolean): void {
    const task = run.byId.get(id as TaskState['id']) as TaskState;
    task.status = isOk ? 'completed' : 'failed';
    const data = isOk ? { output: null } : { error: { code: 'x', message: '', retryable: true } };
    const type = isOk ? 'TaskCompleted' : 'TaskFailed';
    this.admission.release(run, task, { type, atMs: this.nowMs, data } as unknown as RunEvent);
  }
}

describe('a breaker of the configuration', () => {
  it('keeps tasks waiting until the time that admission names, then lets as many start as are missing', () => {
    const desk = new Desk({ work: { consecutiveFailures: 1, openForMs: 500, probes: 2 } });
    const run = desk.add(readyRun({ id: 'a', tasks: work(6) }));
    expect(desk.pick(1)).toEqual(['a.0']);
    desk.end(run, 'a.0', false);
    expect([desk.pick(), desk.nextAtMs]).toEqual([[], 500]);
    expect(desk.admission.blockers(run, run.tasks[2] as TaskState)).toEqual([
      { gate: 'breaker:work', used: 0, limit: 0, waiting: 5 },
    ]);
    desk.nowMs = 500;
    expect([desk.pick(), desk.nextAtMs]).toEqual([['a.1', 'a.2'], undefined]);
    desk.end(run, 'a.1', true);
    expect(desk.pick()).toEqual([]);
    desk.end(run, 'a.2', true);
    expect(desk.pick()).toEqual(['a.3', 'a.4', 'a.5']);
  });

  it('is shared by all runs, and holds nothing of a run', () => {
    const desk = new Desk({ work: { consecutiveFailures: 2 } });
    const [a, b] = ['a', 'b'].map((id) => desk.add(readyRun({ id, tasks: work(2) }))) as [RunState, RunState];
    expect(desk.pick(2)).toEqual(['a.0', 'b.0']);
    expect(heldUnits(desk.gates, a)).toEqual([]);
    desk.end(a, 'a.0', false);
    desk.end(b, 'b.0', false);
    expect(desk.pick()).toEqual([]);
  });

  it('turns away tasks that have a fallback, or all of them, and each once; the others wait', () => {
    const desk = new Desk({
      work: { consecutiveFailures: 1, whenOpen: 'fallback' },
      other: { consecutiveFailures: 1, whenOpen: 'fail' },
    });
    const run = readyRun({ id: 'a', tasks: [...work(3), [2, 'other'], [2, 'other']] });
    const withFallback = run.tasks[3] as TaskState;
    withFallback.definition = { ...withFallback.definition, fallback: { output: 1 } };
    desk.add(run);
    expect(desk.pick(2)).toEqual(['a.0', 'a.1']);
    desk.end(run, 'a.0', false);
    expect(desk.pick()).toEqual(['a.3', 'a.4', 'a.2 fallback']);
    desk.end(run, 'a.3', false);
    desk.add(readyRun({ id: 'b', tasks: [[2, 'other']] }));
    expect(desk.pick()).toEqual(['b.0 fail']);
    expect(desk.pick()).toEqual([]);
  });

  it('turns away at once also tasks that other gates keep back', () => {
    const desk = new Desk({ work: { consecutiveFailures: 1, whenOpen: 'fail' } }, { work: 1 });
    const run = desk.add(readyRun({ id: 'a', tasks: work(2) }));
    desk.pick();
    desk.end(run, 'a.0', false);
    desk.add(readyRun({ id: 'b', tasks: work(1) }));
    expect([...desk.pick()].toSorted()).toEqual(['a.1 fail', 'b.0 fail']);
  });

  it('gives back the probes of a run that goes', () => {
    const desk = new Desk({ work: { consecutiveFailures: 1, openForMs: 500, probes: 1 } });
    const [a, b] = ['a', 'b'].map((id) => desk.add(readyRun({ id, tasks: work(2) }))) as [RunState, RunState];
    desk.pick(1);
    desk.end(a, 'a.0', false);
    desk.nowMs = 500;
    expect(desk.pick()).toEqual(['b.0']);
    desk.admission.dropRun(b.treeId);
    expect(desk.pick()).toEqual(['a.1']);
  });

  it('is open from the start when it was open before', () => {
    const desk = new Desk({ work: {} });
    const open = {
      state: 'open',
      sinceMs: 0,
      openUntilMs: 700,
      openForMs: 700,
      probes: 1,
      calls: 4,
      failures: 3,
    } as const;
    desk.engine.breakers.set('breaker:work', open);
    desk.add(readyRun({ id: 'a', tasks: work(2) }));
    expect([desk.pick(), desk.nextAtMs]).toEqual([[], 700]);
    expect(desk.gates.breakers.report('breaker:work', 0)).toMatchObject({ state: 'open', calls: 4, failures: 3 });
    desk.nowMs = 700;
    expect(desk.pick()).toEqual(['a.0']);
  });

  it('lets all start once somebody has reset it', () => {
    const desk = new Desk({ work: { consecutiveFailures: 1 } });
    const run = desk.add(readyRun({ id: 'a', tasks: work(3) }));
    desk.pick(1);
    desk.end(run, 'a.0', false);
    expect(desk.pick()).toEqual([]);
    const gate = desk.gates.breakers.find('breaker:work');
    gate?.reset();
    desk.admission.changed(gate!);
    expect(desk.pick()).toEqual(['a.1', 'a.2']);
  });
});

describe('breakers of the configuration', () => {
  it('are refused when a number means nothing, and with a key', () => {
    expect(checkGateLimits({ breakers: { http: {}, work: { failureRate: 2 }, other: { key: 'x' } } })).toEqual([
      'limits.breakers.work has failureRate 2, which must be a number above 0, at most 1',
      'limits.breakers.other has a key, which only tasks have',
    ]);
  });
});
