import { expect, it } from 'vitest';
import { breakerText, type BreakerReport } from './breaker-text.ts';

const open: BreakerReport = {
  state: 'open',
  calls: 10,
  failures: 6,
  since: '2026-11-30T10:00:00.000Z',
  openUntil: '2026-11-30T10:00:30.000Z',
  missing: 3,
  openings: 1,
};
const nowMs = Date.parse('2026-11-30T10:00:03.000Z');

it('says how a breaker is', () => {
  expect([
    breakerText(open, nowMs),
    breakerText({ ...open, calls: 1, failures: 1 }, nowMs + 60_000),
    breakerText({ ...open, state: 'halfOpen', missing: 1 }, nowMs),
    breakerText({ ...open, state: 'closed', calls: 40, failures: 1 }, nowMs),
    breakerText({ ...open, state: 'closed', calls: 0, failures: 0 }, nowMs),
  ]).toEqual([
    'open, 6 of 10 calls failed, next calls in 27s',
    'open, 1 of 1 call failed, next calls in 0ms',
    'half-open, closes after 1 more good call',
    'closed, 1 of 40 calls failed',
    'closed',
  ]);
});
