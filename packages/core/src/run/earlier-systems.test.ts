/** What earlier systems of this kind got wrong, as far as decisions go; titles quote the model. What has a home elsewhere is quoted there. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

describe('"What earlier systems of this kind got wrong"', () => {
  it('"every ready task started one by one after each completion": one decision names all that became ready', () => {
    const leaves = Array.from({ length: 50 }, (_, at) => `leaf${at}`);
    const s = new Scenario(tasksOf({ a: [], ...Object.fromEntries(leaves.map((leaf) => [leaf, ['a']])) }));
    s.execute();
    expect(s.complete('a')).toEqual([`TaskCompleted a/1 ready=${leaves.join()}`]);
    expect(s.start(...leaves)).toHaveLength(50);
    expect(s.run.executing).toBe(50);
  });

  it('"A completed dependency with a null result blocks its dependents for ever"', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], c: { join: 'any', dependencies: ['a'] } }));
    s.execute();
    expect(s.complete('a', null)).toEqual(['TaskCompleted a/1 ready=b,c']);
    s.start('b');
    expect(s.task('b').input).toEqual({ a: null });
  });

  it('"optional dependencies never waited for"', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: { dependencies: ['a', { task: 'b', required: false }] } }));
    s.execute();
    s.complete('a');
    expect(s.task('c').status).toBe('pending');
    s.fail('b');
    expect(s.task('c').status).toBe('ready');
  });

  it('"dependents of a failed task stay pending without a reason"', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], c: ['b'] }));
    s.execute();
    s.fail('a');
    expect(s.ids('pending')).toEqual([]);
    expect(['b', 'c'].map((id) => s.task(id).reason?.message)).toEqual([
      'The dependencies can no longer be met: a has failed',
      'The dependencies can no longer be met: b was skipped',
    ]);
  });

  it('"a root completes above a failed child", with an executor or without', () => {
    for (const root of [{}, { executor: 'work' }]) {
      const s = new Scenario(tasksOf({ a: [] }, root));
      s.execute();
      if (s.task('root').status === 'ready') s.complete('root');
      s.fail('a');
      expect(s.run.status).toBe('failed');
    }
  });

  it('"crashed running tasks are never recovered"', () => {
    const s = new Scenario(tasksOf({ a: [], b: [] }));
    s.execute();
    s.start('a', 'b');
    s.when({ type: 'interrupt', reason: 'crash', failing: [] });
    expect(s.ids('ready')).toEqual(['a', 'b']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('"a downstream task reads its source’s input instead of its output"', () => {
    const s = new Scenario(
      tasksOf({ a: { inputs: { x: 'input' } }, b: { dependencies: ['a'], inputs: { y: '${{ deps.a.x }}' } } }),
    );
    s.execute();
    s.complete('a', { x: 'output' });
    s.start('b');
    expect(s.task('b').input).toEqual({ a: { x: 'output' }, y: 'output' });
  });

  it('"conditions are evaluated before the output is applied"', () => {
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: [{ task: 'a', condition: 'output.go == true' }] } }));
    s.execute();
    expect(s.complete('a', { go: true })).toEqual(['TaskCompleted a/1 ready=b']);
  });

  it('"A join runs once per branch, or never": once, for every join, whatever ends first', () => {
    for (const join of ['all', 'any', 'settled'] as const) {
      for (const order of [
        ['a', 'b', 'c'],
        ['c', 'a', 'b'],
        ['b', 'c', 'a'],
      ]) {
        const s = new Scenario(tasksOf({ a: [], b: [], c: [], j: { join, dependencies: ['a', 'b', 'c'] } }));
        s.execute();
        for (const id of order) s.complete(id);
        s.completeAll();
        expect(s.log.filter((event) => event.type === 'TaskStarted' && event.taskId === 'j')).toHaveLength(1);
        expect(s.run.status).toBe('completed');
      }
    }
  });

  it('Retry: "zero max delay means no delay": a cap of 0 is a cap, the log says so, and the attempts are counted', () => {
    const s = new Scenario(tasksOf({ a: { policies: { retry: { delayMs: 0, maxDelayMs: 0, maxAttempts: 2 } } } }));
    s.execute();
    expect(s.fail('a')).toEqual(['RetryScheduled a/1 error=test/failed delayMs=0', 'TaskDue a']);
    expect(s.fail('a')[0]).toBe('TaskFailed a/2 error=retry/exhausted');
  });

  it('"a sleep holds a slot": neither a back-off nor a delay executes anything', () => {
    const s = new Scenario(
      tasksOf({ a: { policies: { retry: { delayMs: 1_000 } } }, b: { notBefore: '2030-01-01T00:00:00.000Z' } }),
    );
    s.execute();
    s.fail('a');
    expect([s.ids('waiting'), s.run.executing]).toEqual([['a', 'b'], 0]);
  });

  it('no progress is never silence (R-SC-17): a state that nothing can move fails and names the tasks', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'] }), { checks: false });
    s.execute();
    // No command leads here; a fault of ours would.
    s.start('a');
    s.task('b').unsettled++;
    const events = s.complete('a');
    expect(events.at(-1)).toBe('RunFailed error=run/no-progress');
    expect(s.run.error?.message).toContain('b');
  });
});
