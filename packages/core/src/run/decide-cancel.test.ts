/** Cancelling (R-TO-06): cascades to the sub-tree, in one decision, and names the reason. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

describe('cancel', () => {
  it('the run: every task that has not ended, members before their groups, then the run', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], g: { group: true }, m: { parentId: 'g' }, done: [] }));
    s.execute();
    s.complete('done');
    s.start('a');
    expect(s.cancel()).toEqual([
      'TaskCancelled m reason=user',
      'TaskCancelled g reason=user',
      'TaskCancelled b reason=user',
      'TaskCancelled a/1 dead=b:trigger reason=user',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
    expect(s.run.counts).toMatchObject({ completed: 1, cancelled: 5 });
  });

  it('a sub-tree: only it, and its dependents are skipped with the reason', () => {
    const s = new Scenario(
      tasksOf({ g: { group: true }, m: { parentId: 'g' }, n: { parentId: 'm' }, z: ['g'], free: [] }),
    );
    s.execute();
    expect(s.cancel('g')).toEqual([
      'TaskCancelled n reason=user',
      'TaskCancelled m reason=user',
      'TaskCancelled g dead=z:trigger reason=user',
      'TaskSkipped z reason=dependency',
    ]);
    expect(s.complete('free')).toEqual([
      'TaskCompleted free/1',
      'TaskCancelled root reason=scope',
      'RunCancelled reason=user',
    ]);
  });

  it('"cancel waits for the whole back-off": a waiting task is cancelled at once', () => {
    const s = new Scenario(tasksOf({ a: { policies: { retry: { delayMs: 60_000 } } } }));
    s.execute();
    s.fail('a');
    expect(s.cancel()).toEqual([
      'TaskCancelled a reason=user',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
  });

  it('the last open member closes its group, which is not completed without it', () => {
    const s = new Scenario(tasksOf({ g: { group: true }, m: { parentId: 'g' } }));
    s.execute();
    expect(s.cancel('m')).toEqual([
      'TaskCancelled m reason=user',
      'TaskCancelled g reason=scope',
      'TaskCancelled root reason=scope',
      'RunCancelled reason=user',
    ]);
  });

  it('a pending task before the run has started; the run then goes on without it, and is cancelled in the end', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], c: [] }));
    expect(s.cancel('a')).toEqual(['TaskCancelled a dead=b:trigger reason=user']);
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=c', 'TaskSkipped b reason=dependency']);
    expect(s.complete('c').at(-1)).toBe('RunCancelled reason=user');
  });

  it.each([
    { what: 'a leaf', tasks: { a: [], b: [] }, ends: 'cancelled' },
    { what: 'a required dependency', tasks: { a: [], b: ['a'] }, ends: 'cancelled' },
    {
      what: 'an optional dependency',
      tasks: { a: [], b: { dependencies: [{ task: 'a', required: false }] } },
      ends: 'cancelled',
    },
    {
      what: 'one of an any-join',
      tasks: { a: [], c: [], b: { join: 'any', dependencies: ['a', 'c'] } },
      ends: 'cancelled',
    },
    { what: 'what is allowed to fail', tasks: { a: { allowFailure: true }, b: ['a'] }, ends: 'completed' },
    { what: 'a member of a group', tasks: { g: { group: true }, a: { parentId: 'g' }, b: ['g'] }, ends: 'cancelled' },
    {
      what: 'a member of a group that is allowed to fail',
      tasks: { g: { group: true, allowFailure: true }, a: { parentId: 'g' }, b: [] },
      ends: 'completed',
    },
    { what: 'something beside a failure', tasks: { a: [], bad: [] }, ends: 'failed' },
  ] as const)('$what: the run ends $ends', ({ tasks, ends }) => {
    const s = new Scenario(tasksOf(tasks));
    s.execute();
    s.cancel('a');
    if ('bad' in tasks) s.fail('bad');
    s.completeAll();
    expect(s.run.status).toBe(ends);
    const reason = { code: 'user', message: 'a was cancelled: Cancelled by the user' };
    expect(s.run.reason).toEqual(ends === 'cancelled' ? reason : undefined);
  });

  it('of what the run does not execute changes nothing; a retry from failure runs it again', () => {
    const s = new Scenario(tasksOf({ a: [], b: [] }));
    s.cancel('a');
    s.execute('b');
    expect(s.complete('b').at(-1)).toBe('RunCompleted');
    const t = new Scenario(tasksOf({ a: [], b: ['a'] }));
    t.execute();
    t.cancel('a');
    t.retry('failure');
    t.completeAll();
    expect(t.run.status).toBe('completed');
  });

  it('a run that never started', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'] }));
    expect(s.cancel().at(-1)).toBe('RunCancelled reason=user');
    expect(s.run.status).toBe('cancelled');
  });

  it('a root with an executor and its children', () => {
    const s = new Scenario([
      { id: 'root', executor: 'work' },
      { id: 'a', parentId: 'root', executor: 'work' },
    ]);
    s.execute();
    expect(s.cancel()).toEqual([
      'TaskCancelled a reason=user',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
  });

  it('is refused for a task that an ended run has left out: nothing follows a terminal event', () => {
    const s = new Scenario(tasksOf({ a: [], b: [] }));
    s.execute('a');
    s.complete('a');
    expect(s.refused({ type: 'cancel', taskId: s.task('b').id }).message).toContain(
      'pending in a run that has completed',
    );
  });

  it('is refused for what has ended and what does not exist', () => {
    const s = new Scenario(tasksOf({ a: [] }));
    s.execute();
    s.complete('a');
    expect(s.refused({ type: 'cancel', taskId: s.task('a').id })).toMatchObject({
      code: 'task/invalid-transition',
      data: { status: 'completed' },
    });
    expect(s.refused({ type: 'cancel' }).code).toBe('task/invalid-transition');
    expect(s.refused({ type: 'cancel', taskId: 'zz' as never }).code).toBe('task/not-found');
  });
});
