/**
 * How long and how late anything may be. Every duration and instant is held against these where it enters, so that sums of them are dates
 * that every part of Coppice, and every client, can show.
 */

/** Longest duration: 100 years, ms. */
export const DURATION_MS_MAX = 3_155_760_000_000;

/** Latest instant: the end of the year 9999, epoch ms. Later ones have no ISO 8601 text of four digits. */
export const INSTANT_MS_MAX = 253_402_300_799_999;

/** True for a duration that may be asked for. */
export function isDurationMs(durationMs: number): boolean {
  return durationMs >= 0 && durationMs <= DURATION_MS_MAX;
}

/** The duration that foreign code means, at most the longest; undefined: it means none. */
export function durationMsFrom(given: unknown): number | undefined {
  if (typeof given !== 'number' || Number.isNaN(given)) return undefined;
  return Math.min(Math.max(given, 0), DURATION_MS_MAX);
}

/** ISO 8601 in UTC, for every number: what was stored before there were limits must still be readable. */
export function isoText(atMs: number): string {
  const bounded = Math.min(Math.max(Number.isNaN(atMs) ? INSTANT_MS_MAX : atMs, 0), INSTANT_MS_MAX);
  return new Date(bounded).toISOString();
}
