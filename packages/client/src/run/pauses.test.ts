import type { RunEvent } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { foldEvents } from './apply-event.ts';
import { stillText } from './holds.ts';
import { pauseOf } from './pauses.ts';

const START_MS = Date.UTC(2026, 10, 20, 12);
const at = (ms: number): string => new Date(START_MS + ms).toISOString();

function task(id: string, parentId?: string): object {
  const work = { inputs: {}, dependencies: [], join: 'all', priority: 2, policies: {} };
  const rest = { allowFailure: false, capabilities: [], tags: [], metadata: {} };
  const place = parentId === undefined ? {} : { parentId };
  const executor = parentId === 'group' ? { executor: 'work' } : {};
  return { id, key: id, name: id, ...work, ...rest, ...place, ...executor };
}

/** A run of `root`, `group` in it, and `a` in that, whose attempt has failed at 100 ms and is due again at 1100. */
function events(...more: readonly (readonly [ms: number, type: string, taskId: string, data?: object])[]): RunEvent[] {
  const error = { code: 'x', message: 'x', retryable: true };
  const definition = { treeId: 'root', tasks: [task('root'), task('group', 'root'), task('a', 'group')], inputs: {} };
  const all = [
    [0, 'TreeCreated', undefined, { definition, userId: 'ann', seed: '' }],
    [0, 'RunStarted', undefined, { ready: ['a'] }],
    [0, 'TaskStarted', 'a', { input: {} }],
    [100, 'RetryScheduled', 'a', { error, delayMs: 1_000, dueAt: at(1_100) }],
    ...more,
  ] as const;
  return all.map(([ms, type, taskId, data = {}], index) => {
    const subject = taskId === undefined ? {} : { taskId };
    return { treeId: 'root', seq: index + 1, at: at(ms), v: 1, type, ...subject, data } as RunEvent;
  });
}

it('R-CP-08: a run, and what is paused of it, look so', () => {
  const view = foldEvents(events([200, 'TaskPausing', 'root', { reason: 'the move' }]));
  expect(view.status).toBe('pausing');
  const [root, a] = [view.tasks.get('root')!, view.tasks.get('a')!];
  expect([stillText(root), stillText(a)]).toEqual(['pausing · the move', 'paused · the move']);
  const reached = foldEvents(events([200, 'TaskPausing', 'root'], [300, 'TaskPaused', 'root']));
  expect([reached.status, stillText(reached.tasks.get('root')!)]).toEqual(['paused', 'paused']);
});

it('R-CP-09: a resume moves the next attempt on by exactly the paused time, also with one pause inside another', () => {
  const view = foldEvents(
    events(
      [200, 'TaskPausing', 'group'],
      [300, 'TaskPausing', 'root'],
      [500, 'TaskResumed', 'group'],
      [800, 'TaskResumed', 'root'],
    ),
  );
  expect(view.tasks.get('a')?.waiting?.untilMs).toBe(START_MS + 1_100 + 600);
  expect([view.status, view.paused.size]).toEqual(['running', 0]);
});

it('nothing is paused any more once the run has ended', () => {
  const reason = { code: 'user', message: 'enough' };
  const view = foldEvents(events([200, 'TaskPausing', 'group'], [300, 'RunCancelled', undefined as never, { reason }]));
  expect([view.status, stillText(view.tasks.get('group')!)]).toEqual(['cancelled', '']);
});

it('R-CP-08: says since when, by whom and why, and of what it keeps still only', () => {
  const [first, ...rest] = events([200, 'TaskPausing', 'group', { reason: 'the move' }]).toReversed();
  const by = { userId: 'ann', face: 'page' } as const;
  const view = foldEvents([...rest.toReversed(), { ...first, actor: by } as RunEvent]);
  expect(view.tasks.get('group')?.pause).toEqual({
    sinceMs: START_MS + 200,
    reason: 'the move',
    by,
    isReached: false,
  });
  expect(pauseOf(view.tasks.get('a')!)).toEqual({ word: 'paused', reason: 'the move' });
  expect(pauseOf(view.tasks.get('root')!)).toBeUndefined();
});
