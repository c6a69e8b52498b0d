/** Copies of tasks whose executor added tasks: what starts over is the task again, what only goes on is a group of what was added. */
import type { Json, TaskId, TreeId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { definitionFor, Scenario, tasksOf } from '../run/run.fixture.ts';
import { lineOf, testContext } from '../validate/validation.fixture.ts';
import type { CopyOptions } from './copy-options.ts';
import { copyTree } from './copy.ts';
import type { TreeDefinition } from './task.ts';

/** A run that has ended: `plan` added `sort` and `sweep`. */
function finished(output: Json = null): Scenario {
  const scenario = new Scenario(
    tasksOf({
      plan: { inputs: { goal: 'tidy' } },
      after: { dependencies: ['plan'], inputs: { got: '${{ deps.plan }}' } },
    }),
  );
  scenario.execute();
  scenario.start('plan');
  const parent = 'top' as TaskId;
  const { tasks } = definitionFor({
    tasks: [
      { id: parent },
      { id: 'sort', parentId: parent, executor: 'work' },
      { id: 'sweep', parentId: parent, executor: 'work', dependencies: ['sort'] },
    ],
  });
  const adding = { parent, tasks: tasks.slice(1) };
  scenario.when({ type: 'complete', taskId: 'plan' as TaskId, attempt: 1, outcome: { output, adding } });
  scenario.complete('plan.0', 'sorted');
  scenario.complete('plan.1', 'swept');
  scenario.complete('after');
  return scenario;
}

function tryCopy(scenario: Scenario, taskId: string, options: CopyOptions) {
  return copyTree(scenario.run, taskId as TaskId, {
    options,
    context: { ...testContext, treeId: 'copy' as TreeId },
  });
}

function copyOf(scenario: Scenario, taskId: string, options: CopyOptions = {}): TreeDefinition {
  const copied = tryCopy(scenario, taskId, options);
  if (!copied.ok) throw new Error(copied.rejection.message);
  return copied.value;
}

function shape({ tasks }: TreeDefinition): readonly string[] {
  return tasks.map(({ key, kind, settled }) => `${key} ${settled === undefined ? kind : settled.status}`);
}

describe('a copy of a task whose executor added tasks', () => {
  it('R-TV-06: is the task with its executor, without what was added, when it runs again', () => {
    const copied = copyOf(finished(), 'plan');
    expect(shape(copied)).toEqual(['root group', 'plan executor', 'after executor']);
    const scenario = new Scenario([], { definition: copied });
    scenario.execute();
    const [plan = ''] = scenario.ids('ready');
    scenario.complete(plan, 'nothing to do');
    scenario.start(...scenario.ids('ready'));
    expect(scenario.run.tasks.at(-1)?.input?.['got']).toBe('nothing to do');
  });

  it('R-TV-06: is a group that goes on with what was added, and hands on what the executor returned', () => {
    const copied = copyOf(finished('a plan'), 'plan.1');
    expect(shape(copied)).toEqual(['root group', 'plan group', 'after executor', 'sort completed', 'sweep executor']);
    const scenario = new Scenario([], { definition: copied });
    scenario.execute();
    scenario.completeAll('again');
    expect(scenario.run.tasks.find(({ definition }) => definition.key === 'after')?.input?.['got']).toBe('a plan');
  });

  it('takes overrides where it runs again, and refuses them where it goes on', () => {
    const overrides = { plan: { inputs: { goal: 'paint' } } };
    expect(copyOf(finished(), 'plan', { overrides }).tasks[1]?.inputs).toEqual({ goal: 'paint' });
    const refused = tryCopy(finished(), 'plan.1', { overrides });
    expect(refused.ok ? [] : (refused.rejection.errors ?? []).map(lineOf)).toEqual([
      expect.stringMatching(/overrides\.plan: .*the copy keeps the members that this task has made/),
    ]);
  });
});
