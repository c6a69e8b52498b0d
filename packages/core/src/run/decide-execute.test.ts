/** `tasks.execute`: a whole run, or one task with its sub-tree and what they need, nothing else (R-TV-05). */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

describe('executing one task', () => {
  const tasks = tasksOf({
    a: [],
    b: ['a'],
    c: ['b'],
    other: [],
    g: { group: true, dependencies: ['other'] },
    m: { parentId: 'g' },
    n: { parentId: 'm', dependencies: ['b'] },
    last: ['c', 'g'],
  });

  it('"Executing one sub-task runs the rest of the tree": it runs itself, what it needs, and the groups around', () => {
    const s = new Scenario(tasks);
    expect(s.execute('b')).toEqual(['RunStarted selection=root,a,b', 'TaskOpened root ready=a']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.statuses).toBe(
      'a:completed b:completed c:pending other:pending g:pending m:pending n:pending last:pending',
    );
    expect(s.run.selectedCount).toBe(3);
  });

  it('runs the sub-tree, and what opens the groups around it', () => {
    const s = new Scenario(tasks);
    expect(s.execute('m')[0]).toBe('RunStarted selection=root,a,b,other,g,m,n');
    s.completeAll();
    expect(s.ids('completed')).toEqual(['root', 'a', 'b', 'other', 'g', 'm', 'n']);
  });

  it('goes on with another part afterwards and keeps what is done', () => {
    const s = new Scenario(tasks);
    s.execute('b');
    s.completeAll('first');
    expect(s.execute('c')).toEqual(['RunReopened reset=root selection=root,a,b,c', 'TaskOpened root ready=c']);
    s.start('c');
    expect(s.task('c').input).toEqual({ b: 'first' });
    s.complete('c');
    expect(s.run.status).toBe('completed');
    s.execute('last');
    s.completeAll();
    expect(s.run.counts).toMatchObject({ completed: 9, pending: 0 });
    expect(s.log.filter((event) => event.type === 'TaskStarted' && event.taskId === 'a')).toHaveLength(1);
  });

  it('waits for a group of which a part has run already', () => {
    const s = new Scenario(tasksOf({ g: { group: true }, m: { parentId: 'g' }, n: { parentId: 'g' }, z: ['g'] }));
    s.execute('m');
    s.completeAll();
    s.execute('z');
    expect(s.ids('ready')).toEqual(['n']);
    expect(s.complete('n')).toEqual(['TaskCompleted n/1', 'TaskCompleted g ready=z']);
  });

  it('-32007 refuses a task whose dependencies can no longer be met, naming them', () => {
    const s = new Scenario(tasks);
    s.execute('a');
    s.fail('a');
    expect(s.refused({ type: 'execute', taskIds: [s.task('c').id] })).toMatchObject({
      code: 'task/dependencies-unsatisfied',
      data: { taskId: 'c', unmet: ['a'] },
    });
  });

  it('refuses what has ended (with a hint), what runs, and what does not exist', () => {
    const s = new Scenario(tasks);
    expect(s.refused({ type: 'execute', taskIds: ['zz' as never] }).code).toBe('task/not-found');
    s.execute('a');
    expect(s.refused({ type: 'execute' }).code).toBe('run/already-running');
    s.completeAll();
    expect(s.refused({ type: 'execute', taskIds: [s.task('a').id] })).toMatchObject({
      code: 'task/invalid-transition',
      data: { hint: 'retry or copy' },
    });
    expect(s.refused({ type: 'execute' })).toMatchObject({
      code: 'task/invalid-transition',
      data: { hint: 'retry or copy' },
    });
  });
});

describe('a task’s input (rule 4)', () => {
  it('of the run is given one by one: what is not given stays, what is not declared is refused', () => {
    const s = new Scenario(tasksOf({ a: {} }), { inputs: { who: 'a', later: null } });
    const unknown = s.refused({ type: 'execute', inputs: { hwo: 1 } });
    expect([unknown.code, unknown.message, unknown.errors?.[0]?.path]).toEqual([
      'task/invalid-inputs',
      "The tree declares no input 'hwo'; did you mean 'who'?",
      ['inputs', 'hwo'],
    ]);
    s.when({ type: 'execute', inputs: { later: 2 } });
    expect(s.run.inputs).toEqual({ who: 'a', later: 2 });
    s.complete('a');
    expect(s.refused({ type: 'retry', mode: 'start', inputs: { toString: 1 } }).code).toBe('task/invalid-inputs');
    s.retry('start', { inputs: { who: 'b' } });
    expect(s.run.inputs).toEqual({ who: 'b', later: 2 });
  });

  it('comes from definition, dependencies, run inputs and variables, and is stored in the start event', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        b: {
          dependencies: [{ task: 'a', into: 'from' }],
          inputs: {
            whole: '${{ deps.a.list }}',
            text: 'n=${{ inputs.n }} ${{ vars.v }}',
            nested: [{ home: '${{ env.HOME }}' }],
            plain: 1,
          },
        },
      }),
      { inputs: { n: 3 }, variables: { v: 'x' } },
    );
    s.when({ type: 'execute', inputs: { n: 4 } });
    s.complete('a', { list: [1, 2] });
    s.start('b');
    expect(s.task('b').input).toEqual({
      from: { list: [1, 2] },
      whole: [1, 2],
      text: 'n=4 x',
      nested: [{ home: '/home/ann' }],
      plain: 1,
    });
    expect(s.task('b').definition.inputs['whole']).toBe('${{ deps.a.list }}');
  });

  it('an expression that can not be resolved fails the attempt, visibly and for good', () => {
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: ['a'], inputs: { x: '${{ deps.a.missing }}' } } }), {
      policies: { retry: { delayMs: 0 } },
    });
    s.execute();
    s.complete('a', {});
    expect(s.start('b').slice(0, 2)).toEqual(['TaskStarted b/1', 'TaskFailed b/1 error=inputs/unresolved']);
    expect(s.task('b').error?.message).toContain(
      '${{ deps.a.missing }}: No such property: missing'.replace('{{ ', '{{').replace(' }}', '}}'),
    );
  });

  it('a group delivers the outputs of its members by key', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true },
        m: { parentId: 'g' },
        h: { group: true, parentId: 'g' },
        n: { parentId: 'h' },
        z: ['g'],
      }),
    );
    s.execute();
    s.complete('m', 1);
    s.complete('n', 2);
    s.start('z');
    expect(s.task('z').input).toEqual({ g: { m: 1, h: { n: 2 } } });
  });
});
