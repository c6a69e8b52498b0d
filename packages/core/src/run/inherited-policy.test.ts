/** Rule 1 for policies: what a group says of attempts holds for all below it, the nearest wins; its notBefore opens it then. */
import { treeSubmissions } from '@coppice/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyOf } from './inherited-policy.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

const INHERITED = ['retry', 'timeoutMs', 'heartbeatTimeoutMs'] as const;

describe('policies of groups', () => {
  const limit = (timeoutMs?: number) => ({ policies: timeoutMs === undefined ? {} : { timeoutMs } });

  it.each([
    { from: 'the run', outer: limit(), inner: limit(), own: limit(), expected: 9 },
    { from: 'the outer group', outer: limit(7), inner: limit(), own: limit(), expected: 7 },
    { from: 'the inner group', outer: limit(7), inner: limit(5), own: limit(), expected: 5 },
    { from: 'the task', outer: limit(7), inner: limit(5), own: limit(3), expected: 3 },
    { from: 'the inner group, which has none', outer: limit(7), inner: limit(0), own: limit(), expected: undefined },
  ])('a limit of attempts comes from $from', ({ outer, inner, own, expected }) => {
    const s = new Scenario(
      tasksOf({
        g: { group: true, ...outer },
        h: { group: true, parentId: 'g', ...inner },
        a: { parentId: 'h', ...own },
      }),
      { policies: { timeoutMs: 9 } },
    );
    s.execute();
    s.start('a');
    expect(s.task('a').timeoutMs).toBe(expected);
  });

  it('a retry policy and a heartbeat limit of a group hold for its members, and the run has the last word', () => {
    const group = { group: true, policies: { retry: { maxAttempts: 3, delayMs: 0 }, heartbeatTimeoutMs: 50 } };
    const s = new Scenario(tasksOf({ g: group, a: { parentId: 'g' }, b: {} }), {
      policies: { retry: { maxAttempts: 1 } },
    });
    s.execute();
    expect(s.fail('b')[0]).toBe('TaskFailed b/1 error=test/failed');
    expect(s.fail('a')).toEqual(['RetryScheduled a/1 error=test/failed delayMs=0', 'TaskDue a']);
    s.start('a');
    s.when({ type: 'timeout', taskId: s.task('a').id, attempt: 2, limit: 'heartbeat' });
    expect(s.task('a').error).toMatchObject({ code: 'timeout/heartbeat', data: { limitMs: 50 } });
  });

  it('a parent with an executor is no scope: its policies are its own', () => {
    const s = new Scenario([
      { id: 'root', executor: 'work', policies: { timeoutMs: 5 } },
      { id: 'a', parentId: 'root', executor: 'work' },
    ]);
    expect(policyOf(s.run, s.task('a'), 'timeoutMs')).toBeUndefined();
  });

  it('over generated trees: the nearest of the task and the groups above it', () => {
    const policies = fc.record(
      {
        retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 9 }) }),
        timeoutMs: fc.nat(9),
        heartbeatTimeoutMs: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        treeSubmissions({ mode: 'id' }),
        fc.array(policies, { minLength: 20, maxLength: 20 }),
        (tree, given) => {
          const tasks = tree.tasks.map((task, at) => ({ ...task, policies: given[at] ?? {} }));
          const s = new Scenario(tasks, { checks: false, policies: { timeoutMs: 77 } });
          const byId = new Map(tasks.map((task) => [task.id, task]));
          const nearest = (id: string, name: (typeof INHERITED)[number]): unknown => {
            for (let at = byId.get(id); at !== undefined; at = byId.get(at.parentId ?? '')) {
              const isAsked = at.id === id || at.executor === undefined;
              if (isAsked && at.policies[name] !== undefined) return at.policies[name];
            }
            return name === 'timeoutMs' ? 77 : undefined;
          };
          for (const task of s.run.tasks) {
            for (const name of INHERITED) expect(policyOf(s.run, task, name)).toEqual(nearest(task.id, name));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('notBefore of a group', () => {
  const tasks = () =>
    tasksOf({
      g: { group: true, notBefore: '1970-01-01T00:00:05.000Z' },
      m: { parentId: 'g' },
      after: ['g'],
      free: [],
    });

  it('opens it then; members wait for it', () => {
    const s = new Scenario(tasks());
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=free', 'TaskDelayed g']);
    expect(s.task('g')).toMatchObject({ status: 'waiting', waiting: { for: 'delay', untilMs: 5_000 } });
    s.complete('free');
    expect(s.due('g')).toEqual([]);
    s.nowMs = 5_000;
    expect(s.due('g')).toEqual(['TaskOpened g ready=m']);
    expect(s.task('g').waiting).toBeUndefined();
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('which waits can be cancelled, and its members with it', () => {
    const s = new Scenario(tasks());
    s.execute();
    expect(s.cancel('g').slice(0, 2)).toEqual([
      'TaskCancelled m reason=user',
      'TaskCancelled g dead=after:trigger reason=user',
    ]);
  });

  it('holds for an empty group and for the root, and is past when the group is opened again', () => {
    const s = new Scenario([
      { id: 'root', notBefore: '1970-01-01T00:00:05.000Z' },
      { id: 'g', parentId: 'root', notBefore: '1970-01-01T00:00:06.000Z' },
    ]);
    expect(s.execute()).toEqual(['RunStarted', 'TaskDelayed root']);
    s.nowMs = 5_500;
    expect(s.due('root')).toEqual(['TaskOpened root', 'TaskDelayed g']);
    s.nowMs = 6_000;
    expect(s.due('g')).toEqual(['TaskOpened g', 'TaskCompleted g', 'TaskCompleted root', 'RunCompleted']);
    expect(s.retry('start')).toEqual([
      'RunReopened reset=root,g',
      'TaskOpened root',
      'TaskOpened g',
      'TaskCompleted g',
      'TaskCompleted root',
      'RunCompleted',
    ]);
  });
});
