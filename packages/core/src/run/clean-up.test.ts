/** Rule 7: clean-up with `finally` runs whenever its group ends, in whatever way. */
import { describe, expect, it } from 'vitest';
import type { TaskId } from '@coppice/extension';
import { copyTree } from '../task/copy.ts';
import { copyContext } from '../task/copy-source.fixture.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

const group = {
  g: { group: true },
  a: { parentId: 'g' },
  b: { parentId: 'g', dependencies: ['a'] },
  sweep: { parentId: 'g', finally: true },
  after: { dependencies: ['g'] },
};

describe('a member with finally', () => {
  it('begins when all others have completed, and the group ends after it', () => {
    const s = new Scenario(tasksOf(group));
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root', 'TaskOpened g ready=a']);
    s.complete('a');
    expect(s.complete('b')).toEqual(['TaskCompleted b/1', 'TaskOpened g ready=sweep']);
    expect(s.complete('sweep')).toEqual(['TaskCompleted sweep/1', 'TaskCompleted g ready=after']);
    expect(s.complete('after').at(-1)).toBe('RunCompleted');
  });

  it('begins after a failure, and the group fails after it', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 dead=b:trigger error=test/failed',
      'TaskSkipped b reason=dependency',
      'TaskOpened g ready=sweep',
    ]);
    expect(s.complete('sweep')).toEqual([
      'TaskCompleted sweep/1',
      'TaskFailed g dead=after:trigger error=group/failed',
      'TaskSkipped after reason=dependency',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('makes its group fail when it fails itself', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.complete('a');
    s.complete('b');
    expect(s.fail('sweep').slice(0, 2)).toEqual([
      'TaskFailed sweep/1 error=test/failed',
      'TaskFailed g dead=after:trigger error=group/failed',
    ]);
  });

  it('is not cancelled by a scope that fails fast', () => {
    const s = new Scenario(
      tasksOf({ ...group, c: { parentId: 'g' }, g: { group: true, policies: { onFailure: 'failFast' } } }),
    );
    s.execute();
    s.start('c');
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 dead=b:trigger error=test/failed',
      'TaskSkipped b reason=dependency',
      'TaskCancelled c/1 reason=failFast',
      'TaskOpened g ready=sweep',
    ]);
  });

  it('is spared when the run is cancelled; the group and the run are cancelled after it', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.start('a');
    expect(s.cancel()).toEqual([
      'TaskCancelled after reason=user',
      'TaskCancelled b reason=user',
      'TaskCancelled a/1 dead=b:trigger reason=user',
      'TaskOpened g',
      'TaskOpened root',
      'TaskOpened g ready=sweep',
    ]);
    expect(s.run.status).toBe('running');
    expect(s.complete('sweep')).toEqual([
      'TaskCompleted sweep/1',
      'TaskCancelled g dead=after:trigger reason=user',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
  });

  it('that fails makes a cancelled run a failed one', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.cancel();
    expect(s.fail('sweep').at(-1)).toBe('RunFailed error=run/failed');
  });

  it('goes on when it alone is left and the run is cancelled; it can be cancelled by its id', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.complete('a');
    s.complete('b');
    s.start('sweep');
    expect(s.cancel()).toEqual(['TaskCancelled after reason=user', 'TaskOpened root']);
    expect(s.cancel('sweep')).toEqual([
      'TaskCancelled sweep/1 reason=user',
      'TaskCancelled g dead=after:trigger reason=scope',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
  });

  it('runs after the budget of the run, which fails with that', () => {
    const s = new Scenario(tasksOf(group), { policies: { runTimeoutMs: 50 } });
    s.execute();
    s.nowMs += 50;
    s.when({ type: 'runTimeout' });
    expect(s.when({ type: 'runTimeout' })).toEqual([]);
    s.nowMs += 500;
    s.start('sweep');
    expect(s.task('sweep').timeoutLimit).toBeUndefined();
    expect(s.complete('sweep').at(-1)).toBe('RunFailed error=timeout/run');
  });

  it('does not begin in a group that never opened', () => {
    const s = new Scenario(tasksOf({ ...group, first: [], g: { group: true, dependencies: ['first'] } }));
    s.execute();
    expect(s.fail('first').at(-1)).toBe('RunFailed error=run/failed');
    expect(s.task('sweep').status).toBe('skipped');
  });

  it('may depend on members: it is skipped when what it cleans up was never made', () => {
    const s = new Scenario(tasksOf({ ...group, sweep: { parentId: 'g', finally: true, dependencies: ['a'] } }));
    s.execute();
    expect(s.fail('a').slice(0, 3)).toEqual([
      'TaskFailed a/1 dead=b:trigger,sweep:trigger error=test/failed',
      'TaskSkipped b reason=dependency',
      'TaskSkipped sweep reason=dependency',
    ]);
    expect(s.run.status).toBe('failed');
  });

  it('may be a group, and several come one after the other', () => {
    const s = new Scenario(
      tasksOf({
        ...group,
        sweep: { group: true, parentId: 'g', finally: true },
        s1: { parentId: 'sweep' },
        last: { parentId: 'g', finally: true, dependencies: ['sweep'] },
      }),
    );
    s.execute();
    s.complete('a');
    expect(s.complete('b').slice(1)).toEqual(['TaskOpened g', 'TaskOpened sweep ready=s1']);
    expect(s.complete('s1').slice(1)).toEqual(['TaskCompleted sweep ready=last']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('runs again when its group is opened again', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.complete('a');
    s.fail('b');
    s.complete('sweep');
    s.retry('failure');
    expect(s.statuses).toBe('g:running a:completed b:ready sweep:pending after:pending');
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.task('sweep').attempt).toBe(2);
  });

  it('runs with the part of a tree that is executed', () => {
    const s = new Scenario(tasksOf(group));
    s.execute('b');
    s.completeAll();
    expect(s.statuses).toBe('g:completed a:completed b:completed sweep:completed after:pending');
  });
});

describe('a copy', () => {
  const copyOf = (s: Scenario, taskId: string) => {
    const copied = copyTree(s.run, taskId as TaskId, { options: {}, context: copyContext });
    if (!copied.ok) throw new Error(copied.rejection.message);
    return new Scenario([], { definition: copied.value });
  };

  it('of a clean-up alone is a task like any other', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.completeAll();
    const copy = copyOf(s, 'sweep');
    copy.execute();
    copy.completeAll();
    expect(copy.run.status).toBe('completed');
  });

  it('of a group cleans up again', () => {
    const s = new Scenario(tasksOf(group));
    s.execute();
    s.completeAll();
    const copy = copyOf(s, 'g');
    expect(copy.run.tasks.filter(({ definition }) => definition.finally === true && !definition.settled)).toHaveLength(
      1,
    );
    copy.execute();
    copy.completeAll();
    expect(copy.run.status).toBe('completed');
  });
});

describe('the tree of a clean-up', () => {
  const refusal = (tasks: Parameters<typeof tasksOf>[0]) => () => new Scenario(tasksOf(tasks));

  it('needs a group around it', () => {
    expect(() => new Scenario([{ id: 'root', executor: 'work', finally: true }])).toThrow(/is the root/);
    expect(refusal({ a: [], b: { parentId: 'a', finally: true } })).toThrow(/the task above it is no group/);
    expect(refusal({ a: { finally: true }, b: { parentId: 'a' } })).toThrow(/cleans up and is no group/);
  });

  it('lets nothing wait for it that it waits for', () => {
    expect(refusal({ ...group, b: { parentId: 'g', dependencies: ['sweep'] } })).toThrow(
      /depends on 'sweep', which cleans up after the other members of its group/,
    );
    expect(refusal({ ...group, after: { dependencies: ['sweep'] } })).toThrow(/a dependency on the group/);
  });
});
