/** Methods about the server itself: executors, extensions, health, and the protocol. */
import { API_VERSION } from '@coppice/core';
import { suggest } from '@coppice/protocol';
import { executorDetailsToWire, executorToWire, extensionToWire } from '../wire/observation-to-wire.ts';
import { isoTime } from '../wire/time.ts';
import { answer, refuse, shorten } from './answer.ts';
import { mayKnow } from './gate-names.ts';
import type { Implementations, Services } from './services.ts';

/** Runs that a health report names. */
const NAMED_MAX = 10;

type Names = 'executors.list' | 'executors.get' | 'extensions.list' | 'system.health' | 'system.info';

export function systemMethods({ engine, info, nowMs }: Services): Implementations<Names> {
  const { registry } = engine;
  return {
    'executors.list': () => answer({ items: registry.listExecutors().map(executorToWire) }),
    'executors.get': ({ type }) => {
      const executor = registry.findExecutor(type);
      if (executor !== undefined) return answer(executorDetailsToWire(executor));
      const types = registry.listExecutors().map((known) => known.type);
      const suggestion = suggest(shorten(type), types);
      const hint = suggestion === undefined ? `Loaded are: ${types.join(', ')}.` : `Did you mean "${suggestion}"?`;
      return refuse('executor/not-found', `There is no executor "${shorten(type)}". ${hint}`, {
        data: suggestion === undefined ? {} : { suggestion },
      });
    },
    'extensions.list': () => answer({ items: registry.extensions.map(extensionToWire) }),
    'system.health': async (_params, { principal }) => {
      const { quarantined, cutLogs, storeErrorCode, ...health } = await engine.health();
      const isVisible = ({ userId }: { readonly userId: string }): boolean =>
        principal.role === 'admin' || userId === principal.userId;
      return answer({
        ...health,
        // The engine's text may name files; callers learn that commits fail, the log says why.
        storeError: storeErrorCode,
        quarantinedCount: quarantined.length,
        quarantined: quarantined
          .filter(isVisible)
          .slice(0, NAMED_MAX)
          .map(({ treeId, problem }) => ({ treeId, problem })),
        cutLogs: cutLogs
          .filter(isVisible)
          .slice(0, NAMED_MAX)
          .map(({ treeId, seq }) => ({ treeId, seq })),
      });
    },
    'system.info': (_params, { principal }) =>
      answer({
        name: 'coppice',
        version: info.version,
        apiVersion: API_VERSION,
        pid: process.pid,
        startedAt: isoTime(info.startedAtMs),
        uptimeMs: Math.max(0, nowMs() - info.startedAtMs),
        dataDir: principal.role === 'admin' ? info.dataDir : null,
        store: info.store,
        userId: principal.userId,
        role: principal.role,
        limits: { ...info.limits },
        gates: engine
          .gates()
          .filter(({ gate }) => mayKnow(principal, gate))
          .map(({ gate, used, limit, waiting }) => ({ gate, used, limit, waiting })),
      }),
  };
}
