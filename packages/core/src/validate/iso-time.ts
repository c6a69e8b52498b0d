/** Parses ISO 8601 times. The time zone is required, because without it a time would mean another moment on every machine. */
import { INSTANT_MS_MAX } from '../task/time-limits.ts';

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Epoch ms, 1970 to 9999; undefined when the text is no such time or the day is not in the calendar. */
export function parseTime(text: string): number | undefined {
  const day = ISO_TIME.exec(text)?.[1];
  if (day === undefined) return undefined;
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  // `Date` accepts 30 February in some engines and makes it 2 March.
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== day) return undefined;
  const timeMs = Date.parse(text);
  return timeMs >= 0 && timeMs <= INSTANT_MS_MAX ? timeMs : undefined;
}
