/** Ranges of retry, task and run policies (R-RT-01 to R-RT-04, R-RT-08). */
import type { RetryPolicy, RunPolicies, TaskPolicies } from '../task/task.ts';
import { DURATION_MS_MAX } from '../task/time-limits.ts';
import { siteOf, violate } from './report.ts';
import type { Site } from './report.ts';
import { createSuggest, didYouMean } from './suggestion.ts';

/** Most attempts that a policy may ask for. */
const MAX_ATTEMPTS = 10;

/** The values that a number may have. */
export interface Range {
  readonly min: number;
  readonly max?: number;
  readonly isWhole?: boolean;
  /** True: values must be above the minimum, not equal to it. */
  readonly isAbove?: boolean;
}

const anyDuration: Range = { min: 0, max: DURATION_MS_MAX };
/** A time above 0. */
export const someDuration: Range = { ...anyDuration, isAbove: true };

/** Checks the policies of a task, except the idempotency key. That is a template, which is checked with the expressions. */
export function checkTaskPolicies(policies: TaskPolicies, site: Site, backoffs: ReadonlySet<string>): void {
  checkNumber(policies.concurrency, siteOf(site, 'concurrency'), { min: 0, isWhole: true });
  checkNumber(policies.timeoutMs, siteOf(site, 'timeoutMs'), anyDuration);
  checkNumber(policies.heartbeatTimeoutMs, siteOf(site, 'heartbeatTimeoutMs'), someDuration);
  checkNumber(policies.totalTimeoutMs, siteOf(site, 'totalTimeoutMs'), someDuration);
  checkNumber(policies.queueTimeoutMs, siteOf(site, 'queueTimeoutMs'), anyDuration);
  if (policies.retry !== undefined) checkRetryPolicy(policies.retry, siteOf(site, 'retry'), backoffs);
}

/** Checks the policies of a run. */
export function checkRunPolicies(policies: RunPolicies, site: Site, backoffs: ReadonlySet<string>): void {
  checkNumber(policies.concurrency, siteOf(site, 'concurrency'), { min: 0, isWhole: true });
  checkNumber(policies.timeoutMs, siteOf(site, 'timeoutMs'), someDuration);
  checkNumber(policies.runTimeoutMs, siteOf(site, 'runTimeoutMs'), someDuration);
  checkNumber(policies.retryBudget, siteOf(site, 'retryBudget'), { min: 0, isWhole: true });
  if (policies.retry !== undefined) checkRetryPolicy(policies.retry, siteOf(site, 'retry'), backoffs);
}

function checkRetryPolicy(retry: RetryPolicy, site: Site, backoffs: ReadonlySet<string>): void {
  checkNumber(retry.maxAttempts, siteOf(site, 'maxAttempts'), { min: 1, max: MAX_ATTEMPTS, isWhole: true });
  checkNumber(retry.delayMs, siteOf(site, 'delayMs'), anyDuration);
  const { delayMs, maxDelayMs } = retry;
  const isCapKnown = checkNumber(maxDelayMs, siteOf(site, 'maxDelayMs'), anyDuration);
  if (isCapKnown && maxDelayMs !== undefined && delayMs !== undefined && maxDelayMs < delayMs) {
    violate(siteOf(site, 'maxDelayMs'), 'tree/invalid', {
      what: `caps delays at ${maxDelayMs} ms, below its own delayMs of ${delayMs}`,
      expected: `at least ${delayMs}`,
      actual: maxDelayMs,
    });
  }
  checkNumber(retry.multiplier, siteOf(site, 'multiplier'), { min: 0, isAbove: true });
  checkNumber(retry.maxElapsedMs, siteOf(site, 'maxElapsedMs'), someDuration);
  for (const list of ['allow', 'deny'] as const) {
    retry[list]?.forEach((pattern, index) => {
      if (pattern !== '') return;
      violate(siteOf(site, list, index), 'tree/invalid', {
        what: `has an empty pattern in ${list}; use '*' for every error code`,
        actual: pattern,
      });
    });
  }
  checkBackoff(retry, siteOf(site, 'backoff'), backoffs);
}

function checkBackoff(retry: RetryPolicy, site: Site, backoffs: ReadonlySet<string>): void {
  if (retry.strategy !== 'custom') {
    if (retry.backoff === undefined) return;
    violate(site, 'tree/invalid', {
      what: `names the backoff '${retry.backoff}', which only the strategy 'custom' uses`,
      expected: "strategy: 'custom', or no backoff",
      actual: retry.backoff,
    });
    return;
  }
  if (retry.backoff !== undefined && backoffs.has(retry.backoff)) return;
  const known = backoffs.size === 0 ? 'none is contributed' : [...backoffs].join(', ');
  const what =
    retry.backoff === undefined
      ? "has the retry strategy 'custom' but names no backoff"
      : `names the unknown backoff '${retry.backoff}'${didYouMean(createSuggest(backoffs)(retry.backoff))}`;
  violate(site, 'tree/invalid', { what: what, expected: `a contributed backoff: ${known}`, actual: retry.backoff });
}

/** Reports a number outside its range. Answers true when the number is absent or valid. Infinity and NaN are in no range. */
export function checkNumber(value: number | undefined, site: Site, range: Range): boolean {
  if (value === undefined) return true;
  const isInside = range.isAbove === true ? value > range.min : value >= range.min;
  if (
    isInside &&
    value <= (range.max ?? Number.MAX_SAFE_INTEGER) &&
    (range.isWhole !== true || Number.isInteger(value))
  ) {
    return true;
  }
  const expected = describe(range);
  const field = String(site.key);
  violate(site, 'tree/invalid', { what: `has ${field} ${value}, which must be ${expected}`, expected, actual: value });
  return false;
}

function describe({ min, max, isWhole, isAbove }: Range): string {
  const kind = isWhole === true ? 'a whole number' : 'a number';
  if (max !== undefined)
    return isAbove === true ? `${kind} above ${min}, at most ${max}` : `${kind} from ${min} to ${max}`;
  return isAbove === true ? `${kind} above ${min}` : `${kind} of at least ${min}`;
}
