import { expect, it } from 'vitest';
import { freeText, isChangeable, parseLimit, setLimitText, useText, waiterText, waitingText } from './limit-text.ts';

const by = { userId: 'ann', face: 'cli' } as const;
const since = '2026-11-30T12:00:00.000Z';

it('says what a gate lets pass, who waits and who has set it (R-LM-07)', () => {
  expect(useText({ used: 4, limit: 8 })).toBe('4 of 8');
  expect(useText({ used: 4, limit: null })).toBe('4 of any number');
  expect(waitingText({ waiting: 0, oldestWaitMs: null })).toBe('none');
  expect(waitingText({ waiting: 12, oldestWaitMs: 5200 })).toBe('12, oldest 5.2s');
  expect(setLimitText({ set: null, configured: 8 })).toBe('');
  expect(setLimitText({ set: { since, by, reason: 'slow' }, configured: null })).toBe(
    'set by ann: slow; configured: any number',
  );
});

it('says who waits, and when time alone makes a place free (R-LM-12)', () => {
  const waiter = { treeId: 't', taskId: 't.1', name: 'fetch', treeName: 'report', userId: 'ann', place: 2 };
  expect(waiterText({ ...waiter, waitMs: 5200 })).toBe('2. fetch in report, for 5.2s');
  expect(waiterText({ ...waiter, waitMs: null })).toBe('2. fetch in report');
  expect(freeText({ freeAt: since }, Date.parse(since) - 2_000)).toBe('next place in 2.0s');
  expect(freeText({ freeAt: since }, Date.parse(since) + 1)).toBe('next place in 0ms');
  expect(freeText({ freeAt: null }, 0)).toBe('');
});

it.each([
  ['4', 4],
  [' 0 ', 0],
  ['2.5', 2.5],
  ['Unlimited', 'unlimited'],
  ['configured', 'configured'],
  ['', undefined],
  ['-1', undefined],
  ['many', undefined],
] as const)('reads the limit %o as %o', (text, limit) => {
  expect(parseLimit(text)).toBe(limit);
});

it('knows which gates can be changed', () => {
  const gates = ['global', 'user:ann', 'executor:http', 'lock:deploy', 'resource:gpu', 'tree:t', 'hold', 'paused:t'];
  expect(gates.filter((gate) => isChangeable({ gate }))).toEqual(gates.slice(0, 5));
});
