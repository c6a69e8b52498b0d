/** Limits of gates as people write and read them. */
import type { NotificationParams, Params } from '@coppice/protocol';
import { durationText } from './run/time-text.ts';

export type SetLimit = Params<'limits.set'>['limit'];

/** So many starts in a time; `burst` of them at once after a quiet time. */
export interface RateLimit {
  readonly count: number;
  readonly perMs?: number | undefined;
  readonly burst?: number | undefined;
}

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];
const RATE = /^(\d+)\/(\d*)(ms|s|m|h|d)(?: burst (\d+))?$/;
const NUMBER = /^\d+(\.\d+)?$/;

/** How a limit is written, for hints and messages. */
export const LIMIT_FORMS = 'a number, a rate such as 10/s or "30/5m burst 3", unlimited, or configured';

/** Reads a limit: `4`, `2.5`, `10/s`, `30/5m burst 3`, `unlimited`, `configured`. Undefined: it is none of these. */
export function parseLimit(text: string): SetLimit | undefined {
  const given = text.trim().toLowerCase();
  if (given === 'unlimited' || given === 'configured') return given;
  if (NUMBER.test(given)) return Number(given);
  const [, count, times, unit, burst] = RATE.exec(given) ?? [];
  const ms = UNITS.find(([each]) => each === unit)?.[1];
  if (ms === undefined) return undefined;
  const perMs = ms * (times === '' ? 1 : Number(times));
  return { count: Number(count), perMs, ...(burst === undefined ? {} : { burst: Number(burst) }) };
}

/** `10/s`, `30/5m burst 3`: `parseLimit` reads it. */
export function rateText({ count, perMs = 1_000, burst }: RateLimit): string {
  const [unit, ms] = UNITS.find(([, each]) => perMs % each === 0) ?? ['ms', 1];
  const times = perMs / ms;
  const per = `${count}/${times === 1 ? '' : times}${unit}`;
  return burst === undefined || burst === count ? per : `${per} burst ${burst}`;
}

/** A limit as `parseLimit` reads it. */
export function setLimitText(limit: SetLimit): string {
  return typeof limit === 'object' ? rateText(limit) : String(limit);
}

/** What needs attention at a gate, in a sentence. */
export function alertText(alert: NotificationParams<'limits.alert'>['alert']): string {
  const { kind, gate, used, limit, waiting, waitedMs, first } = alert;
  const use = `${used} of ${limit ?? 'any number'}`;
  if (kind === 'starving' && first !== null) {
    const more = waiting > 1 ? `, ${waiting - 1} more behind it` : '';
    return `${first.name} in ${first.treeName} waits at ${gate} (${use})${more}: nothing of this line has started for ${durationText(waitedMs ?? 0)}`;
  }
  const what = kind === 'relieved' ? 'has room again' : 'is full';
  return `${gate} ${what} (${use})${waiting === 0 ? '' : `; ${waiting} wait`}`;
}
