/** Configuration of an engine's limits. Each limit becomes a gate (`limit-gates.ts`). */

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
  /** Attempts at once of one executor type. */
  readonly executors?: Readonly<Record<string, number>> | undefined;
}

/** The faults of the limits; empty when there are none. */
export function checkGateLimits(limits: GateLimits): readonly string[] {
  const entries: [string, number | undefined][] = [
    ['global', limits.global],
    ['perTree', limits.perTree],
    ['perUser', limits.perUser],
    ...Object.entries(limits.users ?? {}).map(([id, limit]): [string, number] => [`users.${id}`, limit]),
    ...Object.entries(limits.executors ?? {}).map(([type, limit]): [string, number] => [`executors.${type}`, limit]),
  ];
  return entries
    .filter(([, limit]) => limit !== undefined && !(Number.isInteger(limit) && limit >= 0))
    .map(([name, limit]) => `limits.${name} must be a whole number of at least 0 (0: unlimited), not ${limit}`);
}

/** The smaller of two limits, where 0 and undefined mean unlimited; 0: unlimited. */
export function tighter(a: number | undefined, b: number | undefined): number {
  const left = a === undefined || a === 0 ? Infinity : a;
  const right = b === undefined || b === 0 ? Infinity : b;
  const limit = Math.min(left, right);
  return limit === Infinity ? 0 : limit;
}
