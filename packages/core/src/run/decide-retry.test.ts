/** Re-opening a settled run (R-RT-13, R-RT-14): from the start, from what failed, or one task. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

const tasks = tasksOf({
  a: [],
  b: ['a'],
  c: ['b'],
  free: [],
  g: { group: true, dependencies: ['b'] },
  m: { parentId: 'g' },
});

function failedAtB(): Scenario {
  const s = new Scenario(tasks);
  s.execute();
  s.complete('a', 'kept');
  s.fail('b');
  s.complete('free');
  expect(s.run.status).toBe('failed');
  return s;
}

describe('mode failure', () => {
  it('keeps what completed and runs what failed with everything behind it', () => {
    const s = failedAtB();
    expect(s.retry('failure')).toEqual(['RunReopened reset=root,b,c,g,m', 'TaskOpened root ready=b']);
    expect(s.task('a')).toMatchObject({ status: 'completed', output: 'kept' });
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.task('b').attempt).toBe(2);
  });

  it('without cascade resets only what failed and the groups around it', () => {
    const s = failedAtB();
    expect(s.retry('failure', { cascade: false })[0]).toBe('RunReopened reset=root,b');
    s.completeAll();
    expect(s.task('c').status).toBe('skipped');
    expect(s.run.status).toBe('completed');
  });

  it('gives a re-opened task its full number of attempts, numbers going on, and a key of its own', () => {
    const s = new Scenario(tasksOf({ a: { policies: { retry: { maxAttempts: 2, delayMs: 0 } } } }));
    s.execute();
    s.fail('a');
    s.fail('a');
    expect(s.run.status).toBe('failed');
    s.retry('failure');
    s.start('a');
    expect(s.task('a')).toMatchObject({ attempt: 3, idempotencyKey: 'root/a#1' });
    expect(s.fail('a')[0]).toContain('RetryScheduled a/3');
    expect(s.fail('a')[0]).toContain('TaskFailed a/4 error=retry/exhausted');
  });

  it('re-opens a cancelled run', () => {
    const s = new Scenario(tasks);
    s.execute();
    s.complete('a');
    s.cancel();
    s.retry('failure');
    expect(s.ids('ready')).toEqual(['b', 'free']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('re-opens a run that was cancelled before it started', () => {
    const s = new Scenario(tasks);
    s.cancel();
    s.retry('failure');
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.run.startedAtMs).toBeDefined();
  });

  it('re-opens an empty group that was cancelled, and what depends on it', () => {
    const s = new Scenario(tasksOf({ a: [], g: { group: true, dependencies: ['a'] }, z: ['g'] }));
    s.execute();
    s.cancel();
    s.retry('failure');
    s.completeAll();
    expect(s.statuses).toBe('a:completed g:completed z:completed');
  });

  it('"Re-execution leaves stale results downstream": dependents are reset, also through groups', () => {
    const s = new Scenario(
      tasksOf({
        a: { allowFailure: true },
        z: { dependencies: [{ task: 'a', required: false }] },
        g: { group: true, dependencies: ['z'] },
        m: { parentId: 'g' },
      }),
    );
    s.execute();
    s.fail('a');
    s.completeAll('stale');
    expect(s.run.status).toBe('completed');
    expect(s.retry('failure')[0]).toBe('RunReopened reset=root,a,z,g,m');
    expect(s.task('m')).toMatchObject({ output: null, endedAtMs: undefined, input: undefined });
  });
});

describe('mode start', () => {
  it('runs everything again, with other inputs', () => {
    const s = failedAtB();
    expect(s.retry('start', { inputs: { n: 2 } })).toEqual([
      'RunReopened reset=root,a,b,c,free,g,m',
      'TaskOpened root ready=a,free',
    ]);
    expect(s.run.inputs).toEqual({ n: 2 });
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('decides an any join anew', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: { join: 'any', dependencies: ['a', 'b'] } }));
    s.execute();
    s.complete('b', 'b1');
    s.completeAll();
    s.retry('start');
    expect(s.task('c').winner).toBeUndefined();
    s.complete('a', 'a2');
    s.start('c');
    expect(s.task('c')).toMatchObject({ winner: 'a', input: { a: 'a2' } });
  });

  it('repeats only what the run executed', () => {
    const s = new Scenario(tasks);
    s.execute('b');
    s.completeAll();
    expect(s.retry('start')[0]).toBe('RunReopened reset=root,a,b');
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.ids('pending')).toEqual(['c', 'free', 'g', 'm']);
  });

  it('opens the edges of skipped and settled tasks again', () => {
    const s = failedAtB();
    s.retry('start');
    s.complete('a');
    s.fail('b');
    s.completeAll();
    expect(s.statuses).toBe('a:completed b:failed c:skipped free:completed g:skipped m:skipped');
  });
});

describe('mode task', () => {
  it('runs one completed task again, with its dependents', () => {
    const s = new Scenario(tasks);
    s.execute();
    s.completeAll();
    expect(s.retry('task', { taskId: 'b' })).toEqual(['RunReopened reset=root,b,c,g,m', 'TaskOpened root ready=b']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('without cascade only itself', () => {
    const s = new Scenario(tasks);
    s.execute();
    s.completeAll();
    expect(s.retry('task', { taskId: 'b', cascade: false })[0]).toBe('RunReopened reset=root,b');
    expect(s.complete('b')).toEqual(['TaskCompleted b/2', 'TaskCompleted root', 'RunCompleted']);
  });

  it('runs a group’s sub-tree', () => {
    const s = new Scenario(tasks);
    s.execute();
    s.completeAll();
    expect(s.retry('task', { taskId: 'g' })[0]).toBe('RunReopened reset=root,g,m');
    s.completeAll();
    expect(s.task('m').attempt).toBe(2);
  });

  it('-32007 is refused below a failed dependency', () => {
    expect(failedAtB().refused({ type: 'retry', mode: 'task', taskId: 'c' as never })).toMatchObject({
      code: 'task/dependencies-unsatisfied',
      data: { unmet: ['b'] },
    });
  });

  it('is refused for a task that the run did not execute', () => {
    const s = new Scenario(tasks);
    s.execute('a');
    s.completeAll();
    expect(s.refused({ type: 'retry', mode: 'task', taskId: 'm' as never }).code).toBe('task/invalid-transition');
  });

  it('of a group runs only those members again that the run had executed', () => {
    const s = new Scenario(
      tasksOf({ x: [], g: { group: true }, m: { parentId: 'g' }, n: { parentId: 'g', dependencies: ['x'] } }),
    );
    s.execute('m');
    s.completeAll();
    s.retry('task', { taskId: 'g' });
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.statuses).toBe('x:pending g:completed m:completed n:pending');
  });
});

describe('refusals', () => {
  it('names the status: not started, running, nothing failed', () => {
    const s = new Scenario(tasks);
    expect(s.refused({ type: 'retry', mode: 'failure' }).code).toBe('task/invalid-transition');
    s.execute();
    expect(s.refused({ type: 'retry', mode: 'failure' }).code).toBe('run/already-running');
    s.completeAll();
    expect(s.refused({ type: 'retry', mode: 'failure' }).message).toContain('Nothing in tree root has failed');
  });

  it('after a re-opening nothing else follows a terminal event (invariant 12)', () => {
    const s = failedAtB();
    s.retry('failure');
    s.completeAll();
    const ends = new Set(['RunCompleted', 'RunFailed', 'RunCancelled']);
    const after = s.log.filter((_, at) => at > 0 && ends.has(s.log[at - 1]?.type ?? ''));
    expect(after.map((event) => event.type)).toEqual(['RunReopened']);
  });
});
