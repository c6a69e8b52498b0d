import type { RunState, TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { PastState } from './past-state.ts';

/** A reader that notes what it folds, and a clock whose timers the test fires. */
function bench() {
  const folded: string[] = [];
  const timers = new Set<() => void>();
  const reader = {
    readAt: (treeId: TreeId, seq: number): Promise<RunState> => {
      folded.push(`${treeId} 1-${seq}`);
      if (seq > 100) return Promise.reject(new Error('the log ends before'));
      return Promise.resolve({ treeId, seq, seed: `seed of ${treeId}` } as RunState);
    },
    goOn: (from: RunState, seq: number): Promise<RunState> => {
      folded.push(`${from.treeId} ${from.seq + 1}-${seq}`);
      if (seq > 100) return Promise.reject(new Error('the log ends before'));
      from.seq = seq;
      return Promise.resolve(from);
    },
  };
  const clock = {
    nowMs: () => 0,
    defer: (callback: () => void) => callback(),
    setTimer: (_delayMs: number, callback: () => void) => {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  };
  const past = new PastState({ reader, clock });
  const at = (treeId: string, seq: number, seed = `seed of ${treeId}`): Promise<number> =>
    past.at({ treeId: treeId as TreeId, seq, seed }, (run) => run.seq);
  return { past, at, folded, timers };
}

describe('the state of a past moment', () => {
  it('is folded once for the pages of a moment, and goes on to later ones', async () => {
    const { at, folded } = bench();
    expect([await at('t', 5), await at('t', 5), await at('t', 7)]).toEqual([5, 5, 7]);
    expect(folded).toEqual(['t 1-5', 't 6-5', 't 6-7']);
  });

  it('is folded anew for an earlier moment, another run, and another run of the same id', async () => {
    const { at, folded } = bench();
    await at('t', 5);
    await at('t', 4);
    await at('u', 5);
    await at('u', 6, 'another seed');
    expect(folded).toEqual(['t 1-5', 't 1-4', 'u 1-5', 'u 1-6']);
  });

  it('is never shared by two requests at the same time', async () => {
    const { at, folded } = bench();
    await at('t', 5);
    expect(await Promise.all([at('t', 6), at('t', 8)])).toEqual([6, 8]);
    expect(folded).toEqual(['t 1-5', 't 6-6', 't 1-8']);
  });

  it('is forgotten when nobody has asked for a while, when the engine stops, and when the log can not be read', async () => {
    const { past, at, folded, timers } = bench();
    await at('t', 5);
    await at('t', 5);
    expect(timers.size).toBe(1);
    for (const fire of timers) fire();
    await at('t', 5);
    past.stop();
    expect(timers.size).toBe(0);
    await at('t', 5);
    await expect(at('t', 200)).rejects.toThrow('the log ends before');
    await at('t', 5);
    expect(folded.filter((each) => each === 't 1-5')).toHaveLength(4);
  });
});
