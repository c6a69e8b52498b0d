import { expect, it } from 'vitest';
import { attemptsOf } from './attempts.ts';
import { logOf, START_MS } from './run.fixture.ts';

const error = { code: 'x/failed', message: 'it failed', retryable: true };
const dueAt = new Date(START_MS).toISOString();
const events = logOf({ root: [null], a: ['root'], b: ['root'] }, [
  ['TaskStarted', 'a', { attempt: 1, input: {} }],
  ['TaskStarted', 'b', { attempt: 1, input: {} }],
  ['RetryScheduled', 'a', { attempt: 1, error, dueAt }],
  ['TaskDue', 'a', {}],
  ['TaskStarted', 'a', { attempt: 2, input: {} }],
  ['AttemptInterrupted', 'a', { attempt: 2 }],
  ['TaskStarted', 'a', { attempt: 3, input: {} }],
  ['TaskCompleted', 'a', { attempt: 3, output: 1 }],
]);

it('tells how each attempt ended and how long it took', () => {
  const rows = attemptsOf(events, 'a');
  expect(rows.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, 'retry'],
    [2, 'interrupted'],
    [3, 'completed'],
  ]);
  expect(rows[0]?.error?.message).toBe('it failed');
  expect(rows.map(({ startedAtMs, endedAtMs }) => (endedAtMs ?? 0) - startedAtMs)).toEqual([2000, 1000, 1000]);
});

it('knows at a past event only what had happened by then', () => {
  expect(attemptsOf(events, 'a', 4).map(({ outcome }) => outcome)).toEqual(['running']);
  expect(attemptsOf(events, 'b').map(({ endedAtMs }) => endedAtMs)).toEqual([undefined]);
  expect(attemptsOf(events, 'nobody')).toEqual([]);
});
