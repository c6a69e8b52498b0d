/**
 * Retry decisions as pure functions: whether a failure may be retried, and after which delay (R-RT-01 to R-RT-06).
 *
 * 1. A delay is a whole number of ms, never negative and never above the cap. A missing cap means no cap. A base of zero means at once.
 * 2. Jitter is a hash of (run seed, task, attempt): the same run gets the same delays in every process.
 * 3. `retryAfterMs` of the error is a minimum that the outside system states. It wins over a shorter delay, even over the cap, because an
 *    earlier try would be refused.
 * The limits `maxElapsedMs`, retry budget and run deadline need the time and the run; the caller applies them.
 */
import type { BackoffFunction, TaskError } from '@coppice/extension';
import { seededFraction } from '../random/seeded.ts';
import type { SeedParts } from '../random/seeded.ts';
import type { JitterKind, RetryPolicy, RetryStrategy } from '../task/task.ts';
import { DURATION_MS_MAX, durationMsFrom } from '../task/time-limits.ts';

/** A retry policy with its defaults filled in. A field that is still absent is switched off. */
export interface ResolvedRetryPolicy {
  readonly maxAttempts: number;
  readonly strategy: RetryStrategy;
  readonly delayMs: number;
  readonly maxDelayMs?: number;
  readonly multiplier: number;
  readonly jitter: JitterKind;
  readonly allow?: readonly string[];
  readonly deny: readonly string[];
  readonly maxElapsedMs?: number;
  readonly backoff?: string;
}

/** The data that a delay depends on, beside the policy. */
export interface BackoffContext {
  /** Number of the attempt that has just failed, from 1. Attempts that the policy does not count are left out. */
  readonly failedAttempt: number;
  readonly errorCode: string;
  readonly retryAfterMs?: number | undefined;
  /** The function that `policy.backoff` names. */
  readonly backoff?: BackoffFunction | undefined;
  readonly seed: Omit<SeedParts, 'purpose'>;
}

const JITTER_SHARE = 0.25;

/** Fills in the defaults. No policy at all means one attempt (R-RT-01). */
export function resolveRetryPolicy(policy: RetryPolicy | undefined): ResolvedRetryPolicy {
  const strategy = policy === undefined ? 'none' : (policy.strategy ?? 'exponential');
  const { maxDelayMs, allow, maxElapsedMs, backoff } = policy ?? {};
  return {
    maxAttempts: strategy === 'none' ? 1 : (policy?.maxAttempts ?? 3),
    strategy,
    delayMs: policy?.delayMs ?? 1000,
    ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
    multiplier: policy?.multiplier ?? 2,
    jitter: policy?.jitter ?? 'proportional',
    ...(allow === undefined ? {} : { allow }),
    deny: policy?.deny ?? [],
    ...(maxElapsedMs === undefined ? {} : { maxElapsedMs }),
    ...(backoff === undefined ? {} : { backoff }),
  };
}

/** Whether the policy allows a retry after this kind of failure (R-RT-06). The number of attempts does not matter here. */
export function isRetryAllowed(
  policy: Pick<ResolvedRetryPolicy, 'strategy' | 'allow' | 'deny'>,
  error: Pick<TaskError, 'code' | 'retryable'>,
): boolean {
  if (!error.retryable || policy.strategy === 'none') return false;
  if (policy.deny.some((pattern) => isMatch(pattern, error.code))) return false;
  return policy.allow === undefined || policy.allow.some((pattern) => isMatch(pattern, error.code));
}

/** Delay before the next attempt, whole ms. */
export function nextDelayMs(policy: ResolvedRetryPolicy, context: BackoffContext): number {
  const capMs = Math.min(policy.maxDelayMs ?? DURATION_MS_MAX, DURATION_MS_MAX);
  const rawMs = rawDelayMs(policy, context);
  const jittered = rawMs * jitterFactor(policy.jitter, context);
  const delayMs = Math.min(Math.round(Math.max(0, jittered)), capMs);
  return Math.min(Math.max(delayMs, Math.ceil(durationMsFrom(context.retryAfterMs) ?? 0)), DURATION_MS_MAX);
}

function rawDelayMs(policy: ResolvedRetryPolicy, context: BackoffContext): number {
  const exponent = context.failedAttempt - 1;
  switch (policy.strategy) {
    case 'none':
    case 'immediate':
      return 0;
    case 'fixed':
      return policy.delayMs;
    case 'linear':
      return finite(policy.delayMs * context.failedAttempt);
    case 'exponential':
      // 0 · Infinity is no number; a zero base stays zero however often it is multiplied.
      return policy.delayMs === 0 ? 0 : finite(policy.delayMs * policy.multiplier ** exponent);
    case 'custom':
      return customDelayMs(policy, context);
  }
}

/** Calls a contributed function. It may be missing, throw or answer nonsense. Then `delayMs` is the delay, so that the run goes on. */
function customDelayMs(policy: ResolvedRetryPolicy, context: BackoffContext): number {
  try {
    const delayMs = context.backoff?.(context.failedAttempt, context.errorCode);
    return durationMsFrom(delayMs) ?? policy.delayMs;
  } catch {
    return policy.delayMs;
  }
}

function finite(delayMs: number): number {
  return Math.min(delayMs, DURATION_MS_MAX);
}

function jitterFactor(kind: JitterKind, context: BackoffContext): number {
  if (kind === 'none') return 1;
  const fraction = seededFraction({ ...context.seed, purpose: 'jitter' });
  return kind === 'full' ? fraction : 1 - JITTER_SHARE + 2 * JITTER_SHARE * fraction;
}

/** Matches a pattern in which `*` stands for any characters. The cost is at most the product of the lengths, for every pattern. */
export function isMatch(pattern: string, code: string): boolean {
  let patternAt = 0;
  let codeAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (codeAt < code.length) {
    if (pattern[patternAt] === '*') {
      starAt = patternAt++;
      resumeAt = codeAt;
    } else if (pattern[patternAt] === code[codeAt]) {
      patternAt++;
      codeAt++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      codeAt = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === '*') patternAt++;
  return patternAt === pattern.length;
}
