/** Requests that say what may start in all runs: holds for maintenance, and limits. */
import { GateStats, isSettable, type BreakerReport, type GateLine } from '@coppice/core';
import type { Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { detachValue } from './detach-submission.ts';

export function createHoldRequests({
  engineStream,
  kernel,
  clock,
  submissions,
}: EngineParts): Pick<Engine, 'holds' | 'limits'> {
  return {
    holds: {
      async set(target, options) {
        const given = detachValue({ target, ...options }, []);
        return given.ok ? engineStream.submit({ type: 'hold', ...given.value }) : given;
      },
      async release(target, options) {
        const given = detachValue({ target, ...options }, []);
        return given.ok ? engineStream.submit({ type: 'release', ...given.value }) : given;
      },
      list: () => engineStream.holds(),
      history: (range) => engineStream.history(['HoldSet', 'HoldReleased'], range),
    },
    limits: {
      async set(gate, limit, options) {
        const given = detachValue({ gate, limit, ...options }, []);
        return given.ok ? engineStream.submit({ type: 'setLimit', ...given.value }) : given;
      },
      async list() {
        await engineStream.load();
        const { admission, gates, engineState } = kernel;
        const nowMs = clock.nowMs();
        const bound = submissions.report();
        const present = [...(bound === undefined ? [] : [bound]), ...admission.lines(nowMs)];
        const lines = new Map<string, GateLine>(present.map((line) => [line.gate, line]));
        const known = [...engineState.limits.keys(), ...engineState.breakers.keys()];
        const unused = known.filter((gate) => !lines.has(gate));
        const NOTHING = {
          used: 0,
          waiting: 0,
          oldestReadyAtMs: undefined,
          freeAtMs: undefined,
          waiters: [],
          starving: 0,
          stats: new GateStats(),
        };
        return [...lines.values(), ...unused.map((gate) => ({ gate, limit: gates.capacityOf(gate), ...NOTHING }))].map(
          (line) => {
            const breaker = gates.breakers.report(line.gate, nowMs);
            if (breaker !== undefined) return { ...line, configured: Infinity, breaker, ...openness(breaker) };
            const setting = engineState.limits.get(line.gate);
            const { gate } = line;
            const configured = isSettable(gate) ? gates.configured(gate) : line.limit;
            const rates = { rate: gates.rateOf(gate), configuredRate: gates.configuredRate(gate) };
            const report = { ...line, configured, ...rates };
            return setting === undefined ? report : { ...report, setting };
          },
        );
      },
      async reset(breaker, options) {
        const given = detachValue({ breaker, ...options }, []);
        return given.ok ? engineStream.submit({ type: 'resetBreaker', ...given.value }) : given;
      },
      history: (range) =>
        engineStream.history(['LimitSet', 'BreakerOpened', 'BreakerHalfOpened', 'BreakerClosed'], range),
    },
  };
}

/** What a breaker lets pass: nobody passes it just now perhaps, so that no line says it. */
function openness({ state, missing, openUntilMs }: BreakerReport) {
  if (state === 'closed') return { limit: Infinity };
  return state === 'open' ? { limit: 0, freeAtMs: openUntilMs } : { limit: missing };
}
