/** Gates as the wire shows them: times instead of epoch milliseconds, and null for no limit. */
import { WAIT_BOUNDS_MS, type GateStats, type Waiter } from '@coppice/core';
import type { GateAlert } from '@coppice/engine';
import type { NotificationParams, Result } from '@coppice/protocol';
import { isoTime } from './time.ts';

type GateToWire = Result<'limits.get'>['items'][number];

export function waiterToWire({ readyAtMs, ...waiter }: Waiter, nowMs: number): GateToWire['waiters'][number] {
  return { ...waiter, waitMs: since(readyAtMs, nowMs) };
}

export function statsToWire({ starts, waits, waitedMs, longestMs, refused, counts }: GateStats): GateToWire['stats'] {
  const histogram = counts.map((count, at) => ({ upToMs: WAIT_BOUNDS_MS[at] ?? null, waits: count }));
  return { starts, waits, waitedMs, longestMs, refused, histogram };
}

export function alertToWire(alert: GateAlert): NotificationParams<'limits.alert'>['alert'] {
  const { kind, gate, atMs, used, limit, waiting, starving } = alert;
  return {
    kind,
    gate,
    at: isoTime(atMs),
    used,
    limit: finite(limit),
    waiting,
    waitedMs: starving === undefined ? null : Math.max(Math.round(starving.waitedMs), 0),
    first: starving === undefined ? null : waiterToWire(starving.first, atMs),
  };
}

export function since(atMs: number | undefined, nowMs: number): number | null {
  return atMs === undefined ? null : Math.max(nowMs - atMs, 0);
}

export function finite(limit: number): number | null {
  return limit === Infinity ? null : limit;
}
