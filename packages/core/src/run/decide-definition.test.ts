/** Updates of pending tasks, and taking tasks out of a tree. */
import { describe, expect, it } from 'vitest';
import type { TaskDefinition } from '../task/task.ts';
import { definitionFor, Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

function updated(s: Scenario, id: string, patch: Partial<TaskDefinition>) {
  return { type: 'update', definition: { ...s.task(id).definition, ...patch } } as const;
}

/** The dependencies that a definition with this shape would have. */
function dependenciesOf(
  ...of: readonly (string | { readonly task: string; readonly required?: boolean })[]
): TaskDefinition['dependencies'] {
  const sources = of.map((each) => (typeof each === 'string' ? each : each.task));
  const shapes: Record<string, TaskShape> = { target: { dependencies: of } };
  for (const source of sources) shapes[source] = {};
  return definitionFor({ tasks: tasksOf(shapes) }).tasks.find((task) => task.id === 'target')?.dependencies ?? [];
}

describe('update', () => {
  it('changes a pending task, before and during the run', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'] }));
    s.when(updated(s, 'b', { name: 'other' }));
    s.execute();
    s.when(updated(s, 'b', { inputs: { x: 1 } }));
    s.complete('a', 7);
    s.start('b');
    expect(s.task('b')).toMatchObject({ definition: { name: 'other' }, input: { a: 7, x: 1 } });
  });

  it('refuses a dependency on a task that the run does not execute: it would wait for ever', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], other: [] }));
    s.execute('b');
    const { definition } = s.task('b');
    const dependency = { ...definition.dependencies[0]!, task: s.task('other').id, ref: 'other' };
    const command = { type: 'update', definition: { ...definition, dependencies: [dependency] } } as const;
    expect(s.refused(command)).toMatchObject({
      code: 'task/dependencies-unsatisfied',
      message: 'b can not wait for other (other), which this run does not execute. Wait for its end, and execute both',
    });
    s.complete('a');
    s.complete('b');
    expect(s.run.status).toBe('completed');
  });

  it('delays a task that has run before: it waits for its time, not for a retry', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'] }));
    s.execute();
    s.completeAll();
    s.retry('start');
    s.when(updated(s, 'b', { notBeforeMs: s.nowMs + 5_000 }));
    s.complete('a');
    expect(s.task('b')).toMatchObject({ attempt: 1, waiting: { for: 'delay', untilMs: s.nowMs + 5_000 } });
  });

  it('keeps dead edges dead when only other fields change', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], z: { join: 'settled', dependencies: ['a', 'b'] } }));
    s.execute();
    s.fail('a');
    s.when(updated(s, 'z', { name: 'other' }));
    expect(s.task('z').incoming.map((edge) => edge.status)).toEqual(['dead', 'open']);
    s.fail('b');
    expect(s.task('z').status).toBe('skipped');
  });

  it('relinks changed dependencies against what has ended already', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: [], z: ['c'] }));
    s.execute();
    s.complete('a');
    s.fail('b');
    expect(s.when(updated(s, 'z', { dependencies: dependenciesOf('a', 'c') }))).toEqual(['TaskUpdated z']);
    expect(s.when(updated(s, 'z', { dependencies: dependenciesOf('a') }))).toEqual(['TaskUpdated z', 'TaskDue z']);
    const t = new Scenario(tasksOf({ b: [], c: [], z: ['c'] }));
    t.execute();
    t.fail('b');
    expect(t.when(updated(t, 'z', { dependencies: dependenciesOf('b') }))).toEqual([
      'TaskUpdated z dead=z:trigger',
      'TaskSkipped z reason=dependency',
    ]);
  });

  it('opens a group whose last dependency is taken away', () => {
    const s = new Scenario(tasksOf({ c: [], g: { group: true, dependencies: ['c'] }, m: { parentId: 'g' } }));
    s.execute();
    expect(s.when(updated(s, 'g', { dependencies: [] }))).toEqual(['TaskUpdated g', 'TaskOpened g ready=m']);
  });

  it('is refused unless the task is pending, and for dependencies while a dependent runs', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], c: [], z: { join: 'any', dependencies: ['b', 'c'] } }));
    s.execute();
    expect(s.refused(updated(s, 'a', { name: 'x' }))).toMatchObject({
      code: 'task/invalid-transition',
      data: { status: 'ready' },
    });
    s.complete('c');
    s.start('z');
    expect(s.refused(updated(s, 'b', { dependencies: [] }))).toMatchObject({
      code: 'task/invalid-transition',
      data: { running: ['z'] },
    });
    expect(s.when(updated(s, 'b', { name: 'x' }))).toEqual(['TaskUpdated b']);
    expect(s.refused({ type: 'update', definition: { ...s.task('b').definition, id: 'zz' as never } }).code).toBe(
      'task/not-found',
    );
  });
});

describe('delete', () => {
  const tasks = tasksOf({
    a: [],
    g: { group: true },
    m: { parentId: 'g', dependencies: ['a'] },
    n: { parentId: 'm' },
    z: ['a'],
  });

  it('takes a pending sub-tree out, and the rest runs', () => {
    const s = new Scenario(tasks);
    expect(s.when({ type: 'delete', taskId: s.task('g').id })).toEqual(['TasksDeleted']);
    expect(s.run.byId.size).toBe(3);
    s.execute();
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect(s.run.counts.completed).toBe(3);
  });

  it('-32009 lists every reason against it', () => {
    const s = new Scenario(tasks);
    expect(s.refused({ type: 'delete', taskId: s.task('a').id })).toMatchObject({ code: 'task/cannot-delete' });
    expect(s.refused({ type: 'delete', taskId: s.task('a').id }).errors?.map((error) => error.reason)).toEqual([
      'm (m) depends on a (a)',
      'z (z) depends on a (a)',
    ]);
    s.execute();
    expect(s.refused({ type: 'delete', taskId: s.task('z').id }).errors?.[0]?.reason).toContain(
      'part of a run that is running',
    );
    expect(s.refused({ type: 'delete', taskId: 'zz' as never }).code).toBe('task/not-found');
  });

  it('takes a settled sub-tree out of a settled tree', () => {
    const s = new Scenario(tasks);
    s.execute();
    s.completeAll();
    s.when({ type: 'delete', taskId: s.task('g').id });
    s.retry('start');
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });
});
