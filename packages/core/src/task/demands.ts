/** What a task says of locks, rates and resources that its attempts need: fields of its definition. */
import type { BreakerPolicy } from './breaker-policy.ts';
import type { LazySite, Site } from '../validate/report.ts';
import { siteOf, violate } from '../validate/report.ts';

/** Amounts by the name of the resource. */
export type Resources = Readonly<Record<string, number>>;

/** What the starts of one task take at named gates. A task without any has none of this. */
export interface Demands {
  /** In order, each once. */
  readonly locks: readonly string[];
  /** In order, each once. */
  readonly rates: readonly string[];
  readonly resources: Resources;
  /** What the task or a group around it says of the breaker of its executor, with the key worked out; absent: nothing. */
  readonly breaker?: BreakerPolicy | undefined;
  /** Tasks of one tree with the same key take the same. */
  readonly key: string;
}

/** Most characters of the name of a lock, rate or resource. */
export const LOCK_NAME_MAX = 200;

/** Most characters of a name in which expressions stand. */
const TEMPLATE_MAX = 10_000;

/** Most locks, most rates, and most resources, of one task. */
export const DEMANDS_MAX = 20;

/** Amounts are counted in thousandths. */
const PARTS = 1_000;

/** The amount in whole thousandths, so that sums are exact. */
export function exact(amount: number): number {
  return Math.round(amount * PARTS) / PARTS;
}

export function checkBreakerKey(key: string, site: Site): void {
  checkName(key, () => site);
}

/** Names of locks or of rates. */
export function checkNames(names: readonly string[], site: Site): void {
  checkCount(names.length, site);
  for (const [index, name] of names.entries()) checkName(name, () => siteOf(site, index));
}

export function checkResources(resources: Resources, site: Site): void {
  const names = Object.keys(resources);
  checkCount(names.length, site);
  for (const name of names) {
    const amount = resources[name] as number;
    checkName(name, () => siteOf(site, name));
    if (amount > 0 && amount <= Number.MAX_SAFE_INTEGER / PARTS && exact(amount) === amount) continue;
    violate(siteOf(site, name), 'tree/invalid', {
      what: `needs ${amount} of ${name}, which is no amount`,
      expected: 'a number above 0 with at most three decimals',
      actual: amount,
    });
  }
}

function checkCount(count: number, site: Site): void {
  if (count <= DEMANDS_MAX) return;
  violate(site, 'tree/invalid', {
    what: `names ${count} ${String(site.key)}, above the limit of ${DEMANDS_MAX}`,
    expected: `at most ${DEMANDS_MAX}`,
    actual: count,
  });
}

function checkName(name: string, site: LazySite): void {
  const max = name.includes('${{') ? TEMPLATE_MAX : LOCK_NAME_MAX;
  if (name !== '' && name.length <= max) return;
  violate(site(), 'tree/invalid', {
    what: name === '' ? 'has an empty name' : `has a name of ${name.length} characters`,
    expected: `a name of 1 to ${max} characters`,
    actual: name,
  });
}
