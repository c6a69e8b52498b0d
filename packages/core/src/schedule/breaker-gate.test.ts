/** A breaker beside a model that keeps every call. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../run/event.ts';
import type { TaskState } from '../run/state.ts';
import { breakerRules, type BreakerPolicy, type BreakerRules } from '../task/breaker-policy.ts';
import { BreakerGate } from './breaker-gate.ts';
import type { BreakerChange } from './breaker-state.ts';
import { readyRun } from './admission.fixture.ts';
import { WINDOW_STEPS } from './call-window.ts';

type Verdict = 'ok' | 'failed' | 'unknown';

function endOf(verdict: Verdict, atMs: number): RunEvent {
  const data =
    verdict === 'ok' ? { output: null } : { error: { code: 'x', message: 'x', retryable: verdict === 'failed' } };
  return { type: verdict === 'ok' ? 'TaskCompleted' : 'TaskFailed', seq: 1, atMs, data } as unknown as RunEvent;
}

/** A breaker, with attempts that pass it. */
class Service {
  readonly changes: BreakerChange[] = [];
  readonly gate: BreakerGate;
  readonly #run = readyRun({ id: 'a', tasks: Array.from({ length: 200 }, () => [2, 'work'] as const) });
  readonly running: TaskState[] = [];
  #next = 1;
  nowMs = 0;

  constructor(policy: BreakerPolicy) {
    this.gate = new BreakerGate('breaker:work', breakerRules(policy), (change) => this.changes.push(change));
  }

  /** Starts an attempt if the breaker lets it pass. */
  start(): boolean {
    if (this.gate.free(this.nowMs) < 1) return false;
    const task = this.#run.tasks[(this.#next++ % 200) + 1] as TaskState;
    this.gate.take(1, this.nowMs, task);
    this.running.push(task);
    return true;
  }

  end(verdict: Verdict, at = 0): void {
    const [task] = this.running.splice(at, 1);
    this.gate.giveBack(1, task, endOf(verdict, this.nowMs));
  }

  call(...verdicts: Verdict[]): void {
    for (const verdict of verdicts) {
      assert.ok(this.start(), 'the breaker lets the call pass');
      this.end(verdict);
    }
  }

  get state(): string {
    return this.gate.report(this.nowMs).state;
  }
}

const times = (count: number, verdict: Verdict): Verdict[] => Array.from({ length: count }, () => verdict);

describe('R-SG-08 a breaker opens', () => {
  it.each([
    [4, 'closed'],
    [5, 'open'],
    [6, 'open'],
  ])('with %i of 10 calls failed: %s', (failed, state) => {
    const service = new Service({ failureRate: 0.5, minimumCalls: 10 });
    service.call(...times(10 - failed, 'ok'), ...times(failed - 1, 'failed'));
    expect(service.state).toBe('closed');
    service.call('failed');
    expect(service.state).toBe(state);
    expect(service.gate.report(0)).toMatchObject({ calls: 10, failures: failed });
  });

  it('not before it has seen enough calls, and looks at the last of them only', () => {
    const service = new Service({ failureRate: 1, minimumCalls: 3, window: 3 });
    service.call('failed', 'failed');
    expect(service.state).toBe('closed');
    service.call('ok', 'failed', 'failed');
    expect(service.state).toBe('closed');
    service.call('failed');
    expect(service.state).toBe('open');
  });

  it('for parts that have no exact binary form, at exactly that part', () => {
    const service = new Service({ failureRate: 0.55, minimumCalls: 20 });
    service.call(...times(9, 'ok'), ...times(10, 'failed'));
    expect(service.state).toBe('closed');
    service.call('failed');
    expect(service.state).toBe('open');
  });

  it('once so many calls have failed one after the other', () => {
    const service = new Service({ consecutiveFailures: 3 });
    service.call('failed', 'failed', 'ok', ...times(2, 'failed'));
    expect(service.state).toBe('closed');
    service.call('failed');
    expect(service.state).toBe('open');
  });

  it('by the calls of a time, and forgets older ones', () => {
    const service = new Service({ failureRate: 0.5, minimumCalls: 4, windowMs: 1_000 });
    service.call('failed', 'failed', 'failed');
    service.nowMs = 1_001;
    service.call('failed');
    expect([service.state, service.gate.report(1_001).calls]).toEqual(['closed', 1]);
    service.call('failed', 'failed', 'failed');
    expect(service.state).toBe('open');
  });

  it('and forgets calls of a time window when the clock is set far back', () => {
    const service = new Service({ failureRate: 0.5, minimumCalls: 4, windowMs: 1_000 });
    service.nowMs = 1e9;
    service.call('failed', 'failed', 'failed');
    service.nowMs = 1e6;
    service.call('failed');
    expect([service.state, service.gate.report(1e6).calls]).toEqual(['closed', 1]);
  });

  it('not for errors for good, which are about the task, and not for what was cancelled', () => {
    const service = new Service({ consecutiveFailures: 1 });
    service.call(...times(20, 'unknown'));
    service.start();
    service.gate.giveBack(1, service.running[0], { type: 'TaskCancelled', atMs: 0 } as unknown as RunEvent);
    expect(service.state).toBe('closed');
  });

  it('by the error of the executor, whatever is told around it', () => {
    for (const code of ['retry/exhausted', 'retry/budget-exhausted', 'fallback/failed']) {
      const service = new Service({ consecutiveFailures: 1 });
      service.start();
      const error = { code, message: '', retryable: false, cause: { code: 'http/503', message: '', retryable: true } };
      service.gate.giveBack(1, service.running[0], {
        type: 'TaskFailed',
        atMs: 0,
        data: { error },
      } as unknown as RunEvent);
      expect(service.state).toBe('open');
    }
  });
});

describe('R-SG-09 an open breaker', () => {
  it('lets nothing pass for its time, then as many probes as are missing, and closes when all of them went well', () => {
    const service = new Service({ consecutiveFailures: 1, openForMs: 500, probes: 3 });
    service.call('failed');
    service.nowMs = 499;
    expect([service.start(), service.gate.freeAtMs(1, 499), service.gate.limit]).toEqual([false, 500, 0]);
    service.nowMs = 500;
    expect([1, 2, 3, 4].map(() => service.start())).toEqual([true, true, true, false]);
    service.end('ok');
    // One has gone well and two run, so none is missing.
    expect(service.start()).toBe(false);
    service.end('unknown');
    expect([service.start(), service.start()]).toEqual([true, false]);
    service.end('ok');
    service.end('ok');
    expect(service.state).toBe('closed');
    expect(service.changes.map(({ to }) => to?.state ?? 'closed')).toEqual(['open', 'halfOpen', 'closed']);
  });

  it('opens again with the first probe that fails, for its whole time', () => {
    const service = new Service({ consecutiveFailures: 1, openForMs: 500, probes: 2 });
    service.call('failed');
    service.nowMs = 600;
    service.call('ok', 'failed');
    expect([service.state, service.gate.freeAtMs(1, 600)]).toEqual(['open', 1_100]);
  });

  it('is not touched by the late end of attempts that began before it opened', () => {
    const service = new Service({ consecutiveFailures: 1, openForMs: 500, probes: 1 });
    for (let count = 0; count < 4; count++) service.start();
    service.end('failed');
    service.end('ok');
    expect([service.state, service.gate.used]).toEqual(['open', 0]);
    service.nowMs = 500;
    service.end('ok');
    expect([service.state, service.start(), service.gate.used]).toEqual(['halfOpen', true, 1]);
    service.end('failed');
    expect([service.state, service.gate.used]).toEqual(['halfOpen', 1]);
    service.end('ok');
    expect(service.state).toBe('closed');
  });

  it('keeps nobody longer than its time when the clock is set back', () => {
    const service = new Service({ consecutiveFailures: 1, openForMs: 500 });
    service.nowMs = 1e9;
    service.call('failed');
    service.nowMs = 1_000;
    expect([service.start(), service.gate.freeAtMs(1, 1_000)]).toEqual([false, 1_500]);
    service.nowMs = 1_500;
    expect(service.start()).toBe(true);
  });

  it('goes on in another process where it was, and begins its probes anew', () => {
    const service = new Service({ consecutiveFailures: 1, openForMs: 500, probes: 2 });
    service.call('failed');
    const next = new Service({ consecutiveFailures: 1, openForMs: 500, probes: 2 });
    next.gate.restore(service.changes[0]?.to);
    next.nowMs = 499;
    expect(next.start()).toBe(false);
    next.nowMs = 500;
    next.call('ok');
    const third = new Service({ consecutiveFailures: 1, openForMs: 500, probes: 2 });
    third.gate.restore(next.changes[0]?.to);
    expect([third.start(), third.start(), third.start()]).toEqual([true, true, false]);
  });

  it('is closed by a reset, after which former attempts say nothing', () => {
    const service = new Service({ consecutiveFailures: 2 });
    service.start();
    service.call('failed');
    service.start();
    service.end('failed', 1);
    expect(service.state).toBe('open');
    service.gate.reset();
    service.end('failed');
    service.call('failed');
    expect(service.state).toBe('closed');
    expect(service.changes).toHaveLength(1);
  });
});

/** The same rules, on a list of all calls. */
class Model {
  state: 'closed' | 'open' | 'halfOpen' = 'closed';
  round = 0;
  succeeded = 0;
  openUntilMs = 0;
  calls: { failed: boolean; atMs: number }[] = [];
  running: number[] = [];
  readonly rules: BreakerRules;

  constructor(rules: BreakerRules) {
    this.rules = rules;
  }

  to(state: Model['state']): void {
    Object.assign(this, { state, round: this.round + 1, succeeded: 0, calls: [] });
  }

  free(nowMs: number): number {
    if (this.state === 'open' && nowMs >= this.openUntilMs) this.to('halfOpen');
    if (this.state === 'closed') return Infinity;
    if (this.state === 'open') return 0;
    return this.rules.probes - this.succeeded - this.running.filter((round) => round === this.round).length;
  }

  end(at: number, verdict: Verdict, nowMs: number): void {
    const [round] = this.running.splice(at, 1);
    if (round !== this.round || verdict === 'unknown') return;
    if (this.state === 'halfOpen') {
      if (verdict === 'failed') this.open(nowMs);
      else if (++this.succeeded === this.rules.probes) this.to('closed');
      return;
    }
    this.calls.push({ failed: verdict === 'failed', atMs: nowMs });
    const { window, windowMs, minimumCalls, failureRate, consecutiveFailures } = this.rules;
    const step = (atMs: number): number => Math.floor(atMs / ((windowMs as number) / WINDOW_STEPS));
    const seen =
      window === undefined
        ? this.calls.filter(({ atMs }) => step(atMs) > step(nowMs) - WINDOW_STEPS)
        : this.calls.slice(-window);
    const failures = seen.filter(({ failed }) => failed).length;
    const isRate = seen.length >= minimumCalls && failures / seen.length >= failureRate;
    const last = this.calls.slice(-consecutiveFailures);
    const isRow = last.length === consecutiveFailures && last.every(({ failed }) => failed);
    if (verdict === 'failed' && (isRate || isRow)) this.open(nowMs);
  }

  open(nowMs: number): void {
    this.to('open');
    this.openUntilMs = nowMs + this.rules.openForMs;
  }
}

describe('properties', () => {
  const policies: fc.Arbitrary<BreakerPolicy> = fc
    .record({
      failureRate: fc.option(fc.constantFrom(0.2, 0.5, 0.7, 1), { nil: undefined }),
      consecutiveFailures: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      minimumCalls: fc.integer({ min: 1, max: 5 }),
      window: fc.integer({ min: 5, max: 12 }),
      windowMs: fc.option(fc.constantFrom(100, 1_000), { nil: undefined }),
      openForMs: fc.constantFrom(50, 400),
      probes: fc.integer({ min: 1, max: 3 }),
    })
    .map((policy) => Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)));
  const verdict = fc.constantFrom<Verdict>('ok', 'ok', 'failed', 'failed', 'unknown');
  const step = fc.oneof(
    fc.record({ do: fc.constant('start' as const) }),
    fc.record({ do: fc.constant('end' as const), at: fc.nat(5), verdict }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 30, 50, 400) }),
  );

  it('R-SG-08 R-SG-09 is what the model is, after every step, and is never above its capacity', () => {
    fc.assert(
      fc.property(policies, fc.array(step, { maxLength: 120 }), (policy, steps) => {
        const service = new Service(policy);
        const model = new Model(breakerRules(policy));
        for (const each of steps) {
          const { nowMs, gate } = service;
          if (each.do === 'wait') service.nowMs += each.ms;
          else if (each.do === 'start') {
            const mayStart = model.free(nowMs) >= 1;
            assert.equal(service.start(), mayStart);
            if (mayStart) model.running.push(model.round);
          } else if (service.running.length > 0) {
            const at = each.at % service.running.length;
            service.end(each.verdict, at);
            model.end(at, each.verdict, nowMs);
          }
          assert.equal(gate.free(service.nowMs), model.free(service.nowMs));
          assert.equal(service.state, model.state);
          assert.ok(gate.used <= gate.limit);
          const opensAtMs = model.state === 'open' ? model.openUntilMs : undefined;
          assert.equal(gate.freeAtMs(1, service.nowMs), opensAtMs);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
