/** Configuration of an engine's limits. Each limit becomes a gate (`limit-gates.ts`). */
import { exact } from '../task/demands.ts';
import { isMatch } from './backoff.ts';

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
  /** Turns that single users get, by user id, for each one of a user who is not named. Above 0. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Attempts at once of one executor type. */
  readonly executors?: Readonly<Record<string, number>> | undefined;
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
    ...Object.entries(limits.users ?? {}).map(([id, limit]): [string, number] => [`users.${id}`, limit]),
    ...Object.entries(limits.executors ?? {}).map(([type, limit]): [string, number] => [`executors.${type}`, limit]),
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
    );
}

function isAmount(amount: number): boolean {
  return amount > 0 && amount < Infinity && exact(amount) === amount;
}

/** Attempts that may hold the lock at once; Infinity: any number. The longest name of the configuration that fits it counts. */
export function lockCapacity({ locks = {} }: GateLimits, name: string): number {
  if (Object.hasOwn(locks, name)) return unlimitedAt0(locks[name] as number);
  const [longest] = Object.keys(locks)
    .filter((pattern) => pattern.includes('*') && isMatch(pattern, name))
    .toSorted((a, b) => b.length - a.length);
  return longest === undefined ? 1 : unlimitedAt0(locks[longest] as number);
}

/** Amount of the resource that attempts may hold together; Infinity: any. */
export function resourceCapacity({ resources = {} }: GateLimits, name: string): number {
  return Object.hasOwn(resources, name) ? (resources[name] as number) : Infinity;
}

function unlimitedAt0(limit: number): number {
  return limit === 0 ? Infinity : limit;
}

/** The smaller of two limits, where 0 and undefined mean unlimited; 0: unlimited. */
export function tighter(a: number | undefined, b: number | undefined): number {
  const left = a === undefined || a === 0 ? Infinity : a;
  const right = b === undefined || b === 0 ? Infinity : b;
  const limit = Math.min(left, right);
  return limit === Infinity ? 0 : limit;
}
