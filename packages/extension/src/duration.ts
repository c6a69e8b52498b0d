/** Durations as people write them (`250ms`, `30s`, `1h30m`) and as the wire wants them (milliseconds). */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** What a duration looks like, for error messages and the JSON Schema. */
export const DURATION_PATTERN = WHOLE.source;

/** Milliseconds of a duration text; undefined when it is none. Fractions of a millisecond are rounded. */
export function parseDuration(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(PART)) totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return Math.round(totalMs);
}
