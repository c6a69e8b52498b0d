/** The policy of a circuit breaker: when it opens, for how long, and what becomes of starts meanwhile (R-SG-08 to R-SG-12). */

/** What a start does that an open breaker keeps back. Default `wait`. */
export type WhenOpen = 'wait' | 'fallback' | 'fail';

/** All fields are optional; defaults in brackets. */
export interface BreakerPolicy {
  /** Part of the calls in the window that failed, above 0 and at most 1: at this part it opens. [0.5; none beside `consecutiveFailures`] */
  readonly failureRate?: number;
  /** Calls that the window must hold before the part counts, at least 1. [10] */
  readonly minimumCalls?: number;
  /** The window: so many calls, the last ones, 1 to 10,000. [100] */
  readonly window?: number;
  /** The window: the calls of so many ms, the last ones. Instead of `window`. */
  readonly windowMs?: number;
  /** It also opens once so many calls have failed one after the other, at least 1. [none] */
  readonly consecutiveFailures?: number;
  /** How long nothing passes before calls are tried again, ms, above 0. [30,000] */
  readonly openForMs?: number;
  /** Calls that must go well to close it again, 1 to 1,000. No more than are missing run at once. [3] */
  readonly probes?: number;
  /** [wait] */
  readonly whenOpen?: WhenOpen;
  /** Tasks of one executor type with different keys have different breakers; may hold expressions. [one for the type] */
  readonly key?: string;
}

/** The numbers of a breaker, with defaults filled in. */
export interface BreakerRules {
  /** Infinity: the part of failed calls does not matter. */
  readonly failureRate: number;
  readonly minimumCalls: number;
  /** Exactly one of them is set. */
  readonly window: number | undefined;
  readonly windowMs: number | undefined;
  /** Infinity: they do not matter. */
  readonly consecutiveFailures: number;
  readonly openForMs: number;
  readonly probes: number;
}

export function breakerRules(policy: BreakerPolicy): BreakerRules {
  const { consecutiveFailures = Infinity, windowMs } = policy;
  return {
    failureRate: policy.failureRate ?? (consecutiveFailures === Infinity ? 0.5 : Infinity),
    minimumCalls: policy.minimumCalls ?? 10,
    window: windowMs === undefined ? (policy.window ?? 100) : undefined,
    windowMs,
    consecutiveFailures,
    openForMs: policy.openForMs ?? 30_000,
    probes: policy.probes ?? 3,
  };
}
