import { expect, it } from 'vitest';
import {
  freeText,
  isChangeable,
  isResettable,
  setLimitText,
  statsText,
  typedLimit,
  useText,
  waiterText,
  waitingText,
} from './limit-text.ts';

const by = { userId: 'ann', face: 'cli' } as const;
const since = '2026-11-30T12:00:00.000Z';

it('says what a gate lets pass, who waits and who has set it (R-LM-07)', () => {
  expect(useText({ used: 4, limit: 8, rate: null })).toBe('4 of 8');
  expect(useText({ used: 4, limit: null, rate: null })).toBe('4 of any number');
  expect(waitingText({ waiting: 0, oldestWaitMs: null, starving: 0 })).toBe('none');
  expect(waitingText({ waiting: 12, oldestWaitMs: 5200, starving: 0 })).toBe('12, oldest 5.2s');
  expect(waitingText({ waiting: 12, oldestWaitMs: 5200, starving: 1 })).toBe('12, oldest 5.2s, starving');
  const stats = { starts: 310, waits: 40, waitedMs: 60_000, longestMs: 5200, refused: 0, histogram: [] };
  expect(statsText({ stats })).toBe('310 starts, 40 waited: 1.5s on average, 5.2s at most');
  expect(statsText({ stats: { ...stats, waits: 0, refused: 2 } })).toBe('310 starts, none waited, 2 refused');
  expect(statsText({ stats: { ...stats, starts: 0 } })).toBe('');
  expect(setLimitText({ set: null, configured: 8, configuredRate: null })).toBe('');
  expect(setLimitText({ set: { since, by, reason: 'slow' }, configured: null, configuredRate: null })).toBe(
    'set by ann: slow; configured: any number',
  );
  const rate = { count: 10, perMs: 1000, burst: 3 };
  expect(useText({ used: 1, limit: 3, rate })).toBe('10/s burst 3');
  expect(setLimitText({ set: { since, by, reason: null }, configured: 3, configuredRate: rate })).toBe(
    'set by ann; configured: 10/s burst 3',
  );
  expect(typedLimit({ limit: 3, rate })).toBe('10/s burst 3');
  expect(typedLimit({ limit: null, rate: null })).toBe('unlimited');
});

it('says who waits, and when time alone makes a place free (R-LM-12)', () => {
  const waiter = { treeId: 't', taskId: 't.1', name: 'fetch', treeName: 'report', userId: 'ann', place: 2 };
  expect(waiterText({ ...waiter, waitMs: 5200 })).toBe('2. fetch in report, for 5.2s');
  expect(waiterText({ ...waiter, waitMs: null })).toBe('2. fetch in report');
  expect(freeText({ freeAt: since }, Date.parse(since) - 2_000)).toBe('next place in 2.0s');
  expect(freeText({ freeAt: since }, Date.parse(since) + 1)).toBe('next place in 0ms');
  expect(freeText({ freeAt: null }, 0)).toBe('');
});

it('says how a breaker is, and who may close it (R-SG-09)', () => {
  const open = { state: 'open', calls: 10, failures: 6, since, openUntil: since, missing: 3, openings: 1 } as const;
  expect(useText({ used: 0, limit: 0, rate: null, breaker: open })).toBe(
    'open, 6 of 10 calls failed, next calls in 0ms',
  );
  expect(freeText({ freeAt: since, breaker: open }, 0)).toBe('');
  expect(isResettable({ breaker: open })).toBe(true);
  expect([isResettable({ breaker: { ...open, state: 'closed' } }), isResettable({ breaker: null })]).toEqual([
    false,
    false,
  ]);
});

it('knows which gates can be changed', () => {
  const gates = [
    'global',
    'user:ann',
    'executor:http',
    'lock:deploy',
    'resource:gpu',
    'rate:x',
    'tag:x',
    'tree:t',
    'hold',
  ];
  expect(gates.filter((gate) => isChangeable({ gate }))).toEqual(gates.slice(0, 7));
});
