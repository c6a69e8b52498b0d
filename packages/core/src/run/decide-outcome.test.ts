/** Rule 7 (retry, limits, exhaustion), rule 9 (interruption), and invariant 8: late and duplicate results. */
import type { TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { RetryPolicy } from '../task/task.ts';
import { INTERRUPTIONS_MAX } from './decide-outcome.ts';
import { idempotencyKeyOf } from './resolve-input.ts';
import { errorOf, Scenario, tasksOf } from './run.fixture.ts';
import type { Waiting } from './state.ts';

const id = (text: string) => text as TaskId;
const fixed: RetryPolicy = { strategy: 'fixed', delayMs: 100, jitter: 'none', maxAttempts: 3 };
const withRetry = (retry: RetryPolicy, more: ConstructorParameters<typeof Scenario>[1] = {}) =>
  new Scenario(tasksOf({ a: { policies: { retry } }, b: ['a'] }), more);

describe('retry', () => {
  it('R-RT-01 does not retry without a policy and keeps the error as it is', () => {
    const s = new Scenario(tasksOf({ a: [] }));
    s.execute();
    expect(s.fail('a', { code: 'http/status' })[0]).toBe('TaskFailed a/1 error=http/status');
  });

  it('R-RT-02 R-RT-05 schedules the next attempt at an absolute due time that the log holds', () => {
    const s = withRetry(fixed);
    s.execute();
    expect(s.fail('a')).toEqual(['RetryScheduled a/1 error=test/failed delayMs=100']);
    expect(s.task('a')).toMatchObject({ status: 'waiting', waiting: { for: 'retry', untilMs: 1_100 } });
    s.nowMs = 1_099;
    expect(s.due('a')).toEqual([]);
    s.nowMs = 1_100;
    expect(s.due('a')).toEqual(['TaskDue a']);
    expect(s.start('a')).toEqual(['TaskStarted a/2']);
    expect(s.complete('a')).toEqual(['TaskCompleted a/2 ready=b']);
  });

  it('Retry: "a sleep holds a slot": a waiting task executes nothing', () => {
    const s = withRetry(fixed);
    s.execute();
    s.fail('a');
    expect(s.run.executing).toBe(0);
  });

  it('R-RT-07 Retry: "the cause is lost on exhaustion": the failure holds count and last error', () => {
    const s = withRetry(fixed);
    s.execute();
    for (const attempt of [1, 2, 3]) {
      s.nowMs += 1_000;
      if (s.task('a').status === 'waiting') s.due('a');
      s.fail('a', { message: `No ${attempt}` });
    }
    expect(s.task('a').error).toEqual({
      code: 'retry/exhausted',
      message: 'No 3 (all 3 attempts of a failed; mend the cause, or raise maxAttempts)',
      retryable: false,
      data: { attempts: 3 },
      cause: errorOf({ message: 'No 3' }),
    });
    expect(s.run.status).toBe('failed');
  });

  it('Retry: "zero base delay crashes": a delay of 0 is ready in the same decision', () => {
    const s = withRetry({ strategy: 'exponential', delayMs: 0, maxAttempts: 2 });
    s.execute();
    expect(s.fail('a')).toEqual(['RetryScheduled a/1 error=test/failed delayMs=0', 'TaskDue a']);
    expect(s.task('a').status).toBe('ready');
  });

  it('Retry: "jitter exceeds the cap": the same seed gives the same delay, never above the cap', () => {
    const delays = [1, 2].map(() => {
      const s = withRetry({ strategy: 'fixed', delayMs: 1_000, maxDelayMs: 1_000, maxAttempts: 2 });
      s.execute();
      s.fail('a');
      return (s.task('a').waiting?.untilMs as number) - s.nowMs;
    });
    expect(delays[0]).toBe(delays[1]);
    expect(delays[0]).toBeLessThanOrEqual(1_000);
    expect(delays[0]).toBeGreaterThanOrEqual(750);
  });

  it('R-RT-02 custom asks the contributed function', () => {
    const s = withRetry({ strategy: 'custom', backoff: 'constant', jitter: 'none', maxAttempts: 2 });
    s.execute();
    expect(s.fail('a')).toEqual(['RetryScheduled a/1 error=test/failed delayMs=77']);
  });

  it('R-RT-06 Retry: "permanent errors are retried": not retryable, denied and not allowed ones end at once', () => {
    for (const [retry, error] of [
      [fixed, { retryable: false }],
      [{ ...fixed, deny: ['test/*'] }, {}],
      [{ ...fixed, allow: ['http/*'] }, {}],
    ] as const) {
      const s = withRetry(retry);
      s.execute();
      expect(s.fail('a', error)[0]).toContain('TaskFailed a/1');
      expect(s.task('a').error?.code).toBe('test/failed');
    }
  });

  it('takes the outside world’s wish for a longer delay', () => {
    const s = withRetry(fixed);
    s.execute();
    expect(s.fail('a', { retryAfterMs: 5_000 })).toEqual(['RetryScheduled a/1 error=test/failed delayMs=5000']);
  });

  it('R-RT-08 schedules nothing beyond maxElapsedMs', () => {
    const s = withRetry({ ...fixed, maxElapsedMs: 150, maxAttempts: 10 });
    s.execute();
    expect(s.fail('a')[0]).toContain('RetryScheduled');
    s.nowMs = 1_100;
    s.due('a');
    expect(s.fail('a')[0]).toContain('TaskFailed a/2');
    expect(s.task('a').error?.message).toContain('would start after its maxElapsed of 150 ms');
  });

  it('R-RT-08 schedules nothing beyond the run’s budget', () => {
    const s = withRetry(fixed, { policies: { runTimeoutMs: 100 } });
    s.execute();
    expect(s.fail('a')[0]).toContain('TaskFailed a/1');
    expect(s.task('a').error?.message).toContain('would start after the runTimeout of 100 ms');
  });

  it('R-RT-10 ends retries when the run’s budget of them is used up', () => {
    const retry = { ...fixed, delayMs: 0 };
    const s = new Scenario(tasksOf({ a: { policies: { retry } }, b: { policies: { retry } } }), {
      policies: { retryBudget: 1 },
    });
    s.execute();
    expect(s.fail('a')[0]).toContain('RetryScheduled');
    expect(s.fail('b')[0]).toBe('TaskFailed b/1 error=retry/budget-exhausted');
  });

  it('uses the run’s default policy, and the task’s own before it', () => {
    const s = new Scenario(tasksOf({ a: [], b: { policies: { retry: { strategy: 'none' } } } }), {
      policies: { retry: fixed },
    });
    s.execute();
    expect(s.fail('a')[0]).toContain('RetryScheduled');
    expect(s.fail('b')[0]).toContain('TaskFailed');
  });

  it('keeps the idempotency key over all attempts (R-DR-12)', () => {
    const s = withRetry({ ...fixed, delayMs: 0 });
    s.execute();
    s.start('a');
    const first = idempotencyKeyOf(s.run, s.task('a'));
    s.fail('a');
    s.start('a');
    expect([first, idempotencyKeyOf(s.run, s.task('a'))]).toEqual(['root/a', 'root/a']);
  });
});

describe('limits in time', () => {
  it('R-TO-01 fails the attempt at its limit; the late result is ignored', () => {
    const s = new Scenario(tasksOf({ a: { policies: { timeoutMs: 50 } } }));
    s.execute();
    s.start('a');
    s.nowMs += 51;
    expect(s.when({ type: 'timeout', taskId: id('a'), attempt: 1, limit: 'task' })[0]).toBe(
      'TaskFailed a/1 error=timeout',
    );
    expect(s.task('a').error).toMatchObject({ data: { limit: 'task', limitMs: 50, ranMs: 51 } });
    expect(s.when({ type: 'complete', taskId: id('a'), attempt: 1, outcome: { output: 1 } })).toEqual([]);
  });

  it('R-TO-01 is retryable as the policy says', () => {
    const s = withRetry(fixed);
    s.execute();
    s.start('a');
    expect(s.when({ type: 'timeout', taskId: id('a'), attempt: 1, limit: 'heartbeat' })).toEqual([
      'RetryScheduled a/1 error=timeout/heartbeat delayMs=100',
    ]);
  });

  it.each([
    [10, 20, 30, 10],
    [undefined, 20, 30, 20],
    [undefined, undefined, 30, 30],
    [40, 20, 30, 40],
    [undefined, undefined, 0, undefined],
  ])('R-TO-02 task %s, run %s, engine %s: effective %s', (...[task, run, engine, effective]) => {
    const s = new Scenario(tasksOf({ a: { policies: task === undefined ? {} : { timeoutMs: task } } }), {
      policies: run === undefined ? {} : { timeoutMs: run },
      defaultTimeoutMs: engine,
    });
    s.execute();
    s.start('a');
    expect(s.task('a').timeoutMs).toBe(effective);
  });

  it('R-TO-05 never exceeds what is left of the run’s budget, and says which limit it is', () => {
    const s = new Scenario(tasksOf({ a: { policies: { timeoutMs: 500 } } }), { policies: { runTimeoutMs: 1_000 } });
    s.execute();
    s.nowMs += 700;
    s.start('a');
    expect(s.task('a')).toMatchObject({ timeoutMs: 300, timeoutLimit: 'run' });
  });

  it('R-TO-04 R-TO-07 cancels everything at the run’s limit, also waits, and fails the run', () => {
    const s = new Scenario(tasksOf({ a: [], w: { policies: { retry: fixed } }, b: ['a'] }), {
      policies: { runTimeoutMs: 1_000 },
    });
    s.execute();
    s.start('a');
    s.fail('w');
    expect(s.when({ type: 'runTimeout' })).toEqual([]);
    s.nowMs += 1_000;
    expect(s.when({ type: 'runTimeout' })).toEqual([
      'TaskCancelled b reason=runTimeout',
      'TaskCancelled w reason=runTimeout',
      'TaskCancelled a/1 dead=b:trigger reason=runTimeout',
      'TaskCancelled root reason=runTimeout',
      'RunFailed error=timeout/run',
    ]);
    expect(s.run.error?.message).toContain('1000 ms');
  });

  it('R-TO-10 never lets event times decrease when the clock is set back', () => {
    const s = withRetry(fixed);
    s.execute();
    s.nowMs = 10;
    s.fail('a');
    expect(s.log.every((event, index) => index === 0 || event.atMs >= (s.log[index - 1]?.atMs ?? 0))).toBe(true);
    expect(s.task('a').waiting?.untilMs).toBe(1_100);
  });
});

describe('late, duplicate and foreign results change nothing (invariant 8)', () => {
  const results = (attempt: number) =>
    [
      { type: 'complete', taskId: id('a'), attempt, outcome: { output: 'late' } },
      { type: 'fail', taskId: id('a'), attempt, error: errorOf() },
      { type: 'timeout', taskId: id('a'), attempt, limit: 'task' },
      { type: 'progress', taskId: id('a'), attempt, fraction: 0.5 },
    ] as const;

  it('before the start, of another attempt, after the end, of an unknown task', () => {
    const s = withRetry({ ...fixed, delayMs: 0 });
    s.execute();
    for (const result of results(1)) expect(s.when(result)).toEqual([]);
    s.fail('a');
    s.start('a');
    for (const result of [...results(1), ...results(3)]) expect(s.when(result)).toEqual([]);
    s.complete('a', 'right');
    for (const result of results(2)) expect(s.when(result)).toEqual([]);
    expect(s.when({ type: 'complete', taskId: id('zz'), attempt: 1, outcome: { output: null } })).toEqual([]);
    expect(s.task('a').output).toBe('right');
  });

  it('while the task waits for its retry, and after it was cancelled', () => {
    const s = withRetry(fixed);
    s.execute();
    s.fail('a');
    for (const result of results(1)) expect(s.when(result)).toEqual([]);
    s.cancel('a');
    for (const result of results(1)) expect(s.when(result)).toEqual([]);
    expect(s.due('a')).toEqual([]);
  });

  it('starts only what is ready', () => {
    const s = withRetry(fixed);
    s.execute();
    expect(s.start('b', 'root', 'zz')).toEqual([]);
    s.start('a');
    expect(s.start('a')).toEqual([]);
  });
});

describe('an attempt whose process is gone (rule 9)', () => {
  const dueNow = (s: ReturnType<typeof withRetry>): void => {
    s.nowMs = s.task('a').waiting?.untilMs as number;
    s.when({ type: 'due', taskId: id('a') });
  };
  const crash = (onCrash: 'retry' | 'fail') =>
    ({ type: 'interrupt', reason: 'crash', failing: onCrash === 'fail' ? ['work'] : [] }) as const;

  it('R-CP-10 is issued again under the same key and does not count as a retry', () => {
    const s = withRetry({ ...fixed, maxAttempts: 2 });
    s.execute();
    s.start('a');
    const key = idempotencyKeyOf(s.run, s.task('a'));
    expect(s.when(crash('retry'))).toEqual(['AttemptInterrupted a/1 reason=crash']);
    s.start('a');
    expect([s.task('a').attempt, idempotencyKeyOf(s.run, s.task('a'))]).toEqual([2, key]);
    expect(s.fail('a')).toEqual(['RetryScheduled a/2 error=test/failed delayMs=100']);
  });

  it('R-CP-11 interrupting twice has the effect of once', () => {
    const s = withRetry(fixed);
    s.execute();
    s.start('a');
    s.when(crash('retry'));
    expect(s.when(crash('retry'))).toEqual([]);
  });

  it('fails when the executor says so, without a retry', () => {
    const s = withRetry(fixed);
    s.execute();
    s.start('a');
    expect(s.when(crash('fail'))[0]).toContain('TaskFailed a/1');
    expect(s.task('a').error).toMatchObject({ code: 'executor/interrupted', retryable: false });
  });

  it('is given up after many interruptions', () => {
    const s = withRetry(fixed);
    s.execute();
    for (let count = 0; count < INTERRUPTIONS_MAX; count++) {
      s.start('a');
      expect(s.when(crash('retry'))).toHaveLength(1);
      if (s.task('a').status === 'waiting') dueNow(s);
    }
    s.start('a');
    expect(s.when(crash('retry'))[0]).toContain('error=executor/interrupted');
  });

  it('waits longer from the second crash on, and not at all after a stop in good order', () => {
    const s = withRetry(fixed);
    s.execute();
    const waits: number[] = [];
    const reasons = new Set<Waiting['for'] | undefined>();
    for (let count = 0; count < INTERRUPTIONS_MAX; count++) {
      s.start('a');
      s.when(crash('retry'));
      const { status, waiting } = s.task('a');
      reasons.add(waiting?.for);
      waits.push(status === 'ready' ? 0 : (waiting?.untilMs ?? 0) - s.run.atMs);
      if (status === 'waiting') dueNow(s);
    }
    expect(waits.map((waitMs) => waitMs / 1000)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256]);
    expect([...reasons]).toEqual([undefined, 'restart']);
    const stopped = withRetry(fixed);
    stopped.execute();
    for (let count = 0; count < 3; count++) {
      stopped.start('a');
      stopped.when({ type: 'interrupt', reason: 'shutdown', failing: [] });
      expect(stopped.task('a').status).toBe('ready');
    }
  });
});

describe('what an attempt reports while it runs', () => {
  it('keeps progress and recorded calls; the same call is stored once', () => {
    const s = withRetry({ ...fixed, delayMs: 0 });
    s.execute();
    s.start('a');
    s.when({ type: 'progress', taskId: id('a'), attempt: 1, fraction: 0.5, message: 'half' });
    s.when({ type: 'progress', taskId: id('a'), attempt: 1, message: 'more' });
    expect(s.task('a')).toMatchObject({ progress: 0.5, progressMessage: 'more' });
    const call = { type: 'record', taskId: id('a'), attempt: 1, key: 'pay', occurrence: 1, value: 7 } as const;
    expect(s.when(call)).toEqual(['CallRecorded a/1']);
    expect(s.when(call)).toEqual([]);
    s.fail('a');
    expect(s.refused(call).code).toBe('task/invalid-transition');
    s.start('a');
    expect(s.task('a').calls?.get('pay#1')).toBe(7);
    expect(s.task('a').progress).toBeUndefined();
  });
});
