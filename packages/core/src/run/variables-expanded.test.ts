/** Executors that add tasks and write to variables in one outcome: the tasks see the write, and it counts once. */
import type { JsonObject, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { copyOf } from '../task/copy-source.fixture.ts';
import type { TaskSubmission } from '../task/submission.ts';
import { COPIES_KEPT } from './groups.ts';
import { definitionFor, Scenario, tasksOf, type TaskShape } from './run.fixture.ts';
import { fromSnapshot, toSnapshot, type RunSnapshot } from './snapshot.ts';

const VARIABLES: JsonObject = {
  total: { value: 0, merge: 'sum' },
  log: { value: [], merge: 'append' },
  stage: 'new',
};
const SEEN = { total: '${{ vars.total }}', log: '${{ vars.log }}', stage: '${{ vars.stage }}' };

/** `plan` adds `a`, and `b` after it; both read the variables, and so does `after`. */
function planning(plan: TaskShape = {}): Scenario {
  const scenario = new Scenario(tasksOf({ plan, after: { dependencies: ['plan'], inputs: SEEN } }), {
    variables: VARIABLES,
  });
  scenario.execute();
  return scenario;
}

interface Planned {
  readonly patch: JsonObject;
  /** Of the tasks that are added. */
  readonly fields?: Partial<TaskSubmission>;
}

function add(scenario: Scenario, id: string, { patch, fields }: Planned): readonly string[] {
  if (scenario.task(id).status === 'ready') scenario.start(id);
  const parent = 'top' as TaskId;
  const { tasks } = definitionFor({
    tasks: [
      { id: parent },
      { id: 'a', parentId: parent, executor: 'work', inputs: SEEN, ...fields },
      {
        id: 'b',
        parentId: parent,
        executor: 'work',
        inputs: SEEN,
        dependencies: [{ task: 'a', on: ['success', 'failure'] }],
        ...fields,
      },
    ],
    variables: VARIABLES,
  });
  const adding = { parent, tasks: tasks.slice(1) };
  const { attempt } = scenario.task(id);
  return scenario.when({ type: 'complete', taskId: id as TaskId, attempt, outcome: { output: 'plan', patch, adding } });
}

/** What the task read when it started. */
function seenBy(scenario: Scenario, id: string): JsonObject | undefined {
  if (scenario.task(id).status === 'ready') scenario.start(id);
  const { total, log, stage } = scenario.task(id).input ?? {};
  return { total, log, stage } as JsonObject;
}

function restart(scenario: Scenario): Scenario {
  const snapshot = JSON.parse(JSON.stringify(toSnapshot(scenario.run))) as RunSnapshot;
  expect(JSON.parse(JSON.stringify(toSnapshot(fromSnapshot(snapshot))))).toEqual(snapshot);
  return scenario;
}

const PLANNED_ONLY = { total: 2, log: ['plan'], stage: 'planned' };
const PLANNED = { total: 2, log: 'plan', stage: 'planned' };

describe('an outcome with tasks and a patch', () => {
  it('R-SC-06: is one event; the tasks see the patch, and whoever comes after sees it once', () => {
    const scenario = planning();
    expect(add(scenario, 'plan', { patch: PLANNED })).toEqual(['TaskOpened plan/1 ready=plan.0']);
    expect(seenBy(scenario, 'plan.0')).toEqual({ total: 2, log: ['plan'], stage: 'planned' });
    scenario.write('plan.0', { total: 3, log: 'a', stage: 'sorted' });
    restart(scenario);
    expect(seenBy(scenario, 'plan.1')).toEqual({ total: 5, log: ['plan', 'a'], stage: 'sorted' });
    scenario.complete('plan.1');
    expect(seenBy(scenario, 'after')).toEqual({ total: 5, log: ['plan', 'a'], stage: 'sorted' });
    scenario.complete('after');
    expect(scenario.run.result).toEqual({ variables: { total: 5, log: ['plan', 'a'], stage: 'sorted' } });
  });

  it('counts beside what the task sets when it ends, which comes later', () => {
    const scenario = planning({ set: { log: '${{ output }}', stage: 'done' } });
    add(scenario, 'plan', { patch: PLANNED });
    scenario.complete('plan.0');
    scenario.complete('plan.1');
    expect(seenBy(scenario, 'after')).toEqual({ total: 2, log: ['plan', 'plan'], stage: 'done' });
  });

  it('is seen also when none of the tasks ran', () => {
    const scenario = planning();
    add(scenario, 'plan', { patch: PLANNED });
    for (const id of ['plan.0', 'plan.1'])
      if (scenario.task(id).status !== 'skipped')
        scenario.when({ type: 'endByHand', taskId: id as TaskId, ending: { status: 'skipped' } });
    expect(scenario.task('plan').status).toBe('completed');
    expect(seenBy(scenario, 'after')).toMatchObject(PLANNED_ONLY);
  });

  it('fails the attempt when it names what nobody has declared, and adds nothing', () => {
    const scenario = planning();
    add(scenario, 'plan', { patch: { totl: 1 } });
    expect(scenario.task('plan')).toMatchObject({
      status: 'failed',
      error: { code: 'variables/undeclared', message: expect.stringContaining("'total'") as string },
    });
    expect(scenario.run.tasks).toHaveLength(3);
  });

  it('keeps the write while only a member runs again, and forgets it when the task is tried again', () => {
    const scenario = planning();
    add(scenario, 'plan', { patch: PLANNED });
    scenario.complete('plan.0');
    scenario.fail('plan.1', { retryable: false });
    scenario.retry('failure');
    expect(seenBy(scenario, 'plan.1')).toMatchObject({ total: 2, stage: 'planned' });
    scenario.fail('plan.1', { retryable: false });
    scenario.retry('task', { taskId: 'plan' });
    add(scenario, 'plan', { patch: { total: 7 } });
    expect(seenBy(scenario, 'plan:2.0')).toEqual({ total: 7, log: [], stage: 'new' });
    scenario.complete('plan:2.0');
    scenario.completeAll();
    expect(scenario.run.result?.variables).toEqual({ total: 7, log: [], stage: 'new' });
    scenario.retry('task', { taskId: 'plan' });
    scenario.complete('plan');
    expect(seenBy(scenario, 'after')).toEqual({ total: 0, log: [], stage: 'new' });
  });

  it('R-SC-06: the order of completion changes nothing, and two that replace side by side are a conflict with both names', () => {
    const results = [
      ['one', 'two'],
      ['two', 'one'],
    ].map((order) => {
      const scenario = new Scenario(tasksOf({ one: {}, two: {} }), { variables: VARIABLES });
      scenario.execute();
      scenario.start('one', 'two');
      for (const id of order) add(scenario, id, { patch: { total: 1, log: id, stage: id } });
      scenario.completeAll();
      return scenario.run.result;
    });
    expect(results[0]).toEqual({
      variables: { total: 2, log: ['one', 'two'] },
      conflicts: [{ variable: 'stage', tasks: ['one', 'two'] }],
    });
    expect(results[1]).toEqual(results[0]);
  });
});

describe('a copy', () => {
  const finished = (): Scenario => {
    const scenario = planning();
    add(scenario, 'plan', { patch: PLANNED });
    scenario.write('plan.0', { total: 3, log: 'a' });
    scenario.write('plan.1', { log: 'b' });
    scenario.complete('after');
    return scenario;
  };
  const copied = (scenario: Scenario, id: string): Scenario => {
    const copy = new Scenario([], { definition: copyOf(scenario.run, id) });
    copy.execute();
    return copy;
  };
  const idOf = (scenario: Scenario, key: string): string =>
    scenario.run.tasks.find(({ definition }) => definition.key === key)?.id ?? '';

  it('R-TV-06: sees what the task and its members wrote when both are kept, also as a copy of a copy', () => {
    const all = { total: 5, log: ['plan', 'a', 'b'], stage: 'planned' };
    const copy = copied(finished(), 'after');
    expect(seenBy(restart(copy), idOf(copy, 'after'))).toEqual(all);
    copy.complete(idOf(copy, 'after'));
    expect(copy.run.result?.variables).toEqual(all);
    const second = copied(copy, idOf(copy, 'after'));
    expect(seenBy(second, idOf(second, 'after'))).toEqual(all);
  });

  it('R-TV-06: sees what the task wrote when it goes on with a member', () => {
    const copy = copied(finished(), 'plan.1');
    expect(seenBy(restart(copy), idOf(copy, 'b'))).toEqual({ total: 5, log: ['plan', 'a'], stage: 'planned' });
    copy.complete(idOf(copy, 'b'));
    copy.completeAll();
    expect(copy.run.result?.variables).toEqual({ total: 5, log: ['plan', 'a'], stage: 'planned' });
    const second = copied(copy, idOf(copy, 'b'));
    expect(seenBy(second, idOf(second, 'b'))).toEqual({ total: 5, log: ['plan', 'a'], stage: 'planned' });
  });

  it('R-TV-06: takes the task whose write a member sees that depends on nothing', () => {
    const copy = copied(finished(), 'plan.0');
    expect(seenBy(copy, idOf(copy, 'a'))).toEqual({ total: 2, log: ['plan'], stage: 'planned' });
  });

  it('forgets what a task wrote that is kept without its members when it is tried again', () => {
    const tasks = { plan: {}, after: ['plan'], last: { dependencies: ['after'], inputs: SEEN } };
    const scenario = new Scenario(tasksOf(tasks), { variables: VARIABLES });
    scenario.execute();
    add(scenario, 'plan', { patch: PLANNED, fields: { allowFailure: true } });
    for (const id of ['plan.0', 'plan.1']) scenario.fail(id, { retryable: false });
    scenario.completeAll();
    const copy = copied(scenario, 'last');
    expect(copy.run.tasks.map(({ definition }) => definition.key)).toEqual(['root', 'plan', 'after', 'last']);
    expect(seenBy(copy, idOf(copy, 'last'))).toMatchObject({ total: 2 });
    copy.complete(idOf(copy, 'last'));
    copy.retry('task', { taskId: idOf(copy, 'plan') });
    copy.complete(idOf(copy, 'plan'));
    copy.complete(idOf(copy, 'after'));
    expect(seenBy(copy, idOf(copy, 'last'))).toMatchObject({ total: 0 });
  });

  it('R-TV-06: sees what copies of a repetition wrote that have left when it goes on with the last of them', () => {
    const times = 3 * COPIES_KEPT;
    const loop = { repeat: { until: `index == ${times - 1}`, max: times }, inputs: SEEN, set: { total: 1 } };
    const scenario = new Scenario(tasksOf({ loop, after: ['loop'] }), { variables: VARIABLES, checks: false });
    scenario.execute();
    for (let at = 0; at < times; at++) scenario.complete(`loop.${at}`);
    scenario.complete('after');
    expect(scenario.run.result?.variables?.['total']).toBe(times);
    const copy = copied(scenario, `loop.${times - 1}`);
    const [last = ''] = copy.ids('ready');
    expect(seenBy(copy, last)).toMatchObject({ total: times - 1 });
    copy.complete(last);
    copy.completeAll();
    expect(copy.run.result?.variables?.['total']).toBe(times);
  });
});
