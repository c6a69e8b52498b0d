import type { TaskId } from '@coppice/extension';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Actor } from '../run/actor.ts';
import { readyRun } from '../schedule/admission.fixture.ts';
import { decideEngine, evolveEngine, findHold, HOLDS_MAX, newEngineState } from './engine-stream.ts';
import type { HoldCommand, EngineEvent, EngineState, HoldTarget } from './engine-stream.ts';

const everything: HoldTarget = { of: 'everything' };
const executor = (name: string): HoldTarget => ({ of: 'executor', name });
const tag = (name: string): HoldTarget => ({ of: 'tag', name });

const ann: Actor = { userId: 'ann', face: 'cli' };

function sendAt(state: EngineState, nowMs: number, wish: Pick<HoldCommand, 'type' | 'target'>): readonly EngineEvent[] {
  const decided = decideEngine(state, { ...wish, actor: ann, reason: 'maintenance' }, nowMs);
  if (!decided.ok) throw new Error(decided.rejection.code);
  for (const event of decided.value) evolveEngine(state, event);
  return decided.value;
}

const send = (state: EngineState, type: HoldCommand['type'], target: HoldTarget): readonly EngineEvent[] =>
  sendAt(state, 5, { type, target });

describe('holds', () => {
  it('say what they hold, since when, who set them and why', () => {
    const state = newEngineState();
    expect(send(state, 'hold', executor('http'))).toEqual([
      {
        type: 'HoldSet',
        seq: 1,
        atMs: 5,
        actor: ann,
        data: { target: { of: 'executor', name: 'http' }, reason: 'maintenance' },
      },
    ]);
    expect([...state.holds]).toEqual([
      ['hold:executor:http', { target: executor('http'), sinceMs: 5, by: ann, reason: 'maintenance' }],
    ]);
  });

  it('are set and released once; their events have no gap and never go back in time', () => {
    const target = fc.constantFrom(everything, executor('work'), tag('nightly'));
    const step = fc.record({ type: fc.constantFrom('hold' as const, 'release' as const), target, nowMs: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const state = newEngineState();
        const log = steps.flatMap(({ type, target: of, nowMs }) => sendAt(state, nowMs, { type, target: of }));
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
        expect(log.map(({ atMs }) => atMs)).toEqual(log.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
        const folded = newEngineState();
        for (const event of JSON.parse(JSON.stringify(log)) as EngineEvent[]) evolveEngine(folded, event);
        expect(folded).toEqual(state);
      }),
    );
  });

  it('are limited in number', () => {
    const state = newEngineState();
    for (let at = 0; at < HOLDS_MAX; at++) send(state, 'hold', tag(String(at)));
    const more = decideEngine(state, { type: 'hold', target: everything, actor: ann }, 0);
    expect(more).toMatchObject({ ok: false, rejection: { code: 'limit/refused' } });
    expect(send(state, 'release', tag('0'))).toHaveLength(1);
  });

  it('hold everything, one executor type, or a tag with all that is below it', () => {
    const run = readyRun({
      id: 'a',
      tasks: [
        [2, 'http'],
        [2, 'work'],
        [2, 'work'],
      ],
      parents: [0, 1, 0],
    });
    const held = (target: HoldTarget): string[] => {
      const state = newEngineState();
      send(state, 'hold', target);
      return run.tasks.filter((task) => findHold(state, task) !== undefined).map(({ id }) => id);
    };
    const first = run.byId.get('a.0' as TaskId)!;
    first.definition = { ...first.definition, tags: ['nightly'] };
    expect(held(everything)).toEqual(['a', 'a.0', 'a.1', 'a.2']);
    expect(held(executor('work'))).toEqual(['a.1', 'a.2']);
    expect(held(tag('nightly'))).toEqual(['a.0', 'a.1']);
    expect(held(tag('daily'))).toEqual([]);
  });
});
