/** Methods that show gates, and change what they let pass. */
import type { Rate, SetLimit } from '@coppice/core';
import type { GateReport, LimitEvent } from '@coppice/engine';
import type { Result } from '@coppice/protocol';
import { finite, since, statsToWire, waiterToWire } from '../wire/gate-to-wire.ts';
import { breakerToWire } from '../wire/observation-to-wire.ts';
import { isoTime, isoTimeOrNull } from '../wire/time.ts';
import { answer, refuse } from './answer.ts';
import { actorOf, type Principal } from './caller.ts';
import { mayKnow } from './gate-names.ts';
import type { Implementations, Services } from './services.ts';

type GateToWire = Result<'limits.get'>['items'][number];

type Names = 'limits.get' | 'limits.set' | 'limits.reset' | 'limits.history';

const ADMIN = 'Limits concern the runs of all users; to change them, or to see who did, needs the role admin.';

export function limitMethods({ engine: { limits }, nowMs }: Services): Implementations<Names> {
  return {
    'limits.get': async ({ gate, limit }, { principal }) => {
      const found = (await limits.list()).filter((each) => fits(each.gate, gate) && mayKnow(principal, each.gate));
      const items = found.toSorted(byNeed).slice(0, limit);
      return answer({ items: items.map((each) => toWire(each, principal, nowMs())), total: found.length });
    },
    'limits.set': async ({ gate, limit, reason }, { principal }) => {
      if (principal.role !== 'admin') return refuse('auth/unauthorized', ADMIN);
      const changed = await limits.set(gate, limit, { actor: actorOf(principal), reason });
      if (!changed.ok) return changed;
      const items = (await limits.list()).filter((each) => each.gate === gate);
      return answer({ changed: changed.value, items: items.map((each) => toWire(each, principal, nowMs())) });
    },
    'limits.reset': async ({ gate, reason }, { principal }) => {
      if (principal.role !== 'admin') return refuse('auth/unauthorized', ADMIN);
      const changed = await limits.reset(gate, { actor: actorOf(principal), reason });
      if (!changed.ok) return changed;
      const items = (await limits.list()).filter((each) => each.gate === gate);
      return answer({ changed: changed.value, items: items.map((each) => toWire(each, principal, nowMs())) });
    },
    'limits.history': async (range, { principal }) => {
      if (principal.role !== 'admin') return refuse('auth/unauthorized', ADMIN);
      return answer({ items: (await limits.history(range)).map(eventToWire) });
    },
  };
}

function eventToWire({ seq, atMs, type, actor, data }: LimitEvent): Result<'limits.history'>['items'][number] {
  return {
    seq,
    at: isoTime(atMs),
    type,
    gate: 'gate' in data ? data.gate : data.breaker,
    limit: 'gate' in data ? limitToWire(data.limit) : null,
    by: actor ?? null,
    reason: ('reason' in data ? data.reason : undefined) ?? null,
    opening:
      'openUntilMs' in data
        ? { calls: data.calls, failures: data.failures, openUntil: isoTime(data.openUntilMs) }
        : null,
  };
}

function fits(name: string, wanted: string | undefined): boolean {
  if (wanted === undefined || name === wanted) return true;
  return wanted.endsWith(':') && name.startsWith(wanted);
}

function byNeed(a: GateReport, b: GateReport): number {
  return b.waiting - a.waiting || b.used - a.used || (a.gate < b.gate ? -1 : 1);
}

function toWire(report: GateReport, principal: Principal, nowMs: number): GateToWire {
  const {
    gate,
    used,
    limit,
    waiting,
    oldestReadyAtMs,
    freeAtMs,
    waiters,
    starving,
    stats,
    rate,
    configured,
    configuredRate,
    setting,
    breaker,
  } = report;
  return {
    gate,
    used,
    limit: finite(limit),
    waiting,
    oldestWaitMs: since(oldestReadyAtMs, nowMs),
    freeAt: isoTimeOrNull(freeAtMs ?? null),
    waiters: waiters
      .filter(({ userId }) => principal.role === 'admin' || userId === principal.userId)
      .map((waiter) => waiterToWire(waiter, nowMs)),
    starving,
    stats: statsToWire(stats),
    rate: rate === undefined ? null : rateToWire(rate),
    configured: finite(configured),
    configuredRate: configuredRate === undefined ? null : rateToWire(configuredRate),
    breaker: breaker === undefined ? null : breakerToWire(breaker),
    set:
      setting === undefined
        ? null
        : { since: isoTime(setting.sinceMs), by: setting.by, reason: setting.reason ?? null },
  };
}

function limitToWire(limit: SetLimit): Result<'limits.history'>['items'][number]['limit'] {
  return typeof limit === 'object' ? rateToWire(limit) : limit;
}

/** All of it, with the defaults. */
function rateToWire({ count, perMs = 1_000, burst = count }: Rate): NonNullable<GateToWire['rate']> {
  return { count, perMs, burst };
}
