import { describe, expect, it } from 'vitest';
import { copyOf } from '../task/copy-source.fixture.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const first = (...sources: string[]): TaskShape => ({ join: 'any', cancelOthers: true, dependencies: sources });

describe('cancelOthers with join any: a race', () => {
  it('cancels the losers in the decision of the winner, and the run completes', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: [], use: first('a', 'b', 'c') }));
    s.execute();
    s.start('a', 'b');
    expect(s.complete('b', { from: 'b' })).toEqual([
      'TaskCompleted b/1 ready=use',
      'TaskCancelled a/1 dead=use:trigger reason=race',
      'TaskCancelled c dead=use:trigger reason=race',
    ]);
    expect(s.task('a').reason?.message).toBe('b was first, and use needs one of them only');
    s.start('use');
    expect(s.task('use').input).toEqual({ b: { from: 'b' } });
    expect(s.complete('use')).toEqual(['TaskCompleted use/1', 'TaskCompleted root', 'RunCompleted']);
  });

  it('a late result of a loser changes nothing (invariant 8)', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], use: first('a', 'b') }));
    s.execute();
    s.start('a', 'b');
    s.complete('b');
    const late = { type: 'complete', taskId: s.task('a').id, attempt: 1, outcome: { output: 'late' } } as const;
    expect(s.when(late)).toEqual([]);
  });

  it('goes on while one has only failed', () => {
    const s = new Scenario(tasksOf({ a: { allowFailure: true }, b: { allowFailure: true }, use: first('a', 'b') }));
    s.execute();
    expect(s.fail('a', { retryable: false })).toEqual(['TaskFailed a/1 dead=use:trigger error=test/failed handled']);
    expect(s.complete('b')).toEqual(['TaskCompleted b/1 ready=use']);
  });

  it('spares what somebody else waits for, and not what only waits for its end', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        needed: [],
        watched: [],
        use: first('a', 'needed', 'watched'),
        other: ['needed'],
        log: { dependencies: [{ task: 'watched', required: false }] },
      }),
    );
    s.execute();
    expect(s.complete('a')).toEqual([
      'TaskCompleted a/1 ready=use',
      'TaskCancelled watched ready=log dead=use:trigger reason=race',
    ]);
  });

  it('a group that loses together with a member of it ends once', () => {
    const s = new Scenario(
      tasksOf({ a: [], g: { group: true }, m: { parentId: 'g' }, n: { parentId: 'g' }, use: first('a', 'g', 'm') }),
    );
    s.execute();
    const lines = s.complete('a');
    expect(lines.filter((line) => line.startsWith('TaskCancelled m'))).toHaveLength(1);
    expect(s.statuses).toBe('a:completed g:cancelled m:cancelled n:cancelled use:ready');
  });

  it('two races over the same sources: a source goes when both are won', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: [], x: first('a', 'c'), y: first('b', 'c') }));
    s.execute();
    expect(s.complete('a')).toEqual(['TaskCompleted a/1 ready=x']);
    expect(s.complete('b')).toEqual([
      'TaskCompleted b/1 ready=y',
      'TaskCancelled c dead=x:trigger,y:trigger reason=race',
    ]);
  });

  it('cancels a group with all that is in it, unless somebody needs a member', () => {
    const tasks = {
      g: { group: true },
      g1: { parentId: 'g' },
      g2: { parentId: 'g', dependencies: ['g1'] },
      a: [],
      use: first('a', 'g'),
    };
    const s = new Scenario(tasksOf(tasks));
    s.execute();
    expect(s.complete('a')).toEqual([
      'TaskCompleted a/1 ready=use',
      'TaskCancelled g2 reason=race',
      'TaskCancelled g1 dead=g2:trigger reason=race',
      'TaskCancelled g dead=use:trigger reason=race',
    ]);
    s.complete('use');
    expect(s.run.status).toBe('completed');
    const spared = new Scenario(tasksOf({ ...tasks, other: ['g1'] }));
    spared.execute();
    expect(spared.complete('a')).toEqual(['TaskCompleted a/1 ready=use']);
  });

  it('cancels the task only, not the tasks below one with an executor', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], below: { parentId: 'b' }, use: first('a', 'b') }));
    s.execute();
    s.complete('a');
    expect(s.statuses).toBe('a:completed b:cancelled below:ready use:ready');
  });

  it('is over before the group of the winner opens, and whatever its when says', () => {
    const s = new Scenario(
      tasksOf({
        gate: [],
        a: [],
        b: [],
        g: { group: true, dependencies: ['gate'] },
        use: { ...first('a', 'b'), parentId: 'g', when: 'run.userId == "bob"' },
      }),
    );
    s.execute();
    expect(s.complete('a')).toEqual(['TaskCompleted a/1', 'TaskCancelled b dead=use:trigger reason=race']);
    s.complete('gate');
    expect(s.statuses).toBe('gate:completed a:completed b:cancelled g:completed use:skipped');
  });

  it('retry from failure runs what failed, not the losers', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], use: first('a', 'b') }));
    s.execute();
    s.complete('a');
    s.fail('use', { retryable: false });
    expect(s.run.status).toBe('failed');
    expect(s.retry('failure')).toEqual(['RunReopened reset=root,use', 'TaskOpened root ready=use']);
    s.complete('use');
    expect(s.run.status).toBe('completed');
  });

  it('is run again by a copy of the task after it, and is lost by the same', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], use: first('a', 'b') }));
    s.execute();
    s.complete('a');
    s.complete('use');
    const copy = new Scenario([], { definition: copyOf(s.run, 'use') });
    expect(copy.execute()).toEqual([
      'RunStarted',
      'TaskOpened copy ready=copy.2,copy.3',
      'TaskCancelled copy.2 dead=copy.3:trigger reason=race',
    ]);
    copy.complete('copy.3');
    expect(copy.run.status).toBe('completed');
  });

  it('a copy that keeps the losers as they are completes, too', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], use: first('a', 'b'), x: [] }));
    s.execute();
    s.complete('a');
    s.complete('use');
    s.complete('x');
    const definition = copyOf(s.run, 'x', { mode: 'full' });
    expect(definition.tasks[2]?.settled).toMatchObject({ status: 'cancelled', reason: { code: 'race' } });
    const copy = new Scenario([], { definition });
    copy.execute();
    copy.completeAll();
    expect(copy.run.status).toBe('completed');
  });
});
