/** Rule 7: when a scope fails, what was done in it is undone, the last first. */
import type { TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { copyContext } from '../task/copy-source.fixture.ts';
import { copyTree } from '../task/copy.ts';
import type { TaskSubmission } from '../task/submission.ts';
import { Scenario, tasksOf, type ScenarioOptions, type TaskShape } from './run.fixture.ts';

const undo = (more: Partial<NonNullable<TaskSubmission['compensate']>> = {}): Pick<TaskShape, 'compensate'> => ({
  compensate: { executor: 'undo', ...more },
});

/** A, B and C can be undone; D fails. */
const saga: Record<string, TaskShape> = {
  g: { group: true },
  a: { parentId: 'g', ...undo() },
  b: { parentId: 'g', dependencies: ['a'], ...undo() },
  c: { parentId: 'g', dependencies: ['b'], ...undo() },
  d: { parentId: 'g', dependencies: ['c'], ...undo() },
};

function failed(tasks = saga, options: ScenarioOptions = {}): Scenario {
  const s = new Scenario(tasksOf(tasks), options);
  s.execute();
  for (const id of ['a', 'b', 'c']) s.complete(id, `did ${id}`);
  s.fail('d');
  return s;
}

const undone = (s: Scenario) =>
  s.run.tasks.flatMap(({ definition, status }) =>
    definition.compensates === undefined ? [] : [`${definition.compensates}:${status}`],
  );

describe('compensation', () => {
  it('undoes what has completed, the last first, and the group fails after it (R-SG-01, R-SG-02)', () => {
    const s = failed();
    expect(s.run.byId.get('g:undo.0' as TaskId)?.definition).toMatchObject({
      name: 'Compensation of c',
      executor: 'undo',
      policies: { idempotencyKey: 'root/c/compensate' },
    });
    expect(undone(s)).toEqual(['c:ready', 'b:pending', 'a:pending']);
    expect(s.complete('g:undo.0')).toEqual(['TaskCompleted g:undo.0/1 ready=g:undo.1']);
    expect(s.complete('g:undo.1')).toEqual(['TaskCompleted g:undo.1/1 ready=g:undo.2']);
    expect(s.complete('g:undo.2')).toEqual([
      'TaskCompleted g:undo.2/1',
      'TaskFailed g error=group/failed',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
    expect(s.task('g').error).toMatchObject({
      message: 'd failed in group g; 3 tasks were compensated',
      data: { compensation: 'complete' },
    });
    expect(s.log.at(-1)?.data).toMatchObject({
      failures: [{ taskId: 'd' }],
      compensation: { result: 'complete', tasks: 3, failures: [] },
    });
  });

  it('is no part of the normal path: neither entry point nor counted (R-SG-04)', () => {
    const s = new Scenario(tasksOf(saga));
    s.execute();
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(undone(s)).toEqual([]);
    const compensating = failed();
    const { counts, selectedCount } = compensating.run;
    expect(selectedCount).toBe(6);
    expect(counts.ready + counts.pending).toBe(0);
    for (const id of ['g:undo.0', 'g:undo.1', 'g:undo.2']) compensating.complete(id);
    expect(compensating.refused({ type: 'retry', mode: 'task', taskId: 'g:undo.0' as TaskId }).message).toMatch(
      /^Compensation of c \(g:undo\.0\) is a compensation: it runs only when its group fails/,
    );
  });

  it('reads the task that it undoes, the failure and the list (R-SG-03)', () => {
    const inputs = {
      of: '${{ original.key }}',
      made: '${{ original.output }}',
      from: '${{ original.input.x }}',
      because: '${{ failure.error.message }}',
      by: '${{ failure.task.name }}',
      all: '${{ compensating }}',
    };
    const s = failed({ ...saga, b: { ...saga['b'], inputs: { x: 7 }, ...undo({ inputs }) } });
    s.complete('g:undo.0');
    s.start('g:undo.1');
    const named = ['c', 'b', 'a'].map((key) => ({ id: key, key, name: key }));
    expect(s.task('g:undo.1').input).toEqual({
      of: 'b',
      made: 'did b',
      from: 7,
      because: 'It failed',
      by: 'd',
      all: named,
    });
  });

  it('goes on after a compensation that failed, and says that it is partial (R-SG-07)', () => {
    const retry = { maxAttempts: 2, strategy: 'immediate' as const };
    const s = failed(
      { ...saga, c: { ...saga['c'], ...undo({ policies: { retry } }) } },
      { policies: { onFailure: 'failFast' } },
    );
    expect(s.fail('g:undo.0')[0]).toBe('RetryScheduled g:undo.0/1 error=test/failed delayMs=0');
    expect(s.fail('g:undo.0')).toEqual(['TaskFailed g:undo.0/2 ready=g:undo.1 error=retry/exhausted handled']);
    s.complete('g:undo.1');
    s.complete('g:undo.2');
    expect(s.task('g').error).toMatchObject({
      message: 'd failed in group g; compensation is partial: Compensation of c did not complete, so undo that by hand',
      data: { compensation: 'partial', compensationFailures: ['g:undo.0'] },
    });
    expect(s.log.at(-1)?.data).toMatchObject({
      failureCount: 1,
      compensation: {
        result: 'partial',
        tasks: 3,
        failures: [{ taskId: 'g:undo.0', error: { code: 'retry/exhausted' } }],
      },
    });
  });

  it('follows the order of completion, not the declared one, also within a millisecond', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true },
        a: { parentId: 'g', ...undo() },
        b: { parentId: 'g', ...undo() },
        d: { parentId: 'g' },
      }),
    );
    s.execute();
    s.complete('b');
    s.complete('a');
    s.fail('d');
    expect(undone(s)).toEqual(['a:ready', 'b:pending']);
  });

  it('is that of the group where a completed group says how it is undone', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true, ...undo() },
        a: { parentId: 'g', ...undo() },
        d: { dependencies: ['g'] },
      }),
    );
    s.execute();
    s.complete('a');
    s.fail('d');
    expect(undone(s)).toEqual(['g:ready']);
    s.complete('root:undo.0');
    expect(s.run.status).toBe('failed');
  });

  const branches: Record<string, TaskShape> = {
    left: { group: true },
    l1: { parentId: 'left', ...undo() },
    l2: { parentId: 'left', dependencies: ['l1'] },
    right: { group: true },
    r1: { parentId: 'right', ...undo() },
  };

  it('is of the scope in which the failure began; with the level run of the whole run (R-SG-05)', () => {
    for (const level of ['scope', 'run'] as const) {
      const s = new Scenario(tasksOf(branches), { policies: { compensation: { level } } });
      s.execute();
      s.complete('r1');
      s.complete('l1');
      s.fail('l2');
      expect(undone(s)).toEqual(level === 'scope' ? ['l1:ready'] : ['l1:ready', 'r1:pending']);
      s.completeAll();
      expect(s.run.status).toBe('failed');
      expect(undone(s).every((line) => line.endsWith('completed'))).toBe(true);
    }
  });

  it('undoes nothing twice, also when a scope further up fails for a reason of its own (R-SG-06)', () => {
    const s = new Scenario(tasksOf({ ...branches, last: { dependencies: [{ task: 'left', required: false }] } }));
    s.execute();
    s.complete('r1');
    s.complete('l1');
    s.fail('l2');
    s.complete('left:undo.0');
    s.fail('last');
    expect(undone(s)).toEqual(['l1:completed', 'r1:ready']);
    s.completeAll();
    expect(s.log.at(-1)?.data).toMatchObject({ compensation: { result: 'complete', tasks: 2 } });
  });

  it('does not follow a cancellation, unless the policy says so', () => {
    const plain = new Scenario(tasksOf(saga));
    plain.execute();
    plain.complete('a');
    expect(plain.cancel().at(-1)).toBe('RunCancelled reason=user');
    const s = new Scenario(tasksOf(saga), { policies: { compensation: { onCancel: true } } });
    s.execute();
    s.complete('a');
    s.cancel();
    expect(undone(s)).toEqual(['a:ready']);
    expect(s.cancel()).toEqual([]);
    s.start('root:undo.0');
    expect(s.complete('root:undo.0')).toEqual([
      'TaskCompleted root:undo.0/1',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
    expect(s.log.at(-1)?.data).toMatchObject({ compensation: { result: 'complete', tasks: 1 } });
  });

  it('comes after the budget of the run, and before the clean-up', () => {
    const s = new Scenario(tasksOf({ ...saga, sweep: { finally: true } }), { policies: { runTimeoutMs: 10 } });
    s.execute();
    s.complete('a');
    s.nowMs += 10;
    s.when({ type: 'runTimeout' });
    expect(undone(s)).toEqual(['a:ready']);
    expect(s.task('sweep').status).toBe('pending');
    expect(s.complete('root:undo.0').at(-1)).toBe('TaskOpened root ready=sweep');
    expect(s.complete('sweep').at(-1)).toBe('RunFailed error=timeout/run');
  });

  it('makes a retry from failure do again what was undone, and compensate that anew (R-SG-06)', () => {
    const s = failed();
    s.completeAll();
    s.retry('failure');
    expect(s.statuses).toBe('g:running a:ready b:pending c:pending d:pending');
    for (const id of ['a', 'b', 'c']) s.complete(id);
    s.fail('d');
    expect(undone(s)).toEqual(['c:ready', 'b:pending', 'a:pending']);
    expect(s.run.tasks.at(-1)?.definition.policies.idempotencyKey).toBe('root/a#1/compensate');
  });

  it('is no part of a copy, and what was undone runs again in it', () => {
    const s = failed();
    s.completeAll();
    const copied = copyTree(s.run, 'd' as TaskId, { options: {}, context: copyContext });
    const tasks = copied.ok ? copied.value.tasks : [];
    expect(
      tasks.filter(({ settled, kind }) => settled === undefined && kind === 'executor').map(({ key }) => key),
    ).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is refused where nothing could ask for it', () => {
    expect(() => new Scenario([{ id: 'root', executor: 'work', ...undo() }])).toThrow(/no group is around it/);
    expect(() => failed({ ...saga, a: { ...saga['a'], ...undo({ inputs: { x: '${{ deps.b }}' } }) } })).toThrow(
      /a compensation reads the task that it undoes as original/,
    );
    expect(() => failed({ ...saga, a: { ...saga['a'], ...undo({ policies: { concurrency: 1 } }) } })).toThrow(
      /has concurrency in the policies of its compensation/,
    );
  });
});
