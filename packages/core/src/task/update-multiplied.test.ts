/** Updates of multiplied tasks, and overrides of them in copies: they change what the copies are made of. */
import type { TaskId, TreeId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from '../run/run.fixture.ts';
import { lineOf, testContext } from '../validate/validation.fixture.ts';
import type { CopyOverride } from './copy-options.ts';
import { copyTree } from './copy.ts';
import { applyUpdate, type UpdatePatch } from './update.ts';

const tree = tasksOf({
  list: [],
  image: {
    dependencies: ['list'],
    forEach: '${{ deps.list }}',
    inputs: { name: '${{ item }}' },
    policies: { concurrency: 1, timeoutMs: 5 },
  },
  each: { group: true, dependencies: ['list'], forEach: '${{ deps.list }}', as: 'n', inputs: { n: '${{ n }}' } },
  below: { parentId: 'each', inputs: { n: '${{ inputs.n }}' } },
});

function changed(scenario: Scenario, taskId: string, patch: UpdatePatch) {
  const tasks = scenario.run.tasks.map(({ definition }) => definition);
  return applyUpdate(tasks, { taskId: taskId as TaskId, patch }, testContext);
}

function update(scenario: Scenario, taskId: string, patch: UpdatePatch): void {
  const definition = changed(scenario, taskId, patch);
  if (!definition.ok) throw new Error(definition.rejection.message);
  scenario.when({ type: 'update', definition: definition.value });
}

function linesOf(taskId: string, patch: UpdatePatch): readonly string[] {
  const outcome = changed(new Scenario(tree), taskId, patch);
  return outcome.ok ? [] : (outcome.rejection.errors ?? []).map(lineOf);
}

function running(): Scenario {
  const scenario = new Scenario(tree);
  scenario.execute();
  return scenario;
}

describe('an update of a multiplied task', () => {
  it('changes what its copies are made of, and what holds for the whole', () => {
    const scenario = running();
    update(scenario, 'image', {
      inputs: { other: '${{ item }}${{ index }}' },
      priority: 0,
      tags: ['x'],
      policies: { concurrency: 2, timeoutMs: 7 },
    });
    update(scenario, 'each', { inputs: { n: 'all ${{ n }}' } });
    scenario.complete('list', ['a', 'b']);
    scenario.start('image.1', 'below');
    const { definition, input } = scenario.task('image.1');
    expect(definition).toMatchObject({ priority: 0, tags: ['x'], policies: { timeoutMs: 7 } });
    expect(definition.policies).not.toHaveProperty('concurrency');
    expect(input).toEqual({ other: 'b1' });
    expect(scenario.task('image').definition).toMatchObject({ tags: ['x'], policies: { concurrency: 2 }, inputs: {} });
    expect(scenario.task('each').children.map((copy) => copy.input)).toEqual([{ n: 'all a' }, { n: 'all b' }]);
  });

  it('keeps all else as it is', () => {
    const before = new Scenario(tree).task('image').definition;
    for (const patch of [{}, { name: 'other' }, { priority: 2 }])
      expect(changed(new Scenario(tree), 'image', patch)).toEqual({ ok: true, value: { ...before, ...patch } });
  });

  it('is checked as the submission was', () => {
    expect(
      linesOf('image', { inputs: { x: '${{ items }}' }, priority: 9, policies: { retry: { maxAttempts: 0 } } }),
    ).toEqual([
      expect.stringContaining('patch.priority'),
      expect.stringContaining('patch.inputs.x'),
      expect.stringContaining('patch.policies.retry.maxAttempts'),
    ]);
    expect(linesOf('each', { priority: 0 })).toEqual([expect.stringContaining('patch.priority')]);
  });
});

describe('an override of a multiplied task in a copy', () => {
  function copyOf(scenario: Scenario, taskId: string, overrides: Record<string, CopyOverride>) {
    const context = { ...testContext, treeId: 'copy' as TreeId };
    return copyTree(scenario.run, taskId as TaskId, { options: { overrides }, context });
  }

  function finished(): Scenario {
    const scenario = running();
    scenario.complete('list', ['a', 'b']);
    scenario.completeAll();
    return scenario;
  }

  it('changes what its copies are made of, the executor included', () => {
    const copied = copyOf(finished(), 'image', { image: { inputs: { is: '${{ item }}' }, executor: 'plain' } });
    if (!copied.ok) throw new Error(copied.rejection.message);
    const scenario = new Scenario([], { definition: copied.value });
    scenario.execute();
    expect(scenario.run.tasks.filter(({ definition }) => definition.key.startsWith('image.'))).toMatchObject([
      { definition: { executor: 'plain', inputs: { is: '${{ item }}' } } },
      { definition: { executor: 'plain', inputs: { is: '${{ item }}' } } },
    ]);
  });

  it('is refused where the copy keeps the members that it has', () => {
    const copied = copyOf(finished(), 'image.1', { image: { inputs: {} } });
    expect(copied.ok ? [] : (copied.rejection.errors ?? []).map(lineOf)).toEqual([
      expect.stringMatching(/overrides\.image: .*would have no effect: the copy keeps the members/),
    ]);
  });

  it('has its effect on a plain group', () => {
    const copied = copyOf(new Scenario(tree), 'root', { root: { policies: { concurrency: 3 } } });
    expect(copied.ok && copied.value.tasks[0]?.policies).toEqual({ concurrency: 3 });
  });
});
