/** What people and expressions are told of a breaker. */
import type { JsonObject } from '@coppice/extension';
import type { BreakerReport } from '../schedule/breaker-state.ts';
import { isoText } from '../task/time-limits.ts';

/** `the breaker http is open since 2026-11-30T18:00:00.000Z, 6 of 10 calls failed, probes pass at …`. */
export function breakerText(
  gate: string,
  { state, calls, failures, sinceMs, openUntilMs, missing }: BreakerReport,
): string {
  const name = gate.slice(gate.indexOf(':') + 1);
  const failed = `${failures} of ${calls} ${calls === 1 ? 'call' : 'calls'} failed`;
  if (sinceMs === undefined || openUntilMs === undefined) return `the breaker ${name} is closed, ${failed}`;
  const next =
    state === 'open'
      ? `is open since ${isoText(sinceMs)}, ${failed}, probes pass at ${isoText(openUntilMs)}`
      : `is half-open, it opened at ${isoText(sinceMs)}, ${failed}, and closes after ${missing} more good ${missing === 1 ? 'probe' : 'probes'}`;
  return `the breaker ${name} ${next}`;
}

/** What expressions of a fallback read as `breaker`. */
export function breakerData(
  gate: string,
  { state, calls, failures, sinceMs, openUntilMs, missing }: BreakerReport,
): JsonObject {
  return {
    name: gate.slice(gate.indexOf(':') + 1),
    state,
    calls,
    failures,
    since: sinceMs === undefined ? null : isoText(sinceMs),
    openUntil: openUntilMs === undefined ? null : isoText(openUntilMs),
    missing,
  };
}
