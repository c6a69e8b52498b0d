/** Times and durations in the words of people. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `37ms`, `1.2s`, `42s`, `3m 07s`, `2h 05m`, `4d 03h`. */
export function durationText(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < SECOND_MS) return `${Math.round(ms)}ms`;
  if (ms < 10 * SECOND_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return twoUnits(ms, [MINUTE_MS, 'm'], [SECOND_MS, 's']);
  if (ms < DAY_MS) return twoUnits(ms, [HOUR_MS, 'h'], [MINUTE_MS, 'm']);
  return twoUnits(ms, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

function twoUnits(ms: number, large: readonly [number, string], small: readonly [number, string]): string {
  const rest = Math.floor((ms % large[0]) / small[0]);
  return `${Math.floor(ms / large[0])}${large[1]} ${String(rest).padStart(2, '0')}${small[1]}`;
}

/** `now`, `12s ago`, `5m ago`, `in 2h`; `-` for no time. */
export function relativeText(time: string | null | undefined, nowMs: number): string {
  if (time === null || time === undefined) return '-';
  const differenceMs = nowMs - Date.parse(time);
  const distanceMs = Math.abs(differenceMs);
  if (distanceMs < SECOND_MS) return 'now';
  const text = coarse(distanceMs);
  return differenceMs > 0 ? `${text} ago` : `in ${text}`;
}

function coarse(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}

/** How long something took, or has taken until now; `-` before it started. */
export function spanText(startedAt: string | null, endedAt: string | null, nowMs: number): string {
  if (startedAt === null) return '-';
  return durationText((endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}
