/** Requests that say what may start in all runs: holds for maintenance, and limits. */
import { GateStats, isSettable, type GateLine } from '@coppice/core';
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
        const bound = submissions.report();
        const present = [...(bound === undefined ? [] : [bound]), ...admission.lines(clock.nowMs())];
        const lines = new Map<string, GateLine>(present.map((line) => [line.gate, line]));
        const unused = [...engineState.limits.keys()].filter((gate) => !lines.has(gate));
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
            const setting = engineState.limits.get(line.gate);
            const { gate } = line;
            const configured = isSettable(gate) ? gates.configured(gate) : line.limit;
            const rates = { rate: gates.rateOf(gate), configuredRate: gates.configuredRate(gate) };
            const report = { ...line, configured, ...rates };
            return setting === undefined ? report : { ...report, setting };
          },
        );
      },
      history: (range) => engineStream.history(['LimitSet'], range),
    },
  };
}
