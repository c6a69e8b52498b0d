/** What events set in motion, at once and after the commit (rule 9). */
import { describe, expect, it } from 'vitest';
import { effectsAfterCommit, effectsAtOnce } from './effects.ts';
import { EVENT_MEANING, EVENT_TYPES, isAttemptEnd } from './event-meaning.ts';
import type { EventData, EventType, RunEvent } from './event.ts';

function event<Type extends EventType>(type: Type, data: object, attempt?: number): RunEvent {
  return { type, seq: 2, atMs: 5, taskId: 't', attempt, data: data as EventData[Type] } as unknown as RunEvent;
}

const ERROR = { code: 'x', message: 'went wrong', retryable: true };
const REASON = { code: 'user', message: 'not wanted' };

describe('the effects of an event', () => {
  it('an attempt ends: its places are free before what became ready by it stands in line', () => {
    const completed = event('TaskCompleted', { output: null, ready: ['a', 'b'] }, 1);
    expect(effectsAtOnce(completed)).toEqual([{ do: 'release' }, { do: 'enqueueReady' }]);
    expect(effectsAfterCommit(completed)).toEqual([{ do: 'clear' }, { do: 'advance' }]);
  });

  it('a task that ends without an attempt gives no places back, and nobody has it in hand', () => {
    for (const ended of [
      event('TaskCompleted', { output: null }),
      event('TaskFailed', { error: ERROR, handled: false }),
      event('TaskCancelled', { reason: REASON }),
    ]) {
      expect(effectsAtOnce(ended)).toEqual([]);
      expect(effectsAfterCommit(ended)).toEqual([{ do: 'clear' }, { do: 'advance' }]);
    }
  });

  it('whoever still has an attempt in hand is told why it is over', () => {
    const whyOf = (ended: RunEvent) => effectsAfterCommit(ended).find((each) => each.do === 'abort')?.why;
    expect(whyOf(event('TaskCancelled', { reason: REASON }, 1))).toEqual({ code: 'cancelled', message: 'not wanted' });
    expect(whyOf(event('TaskFailed', { error: ERROR, handled: false }, 1))).toEqual({
      code: 'timeout',
      message: 'went wrong',
    });
    expect(whyOf(event('RetryScheduled', { error: ERROR, delayMs: 5, dueAtMs: 10 }, 1))?.code).toBe('timeout');
    expect(whyOf(event('AttemptInterrupted', { reason: 'shutdown' }, 1))?.code).toBe('shutdown');
  });

  it('a task that was turned away had no attempt to stop', () => {
    const away = event('RetryScheduled', { error: ERROR, delayMs: 0, dueAtMs: 10, fallback: true });
    expect([effectsAtOnce(away), effectsAfterCommit(away)]).toEqual([[], [{ do: 'wake', atMs: 10 }]]);
  });

  it('R-SN-02: whoever works on what a person ends is told so, and its timers are cleared', () => {
    for (const ended of [
      event('TaskCompleted', { output: null, reason: REASON, ready: ['a'] }, 1),
      event('TaskSkipped', { reason: { ...REASON, tasks: [] }, ready: ['a'] }, 1),
    ]) {
      expect(effectsAtOnce(ended)).toEqual([{ do: 'release' }, { do: 'enqueueReady' }]);
      expect(effectsAfterCommit(ended)).toEqual([
        { do: 'clear' },
        { do: 'abort', why: { code: 'cancelled', message: 'not wanted' } },
        { do: 'advance' },
      ]);
    }
    const waiting = event('TaskSkipped', { reason: { ...REASON, tasks: [] } });
    expect([effectsAtOnce(waiting), effectsAfterCommit(waiting)]).toEqual([[], [{ do: 'clear' }, { do: 'advance' }]]);
    const unmet = event('TaskSkipped', { reason: { code: 'dependency', message: 'it', tasks: [] } });
    expect(effectsAfterCommit(unmet)).toEqual([]);
  });

  it('R-CP-08: a pause and a resume put ready tasks in line anew, and set the timers', () => {
    const pausing = event('TaskPausing', {});
    expect(effectsAtOnce(pausing)).toEqual([{ do: 'lineUp' }]);
    const resumed = event('TaskResumed', {});
    expect(effectsAtOnce(resumed)).toEqual([{ do: 'writeWaiting' }, { do: 'lineUp' }]);
    for (const changed of [pausing, resumed]) {
      expect(effectsAfterCommit(changed)).toEqual([{ do: 'setTimers' }, { do: 'drain' }]);
    }
    const released = effectsAfterCommit(event('AttemptInterrupted', { reason: 'pause' }, 1));
    expect(released).toContainEqual({ do: 'abort', why: { code: 'paused', message: 'The task is paused' } });
  });

  it('an interrupted attempt is tried again at once, or wakes when it is due', () => {
    const atOnce = event('AttemptInterrupted', { reason: 'crash' }, 1);
    expect(effectsAtOnce(atOnce)).toEqual([{ do: 'release' }, { do: 'enqueue' }]);
    const later = event('AttemptInterrupted', { reason: 'crash', dueAtMs: 10 }, 1);
    expect(effectsAtOnce(later)).toEqual([{ do: 'release' }]);
    expect(effectsAfterCommit(later)).toContainEqual({ do: 'wake', atMs: 10 });
  });

  it('a run that is opened again writes what it resets, and counts before anything of it stands in line', () => {
    const reopened = event('RunReopened', { mode: 'start', reset: ['a', 'b'], ready: ['a'] });
    expect(effectsAtOnce(reopened).map((each) => each.do)).toEqual(['write', 'openRun', 'enqueueReady']);
    expect(effectsAfterCommit(reopened)).toEqual([{ do: 'limitRun' }]);
  });

  it('places are given back by exactly the events that end an attempt', () => {
    const data = { output: null, error: ERROR, reason: REASON, dueAtMs: 9, reset: [], taskIds: [] };
    for (const type of EVENT_TYPES) {
      const ended = event(type, data, 1);
      const gives = effectsAtOnce(ended).some((each) => each.do === 'release');
      expect([type, gives]).toEqual([type, isAttemptEnd(ended)]);
    }
  });

  it('runs are counted in by those that open them, and out by those that end them', () => {
    const data = { reset: [], taskIds: [], ready: undefined, reason: REASON, error: ERROR, dueAtMs: 9 };
    for (const type of EVENT_TYPES) {
      const effects = effectsAtOnce(event(type, data)).map((each) => each.do);
      const { run } = EVENT_MEANING[type];
      expect([type, effects.includes('openRun')]).toEqual([type, run === 'starts' || run === 'is opened again']);
      expect([type, effects.includes('endRun')]).toEqual([type, run === 'ends']);
    }
  });
});
