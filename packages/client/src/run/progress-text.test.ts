import { expect, it } from 'vitest';
import { leftText, membersText, percentOf, runPercent } from './progress-text.ts';

const inside = (total: number, ended: number, failed = 0) => ({
  inside: { total, ended, failed, running: 0, waiting: 0 },
});

it.each([
  [0, 0, 0],
  [3, 0, 0],
  [3, 1, 33],
  [1000, 999, 99],
  [1000, 1000, 100],
])('of %i tasks %i have ended: %i percent, and never 100 before the last', (total, ended, percent) => {
  expect(percentOf({ total, ended })).toBe(percent);
});

it('counts what is below a group, with percent until all have ended (R-PR-06)', () => {
  expect(membersText(inside(0, 0))).toBe('');
  expect(membersText(inside(10, 4))).toBe('4/10 (40 %)');
  expect(membersText(inside(10, 9, 2))).toBe('9/10 (90 %), 2 failed');
  expect(membersText(inside(10, 10))).toBe('10/10');
});

it('tells the time that is left as it goes by, and what it was worked out from', () => {
  const eta = { etaMs: 9000, atMs: 1000, basis: 'criticalPath' } as const;
  expect(leftText({ eta }, 2000)).toBe('~8.0s left (longest chain)');
  expect(leftText({ eta: { ...eta, basis: 'work' } }, 1000)).toBe('~9.0s left (all work)');
  expect(leftText({ eta }, 9500)).toBe('');
  expect(leftText({ eta: undefined }, 0)).toBe('');
});

it('counts a run without the root that holds its tasks, as the header of its views does', () => {
  expect(runPercent({ total: 5, fraction: 1 / 5 })).toBe(25);
  expect(runPercent({ total: 5, fraction: 4 / 5 })).toBe(100);
  expect(runPercent({ total: 5, fraction: 1 })).toBe(100);
  expect(runPercent({ total: 1, fraction: 0 })).toBe(0);
});
