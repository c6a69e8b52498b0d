/** Groups are functions: inputs that are resolved when they open, what their members read, and the output that they end with. */
import type { TaskId, TreeId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { copyTree } from '../task/copy.ts';
import { toSubmission } from '../task/copy-preview.ts';
import type { TaskSubmission } from '../task/submission.ts';
import { linesOf, testContext } from '../validate/validation.fixture.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

/** Two groups, one inside the other, each with inputs of its own. */
const nested = tasksOf({
  list: [],
  outer: { group: true, dependencies: ['list'], inputs: { region: '${{ deps.list.region }}', fixed: 1 } },
  inner: { group: true, parentId: 'outer', inputs: { zone: '${{ inputs.region }}' }, output: '${{ deps.leaf.size }}' },
  leaf: { parentId: 'inner', inputs: { zone: '${{ inputs.zone }}' } },
  beside: { parentId: 'outer', inputs: { region: '${{ inputs.region }}' } },
  outside: { dependencies: ['inner'], inputs: { all: '${{ inputs.all }}', size: '${{ deps.inner }}' } },
});

function opened(tasks: readonly TaskSubmission[] = nested): Scenario {
  const scenario = new Scenario(tasks, { inputs: { all: 'everything' } });
  scenario.execute();
  return scenario;
}

describe('a group with inputs', () => {
  it('R-TV-05: resolves them when it opens, and its members read them, the nearest first', () => {
    const scenario = opened();
    expect(scenario.complete('list', { region: 'north' })).toContain('TaskOpened outer ready=beside');
    expect(scenario.task('outer').input).toEqual({ region: 'north', fixed: 1 });
    expect(scenario.task('inner').input).toEqual({ zone: 'north' });
    scenario.start('leaf', 'beside');
    expect(scenario.task('leaf').input).toEqual({ zone: 'north' });
    expect(scenario.task('beside').input).toEqual({ region: 'north' });
  });

  it('hands its output to dependents; outside of it the inputs are those of the run', () => {
    const scenario = opened();
    scenario.complete('list', { region: 'north' });
    scenario.complete('leaf', { size: 3 });
    expect(scenario.task('inner').output).toBe(3);
    scenario.start('outside');
    expect(scenario.task('outside').input).toEqual({ inner: 3, all: 'everything', size: 3 });
  });

  it('fails when they can not be resolved, and its members are skipped; a retry opens it again', () => {
    const scenario = opened();
    expect(scenario.complete('list', {})).toEqual([
      'TaskCompleted list/1',
      'TaskSkipped beside reason=scope',
      'TaskSkipped leaf reason=scope',
      'TaskSkipped inner dead=outside:trigger reason=scope',
      'TaskFailed outer error=inputs/unresolved',
      'TaskSkipped outside reason=dependency',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
    expect(scenario.task('outer').error?.message).toMatch(/inputs of outer can not be resolved.*deps\.list\.region/);
    expect(scenario.retry('failure')[0]).toMatch(/^RunReopened reset=root,outer,inner,leaf,beside,outside/);
  });

  it('is resolved anew when the run is opened again', () => {
    const scenario = opened();
    scenario.complete('list', { region: 'north' });
    scenario.completeAll({ size: 1 });
    scenario.retry('start');
    scenario.complete('list', { region: 'south' });
    expect(scenario.task('outer').input).toEqual({ region: 'south', fixed: 1 });
  });
});

describe('the output of a group', () => {
  it('may be any value, made of its members and its own inputs', () => {
    const scenario = opened(
      tasksOf({
        build: {
          group: true,
          inputs: { tag: 'v1' },
          output: { image: '${{ deps.image.ref }}:${{ inputs.tag }}', parts: ['${{ deps.parts.one }}'] },
        },
        image: { parentId: 'build' },
        parts: { group: true, parentId: 'build' },
        one: { parentId: 'parts' },
      }),
    );
    scenario.complete('image', { ref: 'app' });
    scenario.complete('one', 7);
    expect(scenario.task('build').output).toEqual({ image: 'app:v1', parts: [7] });
  });

  it('fails the group when it can not be resolved; a retry asks again without running the members', () => {
    const scenario = opened(
      tasksOf({ build: { group: true, output: '${{ deps.image.ref }}' }, image: { parentId: 'build' } }),
    );
    expect(scenario.complete('image', {})).toContain('TaskFailed build error=output/unresolved');
    expect(scenario.retry('failure').slice(0, 2)).toEqual(['RunReopened reset=root,build', 'TaskOpened root']);
    expect(scenario.task('image').attempt).toBe(1);
  });
});

describe('a copy of what is inside a group', () => {
  it('takes the group along whose inputs it reads', () => {
    const scenario = opened();
    scenario.complete('list', { region: 'north' });
    scenario.completeAll({ size: 1 });
    const copied = copyTree(scenario.run, 'beside' as TaskId, {
      options: {},
      context: { ...testContext, treeId: 'copy' as TreeId },
    });
    if (!copied.ok) throw new Error(copied.rejection.message);
    const again = new Scenario([], { definition: copied.value });
    again.execute();
    const beside = again.run.tasks.find(({ definition }) => definition.key === 'beside');
    again.start(beside?.id ?? '');
    expect(beside?.input).toEqual({ region: 'north' });
  });

  it('is shown with expressions that name its members by their new ids', () => {
    const [, , , inner] = toSubmission({
      tasks: opened().run.tasks.map(({ definition }) => definition),
    });
    expect(inner?.output).toBe('${{ deps["leaf"].size }}');
  });
});

describe('expressions inside a group with inputs', () => {
  it('may read those and no others; an output may read members only', () => {
    const found = linesOf(
      tasksOf({
        outer: { group: true, inputs: { region: 'x' }, output: '${{ deps.leef }}' },
        leaf: { parentId: 'outer', inputs: { a: '${{ inputs.regoin }}' } },
        work: { output: 1 },
      }),
    );
    expect(found).toEqual([
      "tree/invalid tasks.1.output: Task 'outer' reads deps.leef, but 'leef' is not one of its members; did you mean 'leaf'?",
      "tree/invalid tasks.2.inputs.a: Task 'leaf' reads inputs.regoin, but 'regoin' is no input that the tree declares; did you mean 'region'?",
      "tree/invalid tasks.3.output: Task 'work' says what its output is made from, but has an executor: what that returns is the output",
    ]);
  });
});
