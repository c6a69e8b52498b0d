import { expect, it } from 'vitest';
import { alertText, parseLimit, rateText } from './limit-text.ts';

it.each([
  ['4', 4],
  [' 0 ', 0],
  ['2.5', 2.5],
  ['Unlimited', 'unlimited'],
  ['configured', 'configured'],
  ['10/s', { count: 10, perMs: 1_000 }],
  ['30/5m burst 3', { count: 30, perMs: 300_000, burst: 3 }],
  ['1/250ms', { count: 1, perMs: 250 }],
  ['', undefined],
  ['-1', undefined],
  ['many', undefined],
  ['10/', undefined],
  ['10/s burst', undefined],
  ['10/w', undefined],
] as const)('reads the limit %o as %o', (text, limit) => {
  expect(parseLimit(text)).toEqual(limit);
});

it.each(['10/s', '30/5m burst 3', '1/d', '7/1500ms', '2/90s burst 9'])('writes the rate %s as it reads it', (text) => {
  expect(rateText(parseLimit(text) as never)).toBe(text);
});

it('says what needs attention (R-LM-06)', () => {
  const first = { treeId: 't', taskId: 't.1', name: 'fetch', treeName: 'report', userId: 'ann', place: 1, waitMs: 9 };
  const at = '2026-11-30T12:00:00.000Z';
  const gate = 'executor:http';
  expect(alertText({ kind: 'starving', gate, at, used: 4, limit: 4, waiting: 3, waitedMs: 120_000, first })).toBe(
    'fetch in report waits at executor:http (4 of 4), 2 more behind it: nothing of this line has started for 2m 00s',
  );
  const full = { gate: 'submissions', at, used: 5, limit: 5, waitedMs: null, first: null };
  expect(alertText({ kind: 'saturated', ...full, waiting: 1 })).toBe('submissions is full (5 of 5); 1 wait');
  expect(alertText({ kind: 'relieved', ...full, waiting: 0 })).toBe('submissions has room again (5 of 5)');
});
