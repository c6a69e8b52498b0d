/** Rule 7 for scopes: failure policies, failure edges, allowed failures, and how failures reach the root. */
import { describe, expect, it } from 'vitest';
import type { Dependency } from '../task/task.ts';
import { definitionFor, Scenario, tasksOf } from './run.fixture.ts';

describe('an unhandled failure', () => {
  it('finishIndependent (default): independent tasks go on, the group and the run fail at the end', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: ['b'] }));
    s.execute();
    s.fail('a');
    expect(s.run.status).toBe('running');
    s.complete('b');
    expect(s.complete('c')).toEqual([
      'TaskCompleted c/1',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('R-ER-02 lists every unhandled failure in the run’s last event', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], ok: [], g: { group: true }, m: { parentId: 'g' } }));
    s.execute();
    for (const task of ['a', 'b', 'm']) s.fail(task, { code: `test/${task}` });
    s.complete('ok');
    const last = s.log.at(-1);
    expect(
      last?.type === 'RunFailed' ? last.data.failures.map(({ taskId, error }) => `${taskId} ${error.code}`) : [],
    ).toEqual(['a test/a', 'b test/b', 'm test/m']);
  });

  it('failFast of the run cancels what is open and fails', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: ['b'], d: [] }), { policies: { onFailure: 'failFast' } });
    s.execute();
    s.start('b');
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 error=test/failed',
      'TaskCancelled d reason=failFast',
      'TaskCancelled c reason=failFast',
      'TaskCancelled b/1 dead=c:trigger reason=failFast',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('failFast of a group leaves the rest of the tree alone', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true, policies: { onFailure: 'failFast' } },
        m: { parentId: 'g' },
        n: { parentId: 'g' },
        z: [],
        after: ['g'],
      }),
    );
    s.execute();
    expect(s.fail('m')).toEqual([
      'TaskFailed m/1 error=test/failed',
      'TaskCancelled n reason=failFast',
      'TaskFailed g dead=after:trigger error=group/failed',
      'TaskSkipped after reason=dependency',
    ]);
    expect(s.ids('ready')).toEqual(['z']);
  });

  it('finishIndependent of a group wins over failFast of the run until the group itself has failed', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true, policies: { onFailure: 'finishIndependent' } },
        m: { parentId: 'g' },
        n: { parentId: 'g' },
        z: [],
      }),
      { policies: { onFailure: 'failFast' } },
    );
    s.execute();
    s.fail('m');
    expect(s.ids('ready')).toEqual(['n', 'z']);
    expect(s.complete('n')).toEqual([
      'TaskCompleted n/1',
      'TaskFailed g error=group/failed',
      'TaskCancelled z reason=failFast',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('failFast below a root with an executor cancels its siblings and the root', () => {
    const s = new Scenario(
      [
        { id: 'root', executor: 'work' },
        { id: 'a', parentId: 'root', executor: 'work' },
      ],
      { policies: { onFailure: 'failFast' } },
    );
    s.execute();
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 error=test/failed',
      'TaskCancelled root reason=failFast',
      'RunFailed error=run/failed',
    ]);
  });

  it('travels through nested groups to the root', () => {
    const s = new Scenario(tasksOf({ g: { group: true }, h: { group: true, parentId: 'g' }, m: { parentId: 'h' } }));
    s.execute();
    expect(s.fail('m')).toEqual([
      'TaskFailed m/1 error=test/failed',
      'TaskFailed h error=group/failed',
      'TaskFailed g error=group/failed',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });
});

describe('a handled failure', () => {
  it('allowFailure: the scope completes', () => {
    const s = new Scenario(tasksOf({ a: { allowFailure: true }, b: [] }));
    s.execute();
    expect(s.fail('a')).toEqual(['TaskFailed a/1 error=test/failed handled']);
    expect(s.complete('b').at(-1)).toBe('RunCompleted');
  });

  it('allowFailure on a group stops the failure there', () => {
    const s = new Scenario(tasksOf({ g: { group: true, allowFailure: true }, m: { parentId: 'g' } }));
    s.execute();
    expect(s.fail('m').slice(1)).toEqual([
      'TaskFailed g error=group/failed handled',
      'TaskCompleted root',
      'RunCompleted',
    ]);
  });

  it('R-RO-13 a failure edge that handles it gets the error', () => {
    const s = new Scenario(
      tasksOf({ a: [], h: { dependencies: [{ task: 'a', on: ['failure'], handles: true, into: 'problem' }] } }),
      {
        policies: { onFailure: 'failFast' },
      },
    );
    s.execute();
    expect(s.fail('a', { message: 'No' })).toEqual(['TaskFailed a/1 ready=h error=test/failed handled']);
    s.start('h');
    expect(s.task('h').input).toEqual({
      problem: { error: { code: 'test/failed', message: 'No', retryable: true }, attempts: 1 },
    });
    expect(s.complete('h').at(-1)).toBe('RunCompleted');
  });

  it('fallback "and" normal path: only one of the two fires', () => {
    const tasks = tasksOf({
      a: [],
      normal: ['a'],
      fallback: { dependencies: [{ task: 'a', on: ['failure'], handles: true }] },
      end: { join: 'any', dependencies: ['normal', 'fallback'] },
    });
    const failed = new Scenario(tasks);
    failed.execute();
    failed.fail('a');
    failed.completeAll();
    expect(failed.statuses).toBe('a:failed normal:skipped fallback:completed end:completed');
    const fine = new Scenario(tasks);
    fine.execute();
    fine.completeAll();
    expect(fine.statuses).toBe('a:completed normal:completed fallback:skipped end:completed');
  });

  it.each([
    { edge: { on: ['failure'] }, handled: false },
    { edge: { on: ['failure'], handles: false }, handled: false },
    { edge: { on: ['failure'], handles: true }, handled: true },
    { edge: { on: ['success', 'failure'] }, handled: false },
    { edge: { on: ['success', 'failure'], handles: true }, handled: true },
    { edge: { required: false }, handled: false },
    { edge: { required: false, handles: true }, handled: true },
    { edge: { on: ['failure'], handles: true, enabled: false }, handled: false },
    { edge: { on: ['failure'], handles: true, condition: 'error.code == "other"' }, handled: false },
  ] as const)('an edge that only tells leaves the failure to its scope: $edge', ({ edge, handled }) => {
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: [{ task: 'a', ...edge }] } }));
    s.execute();
    s.fail('a');
    s.completeAll();
    expect(s.run.status).toBe(handled ? 'completed' : 'failed');
  });

  it('is handled only by a task that ran: where the handler is skipped in the end, the root and the run fail', () => {
    const handler = { dependencies: [{ task: 'a', on: ['failure'], handles: true }, 'b'] } as const;
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: [{ task: 'a', on: ['skipped'] }] }, h: handler }));
    s.execute();
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 dead=b:trigger error=test/failed handled',
      'TaskSkipped b dead=h:trigger reason=dependency',
      'TaskSkipped h reason=dependency',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('is told in the end: how many, and who allowed or handled them', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        h: { name: 'Mender', dependencies: [{ task: 'a', on: ['failure'], handles: true }] },
        b: { allowFailure: true },
        g: { group: true, allowFailure: true },
        m: { parentId: 'g' },
        n: { parentId: 'g' },
      }),
    );
    s.execute();
    for (const id of ['a', 'b', 'm', 'n']) s.fail(id);
    s.completeAll();
    const last = s.log.at(-1);
    expect(last?.type === 'RunCompleted' ? last.data.tolerated : undefined).toEqual({
      handled: 1,
      allowed: 3,
      first: [
        { taskId: 'a', name: 'a', how: 'handled', by: { taskId: 'h', name: 'Mender' } },
        { taskId: 'b', name: 'b', how: 'allowed', by: { taskId: 'b', name: 'b' } },
        { taskId: 'm', name: 'm', how: 'allowed', by: { taskId: 'g', name: 'g' } },
      ],
    });
  });

  it('a tree made when every failure edge handled keeps that', () => {
    const definition = definitionFor({
      tasks: tasksOf({ a: [], h: { dependencies: [{ task: 'a', on: ['failure'] }] } }),
    });
    const { handles: stated, ...edge } = definition.tasks.at(-1)?.dependencies[0] ?? {};
    expect(stated).toBe(false);
    const tasks = definition.tasks.map((task) =>
      task.id === 'h' ? { ...task, dependencies: [edge as Dependency] } : task,
    );
    const s = new Scenario([], { definition: { ...definition, tasks } });
    s.execute();
    expect(s.fail('a')[0]).toContain('handled');
    expect(s.complete('h').at(-1)).toBe('RunCompleted');
  });

  it('a failure edge to a task that the run does not execute handles nothing', () => {
    const s = new Scenario(tasksOf({ a: [], h: { dependencies: [{ task: 'a', on: ['failure'], handles: true }] } }));
    s.execute('a');
    expect(s.fail('a').at(-1)).toBe('RunFailed error=run/failed');
  });
});
