/**
 * Limits of durations and instants. Every duration and instant from outside is checked against them, so that every part of Coppice and
 * every client can show their sums as dates.
 */

/** Longest duration: 100 years, ms. */
export const DURATION_MS_MAX = 3_155_760_000_000;

/** Latest instant: the end of the year 9999, epoch ms. Later ones have no ISO 8601 text of four digits. */
export const INSTANT_MS_MAX = 253_402_300_799_999;

/** True for a duration within the limits. */
export function isDurationMs(durationMs: number): boolean {
  return durationMs >= 0 && durationMs <= DURATION_MS_MAX;
}

/** Reads a duration that an extension returned, at most the longest one; undefined: the value is no duration. */
export function durationMsFrom(given: unknown): number | undefined {
  if (typeof given !== 'number' || Number.isNaN(given)) return undefined;
  return Math.min(Math.max(given, 0), DURATION_MS_MAX);
}

/** Writes an instant as ISO 8601 in UTC. Accepts every number, because old stores may hold instants beyond the limits. */
export function isoText(atMs: number): string {
  const bounded = Math.min(Math.max(Number.isNaN(atMs) ? INSTANT_MS_MAX : atMs, 0), INSTANT_MS_MAX);
  return new Date(bounded).toISOString();
}
