/** Configuration of an engine's limits. Each limit becomes a gate (`limit-gates.ts`). */
import { exact } from '../task/demands.ts';
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import { checkBreaker } from '../validate/breaker.ts';
import { siteOfAll } from '../validate/report.ts';
import { isMatch } from './backoff.ts';
import type { Rate } from './rate-gate.ts';

/** A capacity that somebody has set: so many units, a rate, any number, or again what the configuration says. */
export type SetLimit = number | Rate | 'unlimited' | 'configured';

/** Limits of an engine. 0 or absent: unlimited. */
export interface GateLimits {
  /** Attempts at once, in all trees. */
  readonly global?: number | undefined;
  /** Attempts at once in one tree. The policy `concurrency` of a tree is a further limit. */
  readonly perTree?: number | undefined;
  /** Active runs of one user. */
  readonly perUser?: number | undefined;
  /** Active runs of single users, by user id. Wins over `perUser`. */
  readonly users?: Readonly<Record<string, number>> | undefined;
  /** Runs that may wait for their first start. */
  readonly submissions?: { readonly max?: number | undefined } | undefined;
  /** Turns that single users get, by user id, for each one of a user who is not named. Above 0. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Attempts at once of one executor type. */
  readonly executors?: Readonly<Record<string, number>> | undefined;
  /** Attempts at once of the tasks with a tag, and of all tasks below such a group; by tag. */
  readonly tags?: Readonly<Record<string, number>> | undefined;
  /** How often attempts may start: of an executor type, or those that name the rate. `*` in a name stands for any characters. */
  readonly rates?: Readonly<Record<string, Rate>> | undefined;
  /** How often runs of each user may start their first task. */
  readonly userStarts?: Rate | undefined;
  /** Breakers of executor types, by type. Their numbers win over those that tasks say. */
  readonly breakers?: Readonly<Record<string, BreakerPolicy>> | undefined;
  /** Attempts that may hold a lock at once, by its name; `*` in a name stands for any characters. Default 1. */
  readonly locks?: Readonly<Record<string, number>> | undefined;
  /** Amounts of resources that attempts may hold together, by name. One that is not named is unlimited. */
  readonly resources?: Readonly<Record<string, number>> | undefined;
}

/** Most turns of one user for each turn of another. */
const WEIGHT_MAX = 1_000;

/** The faults of the limits; empty when there are none. */
export function checkGateLimits(limits: GateLimits): readonly string[] {
  const entries: [string, number | undefined][] = [
    ['global', limits.global],
    ['perTree', limits.perTree],
    ['perUser', limits.perUser],
    ['submissions.max', limits.submissions?.max],
    ...Object.entries(limits.users ?? {}).map(([id, limit]): [string, number] => [`users.${id}`, limit]),
    ...Object.entries(limits.executors ?? {}).map(([type, limit]): [string, number] => [`executors.${type}`, limit]),
    ...Object.entries(limits.tags ?? {}).map(([tag, limit]): [string, number] => [`tags.${tag}`, limit]),
    ...Object.entries(limits.locks ?? {}).map(([name, limit]): [string, number] => [`locks.${name}`, limit]),
  ];
  const weights = Object.entries(limits.weights ?? {}).filter(([, weight]) => !(weight > 0 && weight <= WEIGHT_MAX));
  const amounts = Object.entries(limits.resources ?? {}).filter(([, amount]) => !isAmount(amount));
  return entries
    .filter(([, limit]) => limit !== undefined && !(Number.isInteger(limit) && limit >= 0))
    .map(([name, limit]) => `limits.${name} must be a whole number of at least 0 (0: unlimited), not ${limit}`)
    .concat(
      amounts.map(
        ([name, amount]) =>
          `limits.resources.${name} must be a number above 0 with at most three decimals, not ${amount}`,
      ),
    )
    .concat(
      weights.map(
        ([id, weight]) => `limits.weights.${id} must be a number above 0 and at most ${WEIGHT_MAX}, not ${weight}`,
      ),
    )
    .concat(rateProblems(limits))
    .concat(breakerProblems(limits));
}

function rateProblems({ rates = {}, userStarts }: GateLimits): readonly string[] {
  const all = Object.entries(rates).map(([type, rate]): [string, Rate] => [`rates.${type}`, rate]);
  if (userStarts !== undefined) all.push(['userStarts', userStarts]);
  return all
    .filter(([, rate]) => !isRate(rate))
    .map(([name]) => `limits.${name} must have a count and a burst of at least 1 and a time above 0`);
}

function isRate({ count, perMs = 1, burst = 1 }: Rate): boolean {
  return count >= 1 && burst >= 1 && perMs > 0;
}

function breakerProblems({ breakers = {} }: GateLimits): readonly string[] {
  const problems: string[] = [];
  for (const [type, { key, ...policy }] of Object.entries(breakers)) {
    const site = siteOfAll(`limits.breakers.${type}`, ({ reason }) => problems.push(reason));
    checkBreaker(policy, { site, around: undefined });
    if (key !== undefined) problems.push(`limits.breakers.${type} has a key, which only tasks have`);
  }
  return problems;
}

function isAmount(amount: number): boolean {
  return amount > 0 && amount < Infinity && exact(amount) === amount;
}

/** What a table says of a name: the name itself counts, then the longest pattern that fits it; undefined: nothing. */
export function byName<Value>(table: Readonly<Record<string, Value>> = {}, name: string): Value | undefined {
  if (Object.hasOwn(table, name)) return table[name];
  const [longest] = Object.keys(table)
    .filter((pattern) => pattern.includes('*') && isMatch(pattern, name))
    .toSorted((a, b) => b.length - a.length);
  return longest === undefined ? undefined : table[longest];
}

/** Attempts that may hold the lock at once; Infinity: any number. */
export function lockCapacity({ locks }: GateLimits, name: string): number {
  const limit = byName(locks, name);
  return limit === undefined ? 1 : unlimitedAt0(limit);
}

/** Amount of the resource that attempts may hold together; Infinity: any. */
export function resourceCapacity({ resources = {} }: GateLimits, name: string): number {
  return Object.hasOwn(resources, name) ? (resources[name] as number) : Infinity;
}

/** A limit of the configuration, where 0 or undefined is none; Infinity: there is none. */
export function unlimitedAt0(limit: number | undefined): number {
  return limit === undefined || limit === 0 ? Infinity : limit;
}

/** The smaller of two limits, where 0 and undefined mean unlimited; 0: unlimited. */
export function tighter(a: number | undefined, b: number | undefined): number {
  const left = a === undefined || a === 0 ? Infinity : a;
  const right = b === undefined || b === 0 ? Infinity : b;
  const limit = Math.min(left, right);
  return limit === Infinity ? 0 : limit;
}

/** Kinds of gates whose capacity may be set while the engine runs, and what it is. */
const SETTABLE: Readonly<Record<string, 'count' | 'amount' | 'rate'>> = {
  user: 'count',
  executor: 'count',
  tag: 'count',
  lock: 'count',
  resource: 'amount',
  rate: 'rate',
  'user-starts': 'rate',
};

/** Why the capacity can not be set at a gate of this name; undefined: it can. */
export function limitProblem(gate: string, limit: SetLimit): string | undefined {
  const kind = settable(gate);
  if (kind === undefined)
    return `'${gate}' is no gate whose limit can be set. Name global, submissions, user:ID, executor:TYPE, tag:TAG, lock:NAME, resource:NAME, rate:NAME or user-starts:ID`;
  if (typeof limit === 'string') return undefined;
  if (kind === 'rate') {
    if (typeof limit === 'object' && isRate(limit)) return undefined;
    const given = typeof limit === 'object' ? '' : `, not ${limit}`;
    return `The limit of ${gate} must be a rate with a count and a burst of at least 1 and a time above 0${given}. To stop all starts, hold them`;
  }
  const isAmountWanted = kind === 'amount';
  const isGood =
    typeof limit === 'number' &&
    limit >= 0 &&
    limit < Infinity &&
    (isAmountWanted ? exact(limit) === limit : Number.isInteger(limit));
  if (isGood) return undefined;
  const what = isAmountWanted ? 'a number of at least 0 with at most three decimals' : 'a whole number of at least 0';
  const given = typeof limit === 'number' ? `, not ${limit}` : ', not a rate';
  return `The limit of ${gate} must be ${what}${given}. 0 lets nothing start`;
}

/** What the capacity of the gate is; undefined: nobody can set it. */
function settable(gate: string): 'count' | 'amount' | 'rate' | undefined {
  if (gate === 'global' || gate === 'submissions') return 'count';
  const colon = gate.indexOf(':');
  const kind = gate.slice(0, Math.max(colon, 0));
  return Object.hasOwn(SETTABLE, kind) && colon < gate.length - 1 ? SETTABLE[kind] : undefined;
}

/** True when somebody may set the limit of the gate while the engine runs. */
export function isSettable(gate: string): boolean {
  return settable(gate) !== undefined;
}
