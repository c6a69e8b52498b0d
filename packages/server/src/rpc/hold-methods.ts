/** Methods that hold the engine for maintenance. */
import type { HoldTarget } from '@coppice/core';
import { suggest, type ParsedParams } from '@coppice/protocol';
import { holdEventToWire, holdToWire } from '../wire/observation-to-wire.ts';
import { answer, refuse, shorten, type Answer } from './answer.ts';
import { actorOf, type Principal } from './caller.ts';
import type { Implementations, Services } from './services.ts';

type Names = 'holds.set' | 'holds.release' | 'holds.list' | 'holds.history';
type Params = ParsedParams<'holds.set'>;

export function holdMethods({ engine }: Services): Implementations<Names> {
  const { holds, registry } = engine;
  const change = async (
    does: 'set' | 'release',
    params: Params,
    principal: Principal,
  ): Promise<Answer<{ changed: boolean; items: ReturnType<typeof holdToWire>[] }>> => {
    if (principal.role !== 'admin')
      return refuse('auth/unauthorized', 'Holds concern the runs of all users; they need the role admin.');
    const changed = await holds[does](targetOf(params), { actor: actorOf(principal), reason: params.reason });
    if (!changed.ok) return changed;
    return answer({ changed: changed.value, items: (await holds.list()).map(holdToWire) });
  };
  return {
    'holds.set': async (params, { principal }) => {
      const type = 'executor' in params ? params.executor : undefined;
      if (principal.role === 'admin' && type !== undefined && registry.findExecutor(type) === undefined) {
        const suggestion = suggest(
          shorten(type),
          registry.listExecutors().map((known) => known.type),
        );
        const hint =
          suggestion === undefined ? 'executors.list shows those there are.' : `Did you mean "${suggestion}"?`;
        return refuse('executor/not-found', `There is no executor "${shorten(type)}". ${hint}`);
      }
      return change('set', params, principal);
    },
    'holds.release': (params, { principal }) => change('release', params, principal),
    'holds.list': async () => answer({ items: (await holds.list()).map(holdToWire) }),
    'holds.history': async (range) => answer({ items: (await holds.history(range)).map(holdEventToWire) }),
  };
}

function targetOf(params: Params): HoldTarget {
  if ('executor' in params) return { of: 'executor', name: params.executor };
  return 'tag' in params ? { of: 'tag', name: params.tag } : { of: 'everything' };
}
