/** What the stream of the engine keeps of breakers. */
import { describe, expect, it } from 'vitest';
import type { Actor } from '../run/actor.ts';
import type { BreakerChange, OpenBreaker } from '../schedule/breaker-state.ts';
import {
  decideEngine,
  evolveEngine,
  newEngineState,
  OPEN_BREAKERS_MAX,
  type EngineCommand,
  type EngineEvent,
  type EngineState,
} from './engine-stream.ts';

const ann: Actor = { userId: 'ann', face: 'cli' };
const counts = { openUntilMs: 505, openForMs: 500, probes: 3, calls: 10, failures: 6 };
const open: OpenBreaker = { state: 'open', sinceMs: 5, ...counts };

function send(state: EngineState, command: EngineCommand): readonly EngineEvent[] {
  const decided = decideEngine(state, command, 9);
  if (!decided.ok) throw new Error(decided.rejection.message);
  for (const event of decided.value) evolveEngine(state, event);
  return decided.value;
}

function note(state: EngineState, to: OpenBreaker | undefined, breaker = 'breaker:http'): readonly EngineEvent[] {
  const change: BreakerChange = { breaker, atMs: 5, to, resets: 0 };
  return send(state, { type: 'noteBreaker', change });
}

describe('R-SG-09 R-SG-10 breakers in the stream of the engine', () => {
  it('are kept while they are not closed, with what opened them', () => {
    const state = newEngineState();
    expect(note(state, open)).toEqual([
      { type: 'BreakerOpened', seq: 1, atMs: 5, actor: undefined, data: { breaker: 'breaker:http', ...counts } },
    ]);
    expect(state.breakers.get('breaker:http')).toEqual(open);
    note(state, { ...open, state: 'halfOpen' });
    expect(state.breakers.get('breaker:http')?.state).toBe('halfOpen');
    expect(note(state, undefined)).toMatchObject([{ type: 'BreakerClosed', seq: 3, actor: undefined }]);
    expect(state.breakers.size).toBe(0);
  });

  it('are reset by somebody, with a reason, when they are not closed', () => {
    const state = newEngineState();
    const reset = { type: 'resetBreaker', breaker: 'breaker:http', actor: ann, reason: 'mended' } as const;
    expect(send(state, reset)).toEqual([]);
    note(state, open);
    expect(send(state, reset)).toEqual([
      { type: 'BreakerClosed', seq: 2, atMs: 9, actor: ann, data: { breaker: 'breaker:http', reason: 'mended' } },
    ]);
    expect(state.breakers.size).toBe(0);
    for (const breaker of ['global', 'breaker:'])
      expect(() => send(state, { ...reset, breaker })).toThrow(/is no breaker. Name one, such as breaker:http/);
  });

  it('are kept up to a number', () => {
    const state = newEngineState();
    for (let at = 0; at <= OPEN_BREAKERS_MAX; at++) note(state, open, `breaker:http:${at}`);
    expect([state.breakers.size, state.breakers.has('breaker:http:0')]).toEqual([OPEN_BREAKERS_MAX, false]);
  });
});
