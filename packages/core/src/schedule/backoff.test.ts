import { RetryableError } from '@coppice/extension';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskErrorFromThrown } from '../errors/task-error.ts';
import type { RetryPolicy, RetryStrategy } from '../task/task.ts';
import { DURATION_MS_MAX } from '../task/time-limits.ts';
import { isRetryAllowed, nextDelayMs, resolveRetryPolicy } from './backoff.ts';

const seed = { seed: 'run', taskId: 'task', attempt: 1 };

function delays(policy: RetryPolicy, count: number): number[] {
  const resolved = resolveRetryPolicy(policy);
  return Array.from({ length: count }, (_, index) =>
    nextDelayMs(resolved, { failedAttempt: index + 1, errorCode: 'x', seed: { ...seed, attempt: index + 1 } }),
  );
}

const strategies: readonly RetryStrategy[] = ['none', 'immediate', 'fixed', 'linear', 'exponential', 'custom'];
const policies = fc.record(
  {
    strategy: fc.constantFrom(...strategies),
    delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })),
    maxDelayMs: fc.integer({ min: 0, max: 1_000_000 }),
    multiplier: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    jitter: fc.constantFrom('none' as const, 'proportional' as const, 'full' as const),
  },
  { requiredKeys: [] },
);
const contexts = fc.record({
  failedAttempt: fc.integer({ min: 1, max: 10_000 }),
  errorCode: fc.string(),
  seed: fc.record({ seed: fc.string(), taskId: fc.string(), attempt: fc.integer({ min: 1, max: 10_000 }) }),
});

describe('resolveRetryPolicy', () => {
  it('fills in the defaults of a policy (R-RT-01, R-RT-03)', () => {
    expect(resolveRetryPolicy({})).toEqual({
      maxAttempts: 3,
      strategy: 'exponential',
      delayMs: 1000,
      multiplier: 2,
      jitter: 'proportional',
      deny: [],
    });
  });

  it('means one attempt without a policy and with the strategy none (R-RT-01)', () => {
    expect(resolveRetryPolicy(undefined)).toMatchObject({ maxAttempts: 1, strategy: 'none' });
    expect(resolveRetryPolicy({ strategy: 'none', maxAttempts: 5 })).toMatchObject({ maxAttempts: 1 });
  });
});

describe('nextDelayMs', () => {
  it('follows each strategy (R-RT-02)', () => {
    const base = { delayMs: 100, jitter: 'none' } as const;
    expect(delays({ ...base, strategy: 'none' }, 2)).toEqual([0, 0]);
    expect(delays({ ...base, strategy: 'immediate' }, 2)).toEqual([0, 0]);
    expect(delays({ ...base, strategy: 'fixed' }, 3)).toEqual([100, 100, 100]);
    expect(delays({ ...base, strategy: 'linear' }, 4)).toEqual([100, 200, 300, 400]);
    expect(delays({ ...base, strategy: 'exponential', multiplier: 3 }, 4)).toEqual([100, 300, 900, 2700]);
  });

  it('asks the registered function of a custom policy, with attempt and error code (R-RT-02)', () => {
    const policy = resolveRetryPolicy({ strategy: 'custom', backoff: 'mine', jitter: 'none', maxDelayMs: 60 });
    const ask = (backoff?: (attempt: number, code: string) => number) =>
      nextDelayMs(policy, { failedAttempt: 4, errorCode: 'ab', seed, backoff });
    expect(ask((attempt, code) => attempt * 10 + code.length)).toBe(42);
    expect(ask(() => Infinity)).toBe(60);
    expect(ask(() => -5)).toBe(0);
  });

  it('falls back to the base delay when the custom function is gone or broken', () => {
    const policy = resolveRetryPolicy({ strategy: 'custom', backoff: 'mine', jitter: 'none', delayMs: 70 });
    for (const backoff of [
      undefined,
      () => NaN,
      () => {
        throw new Error('broken');
      },
    ]) {
      expect(nextDelayMs(policy, { failedAttempt: 1, errorCode: 'x', seed, backoff })).toBe(70);
    }
  });

  it('retries at once with a zero base, also when the factor overflows (R-RT-03)', () => {
    expect(delays({ delayMs: 0, multiplier: 1e300 }, 10)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  it('has no cap when none is given, and clamps what overflows (R-RT-03)', () => {
    expect(delays({ jitter: 'none' }, 9).at(-1)).toBe(256_000);
    expect(delays({ jitter: 'none', maxDelayMs: 60_000 }, 9).at(-1)).toBe(60_000);
    expect(delays({ jitter: 'none', multiplier: 1e300 }, 9).at(-1)).toBe(DURATION_MS_MAX);
    expect(delays({ jitter: 'none', multiplier: 1e300, maxDelayMs: 5000 }, 9).at(-1)).toBe(5000);
    expect(delays({ maxDelayMs: 0, delayMs: 0 }, 1)).toEqual([0]);
  });

  it('is a whole number in [0, cap] for every policy (R-RT-04)', () => {
    fc.assert(
      fc.property(policies, contexts, (policy, context) => {
        const delayMs = nextDelayMs(resolveRetryPolicy(policy), context);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(policy.maxDelayMs ?? DURATION_MS_MAX);
      }),
    );
  });

  it('stays within 25 % of the raw delay, and reaches both sides (R-RT-04)', () => {
    const policy = resolveRetryPolicy({ strategy: 'fixed', delayMs: 10_000 });
    const drawn = Array.from({ length: 1000 }, (_, index) =>
      nextDelayMs(policy, { failedAttempt: 1, errorCode: 'x', seed: { ...seed, taskId: `t${index}` } }),
    );
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(7500);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(12_500);
    expect(Math.min(...drawn)).toBeLessThan(7600);
    expect(Math.max(...drawn)).toBeGreaterThan(12_400);
  });

  it('is the same for the same run, task and attempt (R-RT-05)', () => {
    fc.assert(
      fc.property(policies, contexts, (policy, context) => {
        const resolved = resolveRetryPolicy(policy);
        expect(nextDelayMs(resolved, context)).toBe(nextDelayMs(resolved, context));
      }),
    );
    const other = nextDelayMs(resolveRetryPolicy({}), {
      failedAttempt: 1,
      errorCode: 'x',
      seed: { ...seed, seed: 'other' },
    });
    expect(delays({}, 1)[0]).not.toBe(other);
  });

  it("takes the outside world's retryAfterMs as a minimum, above the cap as well", () => {
    const policy = resolveRetryPolicy({ strategy: 'fixed', delayMs: 100, maxDelayMs: 200, jitter: 'none' });
    const context = { failedAttempt: 1, errorCode: 'http/status', seed };
    expect(nextDelayMs(policy, { ...context, retryAfterMs: 50 })).toBe(100);
    expect(nextDelayMs(policy, { ...context, retryAfterMs: 900.2 })).toBe(901);
    expect(nextDelayMs(policy, { ...context, retryAfterMs: Infinity })).toBe(DURATION_MS_MAX);
  });
});

describe('a delay from outside', () => {
  it('is a number of ms within bounds, whatever a contributed function or an error says', () => {
    const nonsense = fc.anything().map((value) => value as number);
    fc.assert(
      fc.property(nonsense, nonsense, fc.boolean(), (delayMs, retryAfterMs, throws) => {
        const policy = resolveRetryPolicy({ strategy: 'custom', backoff: 'b' });
        const backoff = (): number => {
          if (throws) throw new Error('no delay');
          return delayMs;
        };
        const drawn = nextDelayMs(policy, { failedAttempt: 1, errorCode: 'x', retryAfterMs, backoff, seed });
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn <= DURATION_MS_MAX).toBe(true);
        const { retryAfterMs: kept = 0 } = taskErrorFromThrown(new RetryableError('later', { retryAfterMs }));
        expect(kept >= 0 && kept <= DURATION_MS_MAX).toBe(true);
      }),
    );
  });
});

describe('isRetryAllowed (R-RT-06)', () => {
  const may = (policy: RetryPolicy, code: string, retryable = true) =>
    isRetryAllowed(resolveRetryPolicy(policy), { code, retryable });

  it('retries every retryable error by default and a permanent one never', () => {
    expect(may({}, 'http/status')).toBe(true);
    expect(may({ allow: ['*'] }, 'http/status', false)).toBe(false);
    expect(may({ strategy: 'none' }, 'http/status')).toBe(false);
  });

  it('matches patterns over the whole code', () => {
    expect(may({ allow: ['http/*'] }, 'http/status')).toBe(true);
    expect(may({ allow: ['http/*'] }, 'xhttp/status')).toBe(false);
    expect(may({ allow: ['http'] }, 'http/status')).toBe(false);
    expect(may({ allow: ['*status*'] }, 'http/status')).toBe(true);
    expect(may({ allow: ['h*/st*s'] }, 'http/status')).toBe(true);
    expect(may({ allow: [] }, 'http/status')).toBe(false);
    expect(may({ allow: [`${'*a'.repeat(50)}b`] }, 'a'.repeat(5000))).toBe(false);
  });

  it('lets deny win over allow', () => {
    expect(may({ allow: ['http/*'], deny: ['http/4*'] }, 'http/500')).toBe(true);
    expect(may({ allow: ['http/*'], deny: ['http/4*'] }, 'http/404')).toBe(false);
    fc.assert(fc.property(fc.string(), (code) => !may({ allow: [code], deny: ['*'] }, code)));
  });
});
