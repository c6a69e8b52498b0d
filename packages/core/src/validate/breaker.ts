/** Checks what a policy says of a breaker (R-SG-08, R-SG-11). */
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import { checkBreakerKey } from '../task/demands.ts';
import type { TaskSubmission } from '../task/submission.ts';
import { NAME_SCOPE } from './expression-scopes.ts';
import { checkTemplates, type Readable } from './expressions.ts';
import { checkNumber, someDuration, type Range } from './policies.ts';
import { siteOf, violate, type LazySite, type Site } from './report.ts';

/** Most calls of a window, and most probes. */
const WINDOW_MAX = 10_000;
const PROBES_MAX = 1_000;
const WINDOW_DEFAULT = 100;

type RangedField = Exclude<keyof BreakerPolicy, 'whenOpen' | 'key'>;

const RANGES: Readonly<Record<RangedField, Range>> = {
  failureRate: { min: 0, max: 1, isAbove: true },
  minimumCalls: { min: 1, isWhole: true },
  window: { min: 1, max: WINDOW_MAX, isWhole: true },
  windowMs: someDuration,
  consecutiveFailures: { min: 1, isWhole: true },
  openForMs: someDuration,
  probes: { min: 1, max: PROBES_MAX, isWhole: true },
};

function checkNumbers(breaker: BreakerPolicy, site: Site): void {
  const { window, windowMs, minimumCalls = 10 } = breaker;
  let isWindowKnown = true;
  for (const field in RANGES) {
    const value = breaker[field as RangedField];
    if (
      value !== undefined &&
      !checkNumber(value, siteOf(site, field), RANGES[field as RangedField]) &&
      field === 'window'
    )
      isWindowKnown = false;
  }
  if (window !== undefined && windowMs !== undefined)
    violate(siteOf(site, 'window'), 'tree/invalid', {
      what: 'has a window of calls and one of time',
      expected: 'window, a number of calls, or windowMs',
    });
  else if (windowMs === undefined && isWindowKnown && minimumCalls > (window ?? WINDOW_DEFAULT))
    violate(siteOf(site, 'minimumCalls'), 'tree/invalid', {
      what: `waits for ${minimumCalls} calls in a window of ${window ?? WINDOW_DEFAULT}, so its breaker would never open`,
      expected: `at most ${window ?? WINDOW_DEFAULT}, or a longer window`,
      actual: minimumCalls,
    });
}

/** Where a policy stands that says something of a breaker. */
export interface BreakerPlace {
  readonly site: Site;
  /** What the expressions of its key may read; undefined: it may hold none, because many tasks share it. */
  readonly around: Readable | undefined;
}

/** Checks a breaker, with the expressions in its key. */
export function checkBreaker(breaker: BreakerPolicy, { site, around }: BreakerPlace): void {
  checkNumbers(breaker, site);
  const { key } = breaker;
  if (key === undefined) return;
  checkBreakerKey(key, siteOf(site, 'key'));
  if (around !== undefined) checkTemplates(key, siteOf(site, 'key'), { ...around, scope: NAME_SCOPE });
  else if (key.includes('${{'))
    violate(siteOf(site, 'key'), 'tree/invalid', {
      what: 'has an expression in the key of a breaker that all tasks below share',
      expected: 'the policy on the tasks with the executor, or a key without expressions',
      actual: key,
    });
}

/** A task whose starts go to a fallback needs one. Below a group some members may have none: they wait. */
export function checkFallbackOfBreaker({ policies, fallback, executor }: TaskSubmission, site: LazySite): void {
  if (policies?.breaker?.whenOpen !== 'fallback' || fallback !== undefined || executor === undefined) return;
  violate(siteOf(site(), 'policies', 'breaker', 'whenOpen'), 'tree/invalid', {
    what: 'goes to its fallback when its breaker is open, and has none',
    expected: 'a fallback on the task, or whenOpen: wait or fail',
    actual: 'fallback',
  });
}
