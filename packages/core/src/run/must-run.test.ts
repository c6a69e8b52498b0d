/** Rule 3 with `mustRun`: what may not be left out fails where it would be skipped. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

const mirrors = { m1: { allowFailure: true }, m2: { allowFailure: true } };

describe('a task that must run', () => {
  it('fails when none of what its any-join waits for succeeded, and the run with it', () => {
    const s = new Scenario(
      tasksOf({ ...mirrors, use: { join: 'any', mustRun: true, dependencies: ['m1', 'm2'] }, last: ['use'] }),
    );
    s.execute();
    s.fail('m1');
    expect(s.fail('m2')).toEqual([
      'TaskFailed m2/1 dead=use:trigger error=test/failed handled',
      'TaskFailed use dead=last:trigger error=dependencies/unmet',
      'TaskSkipped last reason=dependency',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
    expect(s.task('use').error?.message).toMatch(
      /^use must run. .* Mend the cause and retry from failure, or take mustRun away$/,
    );
    const last = s.log.at(-1);
    expect(last?.type === 'RunFailed' ? last.data.failures.map(({ name }) => name) : []).toEqual(['use']);
  });

  it('is skipped without it, and the run goes on', () => {
    const s = new Scenario(tasksOf({ ...mirrors, use: { join: 'any', dependencies: ['m1', 'm2'] }, last: ['use'] }));
    s.execute();
    s.fail('m1');
    expect(s.fail('m2').at(-1)).toBe('RunCompleted');
  });

  it('runs like any other when one succeeded', () => {
    const s = new Scenario(tasksOf({ ...mirrors, use: { join: 'any', mustRun: true, dependencies: ['m1', 'm2'] } }));
    s.execute();
    s.fail('m1');
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('fails for a trigger and for a condition alike, and a failure edge of it fires', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        ifFailed: { mustRun: true, dependencies: [{ task: 'a', on: ['failure'] }] },
        if1: { mustRun: true, allowFailure: true, dependencies: [{ task: 'a', condition: 'output == 1' }] },
        help: { dependencies: [{ task: 'ifFailed', on: ['failure'], handles: true }] },
      }),
    );
    s.execute();
    expect(s.complete('a', 2)).toEqual([
      'TaskCompleted a/1 dead=ifFailed:trigger,if1:condition',
      'TaskFailed ifFailed ready=help error=dependencies/unmet handled',
      'TaskFailed if1 error=dependencies/unmet handled',
    ]);
    expect(s.complete('help').at(-1)).toBe('RunCompleted');
  });

  it('in a group that is skipped, the group fails with it; others of the group are skipped', () => {
    const s = new Scenario(
      tasksOf({
        a: { allowFailure: true },
        g: { group: true, dependencies: ['a'] },
        h: { group: true, parentId: 'g' },
        m: { parentId: 'h', mustRun: true },
        n: { parentId: 'g' },
      }),
    );
    s.execute();
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 dead=g:trigger error=test/failed handled',
      'TaskSkipped n reason=scope',
      'TaskFailed m error=dependencies/unmet',
      'TaskFailed h error=group/failed',
      'TaskFailed g error=group/failed',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('can be retried from failure, together with what it waits for', () => {
    const s = new Scenario(tasksOf({ ...mirrors, use: { join: 'any', mustRun: true, dependencies: ['m1', 'm2'] } }));
    s.execute();
    s.fail('m1');
    s.fail('m2');
    s.retry('failure');
    s.completeAll();
    expect(s.statuses).toBe('m1:completed m2:completed use:completed');
  });
});
