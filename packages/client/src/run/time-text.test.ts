import { describe, expect, it } from 'vitest';
import { durationText, relativeText, spanText } from './time-text.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:00.000Z');

describe('durationText', () => {
  it.each([
    [-5, '0ms'],
    [999, '999ms'],
    [1000, '1.0s'],
    [9999, '9.9s'],
    [59_999, '59s'],
    [187_000, '3m 07s'],
    [7_500_000, '2h 05m'],
    [90 * 3_600_000, '3d 18h'],
  ])('%d ms is %s', (durationMs, text) => {
    expect(durationText(durationMs)).toBe(text);
  });
});

describe('relativeText', () => {
  it.each([
    [null, '-'],
    ['2026-11-20T12:00:00.500Z', 'now'],
    ['2026-11-20T11:59:48.000Z', '12s ago'],
    ['2026-11-20T12:05:00.000Z', 'in 5m'],
    ['2026-11-19T01:00:00.000Z', '35h ago'],
    ['2026-11-10T12:00:00.000Z', '10d ago'],
  ])('%s is %s', (time, text) => {
    expect(relativeText(time, NOW_MS)).toBe(text);
  });
});

describe('spanText', () => {
  it('ends now while it lasts', () => {
    expect(spanText(null, null, NOW_MS)).toBe('-');
    expect(spanText('2026-11-20T11:59:58.000Z', null, NOW_MS)).toBe('2.0s');
    expect(spanText('2026-11-20T11:59:58.000Z', '2026-11-20T11:59:58.037Z', NOW_MS)).toBe('37ms');
  });
});
