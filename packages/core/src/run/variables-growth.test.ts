/** Variables of trees that grow: copies of a repetition see each other, copies that start over count once, and nothing depends on when a task was added. */
import type { JsonObject, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { copyOf } from '../task/copy-source.fixture.ts';
import type { RunCommand } from './command.ts';
import { decide } from './decide.ts';
import { COPIES_KEPT } from './groups.ts';
import { checkFold, definitionFor, Scenario, tasksOf } from './run.fixture.ts';
import { fromSnapshot, toSnapshot, type RunSnapshot } from './snapshot.ts';
import type { RunState } from './state.ts';

const VARIABLES: JsonObject = {
  total: { value: 0, merge: 'sum' },
  log: { value: [], merge: 'append' },
  most: { value: null, merge: 'max' },
  seen: { value: [], merge: 'union' },
  map: { value: {}, merge: 'deepMerge' },
  stage: 'new',
};

const VALUES = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, `\${{ vars.${name} }}`]));

/** A repetition that writes each variable in each copy, and a task that reads all of them. */
function looping(until: string, max: number): Scenario {
  const scenario = new Scenario(
    tasksOf({
      first: {},
      loop: {
        dependencies: ['first'],
        repeat: { until, max },
        inputs: { before: '${{ vars.total }}' },
        set: {
          total: 1,
          log: '${{ index }}',
          most: '${{ index }}',
          seen: ['x'],
          map: { last: '${{ index }}' },
          stage: '${{ task.key }}',
        },
      },
      after: { dependencies: ['loop'], inputs: VALUES },
    }),
    { variables: VARIABLES, checks: false },
  );
  scenario.execute();
  scenario.write('first', { total: 100, stage: 'first' });
  return scenario;
}

function repeat(scenario: Scenario, times: number): void {
  for (let at = 0; at < times; at++) scenario.complete(`loop.${at}`);
}

const stored = (run: RunState): RunState => fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(run))) as RunSnapshot);

describe('a repetition and variables', () => {
  it('R-SC-06: each copy sees what those before it wrote, so that a replaced variable has one value', () => {
    const scenario = looping('index == 2', 9);
    scenario.start('loop.0');
    scenario.complete('loop.0');
    scenario.start('loop.1');
    expect([scenario.task('loop.0').input, scenario.task('loop.1').input]).toEqual([{ before: 100 }, { before: 101 }]);
    scenario.complete('loop.1');
    scenario.complete('loop.2');
    scenario.start('after');
    expect(scenario.task('after').input).toMatchObject({ total: 103, stage: 'loop.2', map: { last: 2 } });
  });

  it('its conditions see what its copies wrote', () => {
    const scenario = looping('vars.total == 102', 9);
    repeat(scenario, 2);
    expect(scenario.task('loop').status).toBe('completed');
    scenario.start('after');
    expect(scenario.task('after').input).toMatchObject({ total: 102 });
  });

  it('keeps what copies wrote that have left, over snapshots and in copies of the tree', () => {
    const times = 3 * COPIES_KEPT + 50;
    const scenario = looping(`index == ${times - 1}`, times);
    repeat(scenario, times);
    expect(scenario.task('loop').children.length).toBeLessThan(2 * COPIES_KEPT);
    scenario.start('after');
    const seen = {
      total: 100 + times,
      log: Array.from({ length: times }, (_, at) => at),
      most: times - 1,
      seen: ['x'],
      map: { last: times - 1 },
      stage: `loop.${times - 1}`,
    };
    expect(scenario.task('after').input).toMatchObject(seen);
    checkFold(scenario.run, scenario.log);
    expect(toSnapshot(stored(scenario.run))).toEqual(JSON.parse(JSON.stringify(toSnapshot(scenario.run))));
    const restored = stored(scenario.run);
    const ending: RunCommand = { type: 'complete', taskId: 'after' as TaskId, attempt: 1, outcome: { output: null } };
    expect(decide(restored, ending, scenario.context()).ok).toBe(true);
    scenario.when(ending);
    expect(scenario.run.result?.variables).toEqual(seen);
    expect(restored.result).toEqual(scenario.run.result);
    const copy = new Scenario([], { definition: copyOf(scenario.run, 'after') });
    copy.execute();
    const again = copy.run.tasks.find(({ definition }) => definition.key === 'after');
    copy.start(again?.id ?? '');
    expect(again?.input).toMatchObject(seen);
  });

  it('counts what copies wrote once when it starts over', () => {
    const scenario = looping('index == 2', 9);
    repeat(scenario, 3);
    scenario.complete('after');
    scenario.retry('task', { taskId: 'loop' });
    for (const at of [3, 4, 5]) scenario.complete(`loop.${at}`);
    scenario.complete('after');
    expect(scenario.run.result?.variables).toMatchObject({ total: 103, log: [0, 1, 2] });
  });
});

describe('tasks that are added', () => {
  const add = (scenario: Scenario, id: string): void => {
    const parent = 'top' as TaskId;
    const below: TaskSubmission[] = [{ id: 'part', parentId: parent, executor: 'work' }];
    const { tasks } = definitionFor({ tasks: [{ id: parent }, ...below] });
    const outcome = { output: null, adding: { parent, tasks: tasks.slice(1) } };
    scenario.when({ type: 'complete', taskId: id as TaskId, attempt: 1, outcome });
  };

  it('R-SC-06, invariant 4: write in the order of the tree, whichever came first', () => {
    const results = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((order) => {
      const scenario = new Scenario(tasksOf({ a: {}, b: {} }), { variables: VARIABLES });
      scenario.execute();
      scenario.start('a', 'b');
      for (const id of order) add(scenario, id);
      for (const id of order) scenario.write(`${id}.0`, { log: id, map: { [id]: 1 } });
      return JSON.stringify(scenario.run.result);
    });
    expect(results[0]).toContain('"log":["a","b"]');
    expect(results[1]).toBe(results[0]);
  });

  it('no longer count when their task is tried again', () => {
    const scenario = new Scenario(tasksOf({ a: {} }), { variables: VARIABLES });
    scenario.execute();
    scenario.start('a');
    add(scenario, 'a');
    scenario.write('a.0', { total: 1 });
    expect(scenario.run.result?.variables?.['total']).toBe(1);
    scenario.retry('task', { taskId: 'a' });
    scenario.complete('a');
    expect(scenario.run.result).toBeUndefined();
  });
});
