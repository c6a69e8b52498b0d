/** Gates and what they let pass, in words; and a limit as a person writes it. */
import { breakerText, durationText, LIMIT_FORMS, rateText } from '@coppice/client';
import type { Result } from '@coppice/protocol';
import { oneLine } from './status-look.ts';

export type GateReport = Result<'limits.get'>['items'][number];

/** Gates whose capacity can be changed while the server runs. */
const CHANGEABLE = /^(global$|submissions$|(user|user-starts|executor|tag|lock|resource|rate):)/;

export function isChangeable({ gate }: Pick<GateReport, 'gate'>): boolean {
  return CHANGEABLE.test(gate);
}

/** True for a breaker that somebody may close. */
export function isResettable({ breaker }: Pick<GateReport, 'breaker'>): boolean {
  return breaker !== null && breaker.state !== 'closed';
}

/** `4 of 8`, `4 of any number`; of a rate `10/s`; of a breaker how it is. */
export function useText({
  used,
  limit,
  rate,
  breaker = null,
}: Pick<GateReport, 'used' | 'limit' | 'rate'> & Partial<Pick<GateReport, 'breaker'>>): string {
  if (breaker !== null) return breakerText(breaker);
  if (rate !== null) return rateText(rate);
  return `${used} of ${limit ?? 'any number'}`;
}

/** `12, oldest 5.2s`; `3, oldest 2m 0s, starving`; `none`. */
export function waitingText({
  waiting,
  oldestWaitMs,
  starving,
}: Pick<GateReport, 'waiting' | 'oldestWaitMs' | 'starving'>): string {
  if (waiting === 0) return 'none';
  const oldest = oldestWaitMs === null ? '' : `, oldest ${durationText(oldestWaitMs)}`;
  return `${waiting}${oldest}${starving === 0 ? '' : ', starving'}`;
}

/** `310 starts, 40 waited: 1.5s on average, 5.2s at most`; empty before the first start. */
export function statsText({ stats }: Pick<GateReport, 'stats'>): string {
  const { starts, waits, waitedMs, longestMs, refused } = stats;
  if (starts + refused === 0) return '';
  const waited =
    waits === 0
      ? 'none waited'
      : `${waits} waited: ${durationText(waitedMs / waits)} on average, ${durationText(longestMs)} at most`;
  return `${starts} starts, ${waited}${refused === 0 ? '' : `, ${refused} refused`}`;
}

/** `next place in 2s`; empty when none becomes free by time alone. */
export function freeText(
  { freeAt, breaker = null }: Pick<GateReport, 'freeAt'> & Partial<Pick<GateReport, 'breaker'>>,
  nowMs: number,
): string {
  // How it is says that already.
  return freeAt === null || breaker !== null
    ? ''
    : `next place in ${durationText(Math.max(Date.parse(freeAt) - nowMs, 0))}`;
}

/** `1. fetch in report, for 5.2s`. */
export function waiterText({ place, name, treeName, waitMs }: GateReport['waiters'][number]): string {
  const where = `${place}. ${oneLine(name)} in ${oneLine(treeName)}`;
  return waitMs === null ? where : `${where}, for ${durationText(waitMs)}`;
}

/** `set by ann: the service is slow; configured: 8`; empty while the configuration holds. */
export function setLimitText({
  set,
  configured,
  configuredRate,
}: Pick<GateReport, 'set' | 'configured' | 'configuredRate'>): string {
  if (set === null) return '';
  const why = set.reason === null || set.reason === '' ? '' : `: ${oneLine(set.reason)}`;
  return `set by ${oneLine(set.by.userId)}${why}; configured: ${configuredRate === null ? (configured ?? 'any number') : rateText(configuredRate)}`;
}

export const LIMIT_HINT = `${LIMIT_FORMS[0]?.toUpperCase()}${LIMIT_FORMS.slice(1)}. 0 lets nothing start; “configured” is what the configuration says.`;

/** The limit of a gate as one that is typed. */
export function typedLimit({ limit, rate }: Pick<GateReport, 'limit' | 'rate'>): string {
  return rate === null ? (limit === null ? 'unlimited' : String(limit)) : rateText(rate);
}
