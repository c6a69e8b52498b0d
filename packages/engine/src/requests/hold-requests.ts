/** Requests that say what may start in all runs: holds for maintenance, and limits. */
import { limitProblem } from '@coppice/core';
import type { Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { detachValue } from './detach-submission.ts';

export function createHoldRequests({ engineStream, kernel, clock }: EngineParts): Pick<Engine, 'holds' | 'limits'> {
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
        const lines = new Map(admission.lines(clock.nowMs()).map((line) => [line.gate, line]));
        const unused = [...engineState.limits.keys()].filter((gate) => !lines.has(gate));
        const NOTHING = { used: 0, waiting: 0, oldestReadyAtMs: undefined, freeAtMs: undefined, waiters: [] };
        return [...lines.values(), ...unused.map((gate) => ({ gate, limit: gates.capacityOf(gate), ...NOTHING }))].map(
          (line) => {
            const setting = engineState.limits.get(line.gate);
            const configured = limitProblem(line.gate, 0) === undefined ? gates.configured(line.gate) : line.limit;
            return setting === undefined ? { ...line, configured } : { ...line, configured, setting };
          },
        );
      },
      history: (range) => engineStream.history(['LimitSet'], range),
    },
  };
}
