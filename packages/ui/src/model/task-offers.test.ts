import { foldEvents } from '@coppice/client';
import { expect, it } from 'vitest';
import { logOf } from './run.fixture.ts';
import type { Happening } from './run.fixture.ts';
import { offersFor } from './task-offers.ts';

const TREE = { root: [null], a: ['root'], b: ['root', 'a'] } as const;

function offered(id: string, happenings: readonly Happening[], seq = Infinity): readonly string[] {
  const run = foldEvents(logOf(TREE, happenings).filter((event) => event.seq <= seq));
  const task = run.tasks.get(id);
  return task === undefined ? [] : offersFor(task, run).map(({ action }) => action);
}

const error = { code: 'x', message: 'x', retryable: false };
const STARTED: readonly Happening[] = [['TaskStarted', 'a', { attempt: 1, input: {} }]];
const FAILED: readonly Happening[] = [
  ...STARTED,
  ['TaskFailed', 'a', { attempt: 1, error, handled: false }],
  ['TaskSkipped', 'b', { reason: { code: 'x', message: 'x' } }],
  ['RunFailed', undefined, { error, failures: [{ taskId: 'a', error }] }],
];

it('offers what the run allows: before it has begun, while it runs, and after its end', () => {
  expect(offered('root', [], 1)).toEqual(['execute', 'cancel', 'save', 'copy', 'delete']);
  expect(offered('a', [], 1)).toEqual(['execute', 'copy', 'delete']);
  expect(offered('a', STARTED)).toEqual(['pause', 'cancel', 'complete', 'skip', 'openLog', 'copy']);
  // A run as a whole is cancelled instead.
  expect(offered('root', STARTED)).toEqual(['pause', 'cancel', 'openLog', 'save', 'copy']);
  expect(offered('a', STARTED)).not.toContain('retry');
  expect(offered('a', FAILED)).toEqual(['retry', 'openLog', 'copy', 'delete']);
});

it('offers to pause what is not paused, and to resume exactly what is paused by itself (R-CP-08)', () => {
  const steering = (id: string, happenings: readonly Happening[]): readonly string[] =>
    offered(id, happenings).filter((action) => action === 'pause' || action === 'resume');
  const pausing: readonly Happening[] = [...STARTED, ['TaskPausing', 'root', {}]];
  expect(steering('root', STARTED)).toEqual(['pause']);
  expect(steering('root', pausing)).toEqual(['resume']);
  // It is paused with the run: nothing of its own can be ended.
  expect(steering('a', pausing)).toEqual([]);
  const part: readonly Happening[] = [...STARTED, ['TaskPausing', 'a', {}]];
  expect(steering('a', part)).toEqual(['resume']);
  expect(steering('root', part)).toEqual(['pause']);
  expect(steering('a', [...part, ['TaskResumed', 'a', {}]])).toEqual(['pause']);
});
