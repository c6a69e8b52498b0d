/** How a circuit breaker is, in words. */
import type { Result } from '@coppice/protocol';
import { durationText } from './time-text.ts';

export type BreakerReport = NonNullable<Result<'limits.get'>['items'][number]['breaker']>;

/** `open, 6 of 10 calls failed, next calls in 27s`; `half-open, closes after 2 more good calls`; `closed, 1 of 40 calls failed`. */
export function breakerText({ state, calls, failures, openUntil, missing }: BreakerReport, nowMs = Date.now()): string {
  const failed = `${failures} of ${calls} ${calls === 1 ? 'call' : 'calls'} failed`;
  if (state === 'closed') return calls === 0 ? 'closed' : `closed, ${failed}`;
  if (state === 'halfOpen') return `half-open, closes after ${missing} more good ${missing === 1 ? 'call' : 'calls'}`;
  const leftMs = openUntil === null ? 0 : Math.max(Date.parse(openUntil) - nowMs, 0);
  return `open, ${failed}, next calls in ${durationText(leftMs)}`;
}
