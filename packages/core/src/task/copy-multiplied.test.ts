/** Copies of multiplied tasks: what starts over takes the multiplier, what only goes on its copies. */
import type { TaskId, TreeId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from '../run/run.fixture.ts';
import { testContext, validate } from '../validate/validation.fixture.ts';
import type { CopyOptions } from './copy-options.ts';
import { copyTree } from './copy.ts';
import { toSubmission } from './copy-preview.ts';
import type { TreeDefinition } from './task.ts';

const tree = tasksOf({
  list: [],
  image: { dependencies: ['list'], forEach: '${{ deps.list }}', inputs: { name: '${{ item }}' } },
  after: { dependencies: ['image'], inputs: { all: '${{ deps.image }}' } },
});

/** A finished run: the outputs of the copies are their items in upper case. */
function finished(): Scenario {
  const scenario = new Scenario(tree);
  scenario.execute();
  scenario.complete('list', ['a', 'b']);
  scenario.complete('image.0', 'A');
  scenario.complete('image.1', 'B');
  scenario.complete('after');
  return scenario;
}

function copyOf(scenario: Scenario, taskId: string, options: CopyOptions = {}): TreeDefinition {
  const copied = copyTree(scenario.run, taskId as TaskId, {
    options,
    context: { ...testContext, treeId: 'copy' as TreeId },
  });
  if (!copied.ok) throw new Error(copied.rejection.message);
  return copied.value;
}

function shape({ tasks }: TreeDefinition): readonly string[] {
  return tasks.map(({ key, settled }) => (settled === undefined ? key : `${key}=${settled.status}`));
}

function run(definition: TreeDefinition): Scenario {
  const scenario = new Scenario([], { definition });
  scenario.execute();
  return scenario;
}

const byKey = (scenario: Scenario, key: string) => scenario.run.tasks.find(({ definition }) => definition.key === key);

describe('a copy of a multiplied task', () => {
  it('R-TV-06: takes the multiplier and not its copies when it runs again', () => {
    const copied = copyOf(finished(), 'image');
    expect(shape(copied)).toEqual(['root', 'list=completed', 'image', 'after']);
    const scenario = run(copied);
    expect(scenario.ids('ready').map((id) => scenario.task(id).definition.key)).toEqual(['image.0', 'image.1']);
    scenario.completeAll('again');
    expect(byKey(scenario, 'after')?.input).toEqual({ image: ['again', 'again'], all: ['again', 'again'] });
  });

  it('keeps the other copies when one of them runs again', () => {
    const copied = copyOf(finished(), 'image.1');
    expect(shape(copied)).toEqual(['root', 'list=completed', 'image', 'after', 'image.0=completed', 'image.1']);
    const scenario = run(copied);
    scenario.completeAll('again');
    expect(byKey(scenario, 'image.1')?.input).toEqual({ name: 'b' });
    expect(byKey(scenario, 'after')?.input?.['all']).toEqual(['A', 'again']);
  });

  it('hands on what it ended with when it is carried over', () => {
    const scenario = run(copyOf(finished(), 'after'));
    scenario.completeAll();
    expect(byKey(scenario, 'after')?.input?.['all']).toEqual(['A', 'B']);
  });

  it('is shown as it was submitted, and that can be created again', () => {
    const group = tasksOf({
      each: { group: true, forEach: [1], as: 'n', inputs: { n: '${{ n }}' }, policies: { onFailure: 'failFast' } },
      below: { parentId: 'each', inputs: { n: '${{ inputs.n }}' } },
    });
    const shown = toSubmission(
      new Scenario(group).run.root.children.length === 1
        ? copyOf(new Scenario(group), 'root', { mode: 'full' })
        : { tasks: [] },
    );
    expect(shown.map(({ id, parentId }) => [id, parentId])).toEqual([
      ['copy', undefined],
      ['copy.1', 'copy'],
      ['below', 'copy.1'],
    ]);
    expect(shown[1]).toMatchObject({
      forEach: [1],
      as: 'n',
      inputs: { n: '${{ n }}' },
      policies: { onFailure: 'failFast' },
    });
    expect(validate(shown).ok).toBe(true);
  });
});
