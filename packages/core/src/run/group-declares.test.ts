/** Groups that say what they take and give: declared inputs, declared outputs, and names for expressions that are not unique in the tree. */
import type { TaskId, TreeId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { copyTree } from '../task/copy.ts';
import { toSubmission } from '../task/copy-preview.ts';
import type { Declares } from '../task/declared-inputs.ts';
import type { TaskSubmission } from '../task/submission.ts';
import { applyUpdate } from '../task/update.ts';
import { linesOf, testContext, validate } from '../validate/validation.fixture.ts';
import { checkFold, Scenario, tasksOf } from './run.fixture.ts';

const declares: Declares = {
  inputs: {
    region: { type: 'string', enum: ['eu', 'us'], required: true },
    replicas: { type: 'integer', default: 2 },
  },
  outputs: { url: { value: 'https://${{ inputs.region }}/${{ deps.push.path }}' }, all: { value: '${{ output }}' } },
};

/** One deploy used twice, with names that expressions of both read. */
const used = (inputs: Readonly<Record<string, TaskSubmission['inputs']>>): Shapes => {
  const shapes: Record<string, Shapes[string]> = { pick: [] };
  for (const [name, given] of Object.entries(inputs)) {
    shapes[name] = { group: true, dependencies: ['pick'], inputs: given, declares };
    shapes[`${name}.build`] = { parentId: name, ref: 'build', inputs: { region: '${{ inputs.region }}' } };
    shapes[`${name}.push`] = {
      parentId: name,
      ref: 'push',
      dependencies: [`${name}.build`],
      inputs: { image: '${{ deps.build.image }}', replicas: '${{ inputs.replicas }}' },
    };
  }
  const names = Object.keys(inputs);
  shapes['report'] = { dependencies: names, inputs: { urls: names.map((name) => `\${{ deps.${name}.url }}`) } };
  return shapes;
};

type Shapes = Parameters<typeof tasksOf>[0];

function started(tasks: readonly TaskSubmission[]): Scenario {
  const scenario = new Scenario(tasks);
  scenario.execute();
  return scenario;
}

describe('a group that declares its inputs', () => {
  it('takes defaults, hands its declared outputs on, and its members are called by their refs', () => {
    const scenario = started(
      tasksOf(used({ staging: { region: 'eu' }, live: { region: '${{ deps.pick.where }}', replicas: 5 } })),
    );
    scenario.complete('pick', { where: 'us' });
    expect(scenario.task('live').input).toEqual({ region: 'us', replicas: 5 });
    for (const name of ['staging', 'live']) {
      scenario.complete(`${name}.build`, { image: `${name}:1` });
      scenario.start(`${name}.push`);
      expect(scenario.task(`${name}.push`).input).toMatchObject({
        build: { image: `${name}:1` },
        image: `${name}:1`,
        replicas: name === 'live' ? 5 : 2,
      });
      scenario.complete(`${name}.push`, { path: name });
    }
    expect(scenario.task('staging').output).toEqual({
      url: 'https://eu/staging',
      all: { build: { image: 'staging:1' }, push: { path: 'staging' } },
    });
    scenario.start('report');
    expect(scenario.task('report').input?.['urls']).toEqual(['https://eu/staging', 'https://us/live']);
    checkFold(scenario.run, scenario.log);
  });

  it('reads its outputs from its only member, as a tree reads them from its root', () => {
    const outputs: Declares['outputs'] = { size: { value: '${{ output.size }}' }, part: { value: '${{ deps.leaf }}' } };
    const scenario = started(
      tasksOf({
        used: { group: true, declares: { inputs: {}, outputs } },
        inner: { group: true, parentId: 'used', output: { size: '${{ deps.leaf }}' } },
        leaf: { parentId: 'inner' },
      }),
    );
    scenario.complete('leaf', 7);
    expect(scenario.task('used')).toMatchObject({ input: {}, output: { size: 7, part: 7 } });
  });

  it('has no output when only a part of its members runs, whatever it is made of', () => {
    for (const made of [{ declares }, { output: '${{ deps.push.path }}' }]) {
      const live = { group: true, inputs: { region: 'eu' }, ...made };
      const scenario = new Scenario(tasksOf({ live, build: { parentId: 'live' }, push: { parentId: 'live' } }));
      scenario.execute('build');
      expect(scenario.complete('build', {}).at(-1)).toBe('RunCompleted');
      expect(scenario.task('live')).toMatchObject({ status: 'completed', output: null });
    }
  });

  it('fails when what it is given does not fit; its members are skipped, and a retry asks again', () => {
    const scenario = started(
      tasksOf(used({ live: { region: '${{ deps.pick.where }}', replicas: '${{ deps.pick.n }}' } })),
    );
    expect(scenario.complete('pick', { where: 'su', n: 'many' }).join('\n')).toMatch(
      /TaskFailed live .*error=task\/invalid-inputs/,
    );
    expect(scenario.task('live').error?.message).toBe(
      "live can not open: the input 'region' is su, and must be one of eu, us; did you mean 'eu'? (and 1 more). Mend what it is made from, and retry from failure",
    );
    expect(scenario.task('live.build').status).toBe('skipped');
    scenario.retry('start');
    scenario.complete('pick', { where: 'us', n: null });
    expect(scenario.task('live').input).toEqual({ region: 'us', replicas: 2 });
  });

  it('is closed: inside, the inputs of the run are not read', () => {
    const tasks = tasksOf({
      used: { group: true, declares: { inputs: {} } },
      leaf: { parentId: 'used', inputs: { x: '${{ inputs.x }}' } },
    });
    expect(linesOf(tasks, { inputs: { x: 1 } })).toEqual([
      expect.stringContaining("reads inputs.x, but 'x' is no input that the tree declares"),
    ]);
  });
});

describe('what is refused when the tree is created', () => {
  const lines = (live: Partial<TaskSubmission>, more: Parameters<typeof tasksOf>[0] = {}): readonly string[] =>
    linesOf(
      tasksOf({
        pick: [],
        live: { group: true, declares, ...live },
        push: { parentId: 'live' },
        build: { parentId: 'live' },
        ...more,
      }),
    );

  it('constants that do not fit, unknown and missing inputs; expressions are checked when the group opens', () => {
    expect(lines({ inputs: { region: 'mars', replica: 1, replicas: 1.5 } })).toMatchInlineSnapshot(`
      [
        "task/invalid-inputs tasks.2.inputs.replica: Task 'live' is given inputs that do not fit: there is no input 'replica'; did you mean 'replicas'?",
        "task/invalid-inputs tasks.2.inputs.region: Task 'live' is given inputs that do not fit: the input 'region' is mars, and must be one of eu, us",
        "task/invalid-inputs tasks.2.inputs.replicas: Task 'live' is given inputs that do not fit: the input 'replicas' is a number, and must be a whole number",
      ]
    `);
    expect(lines({ inputs: {} })).toMatchInlineSnapshot(`
      [
        "task/invalid-inputs tasks.2.inputs.region: Task 'live' is given inputs that do not fit: the input 'region' is required and was not given",
      ]
    `);
    const open = { region: '${{ deps.pick }}', replicas: ['${{ deps.pick }}'] };
    const live = { group: true, declares: { inputs: declares.inputs ?? {} }, dependencies: ['pick'], inputs: open };
    expect(validate(tasksOf({ pick: [], live })).ok).toBe(true);
  });

  it('outputs that read what there is not, and output beside them', () => {
    const outputs: Declares['outputs'] = { a: { value: '${{ deps.psuh }}' } };
    expect(lines({ inputs: {}, declares: { outputs }, output: 1 })).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.output: Task 'live' has declared outputs, which are its output, and output beside them",
        "tree/invalid tasks.2.declares.outputs.a.value: Task 'live' reads deps.psuh, but 'psuh' is not one of its members; did you mean 'push'?",
      ]
    `);
    expect(lines({ inputs: { region: 'eu' } }, { work: { declares: { inputs: {} } } })).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.5.declares: Task 'work' says what it takes and gives, which groups and trees do, and is no group",
      ]
    `);
  });

  it('two members of a group that are called alike, and two dependencies', () => {
    const members = {
      a: { parentId: 'live', ref: 'x' },
      b: { parentId: 'live', ref: 'x' },
      push: { parentId: 'live', ref: ' ' },
    };
    expect(lines({ inputs: { region: 'eu' } }, members)).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.declares.outputs.url.value: Task 'live' reads deps.push, but 'push' is not one of its members",
        "tree/invalid tasks.3.ref: Task 'push' has an empty ref; leave it out for the id or name",
        "tree/invalid tasks.6.ref: Task 'b' is called 'x' in expressions, as task 5 of the same group is",
      ]
    `);
    const both = {
      a: { ref: 'x' },
      in: { group: true },
      b: { ref: 'x', parentId: 'in' },
      last: { dependencies: ['a', 'b'] },
    };
    expect(linesOf(tasksOf(both))).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.4.dependencies.1.into: Task 'last' gets two outputs under the input key 'x': dependencies 0 and 1",
      ]
    `);
    expect(validate(tasksOf({ ...both, last: { dependencies: ['a', { task: 'b', into: 'y' }] } })).ok).toBe(true);
  });

  it('an update with inputs that do not fit', () => {
    const scenario = new Scenario(tasksOf(used({ live: { region: 'eu' } })));
    const tasks = [...scenario.run.byId.values()].map(({ definition }) => definition);
    const update = (inputs: NonNullable<TaskSubmission['inputs']>) =>
      applyUpdate(tasks, { taskId: 'live' as TaskId, patch: { inputs } }, testContext);
    expect(update({ region: 'us' })).toMatchObject({ ok: true, value: { inputs: { region: 'us' } } });
    expect(update({ region: 1 })).toMatchObject({ ok: false });
  });
});

describe('a copy', () => {
  it('keeps names and declarations, and shows them as a submission that is valid', () => {
    const scenario = started(tasksOf(used({ live: { region: 'eu' } })));
    scenario.complete('pick', {});
    scenario.complete('live.build', { image: 'i' });
    scenario.completeAll({ path: 'p' });
    const copied = copyTree(scenario.run, 'live' as TaskId, {
      options: {},
      context: { ...testContext, treeId: 'copy' as TreeId },
    });
    if (!copied.ok) throw new Error(copied.rejection.message);
    const submission = toSubmission(copied.value);
    const group = submission.find(({ name }) => name === 'live');
    expect(group?.declares?.inputs).toEqual(declares.inputs);
    expect(group?.declares?.outputs?.['url']?.value).toMatch(/deps\["copy\.\w+"\]\.path/);
    expect(validate(submission)).toMatchObject({ ok: true });
  });

  it('takes the group along whose inputs are nothing but defaults', () => {
    const live = { group: true, declares: { inputs: { n: { default: 1 } } } };
    const scenario = started(
      tasksOf({ live, lint: { parentId: 'live', inputs: { n: '${{ inputs.n }}' } }, other: { parentId: 'live' } }),
    );
    scenario.start('lint');
    expect(scenario.task('lint').input).toEqual({ n: 1 });
    scenario.complete('lint', 1);
    const copied = copyTree(scenario.run, 'lint' as TaskId, {
      options: {},
      context: { ...testContext, treeId: 'copy' as TreeId },
    });
    expect(copied.ok ? copied.value.tasks.map(({ key }) => key) : []).toEqual(['live', 'lint']);
  });

  it('of a part of the members has no outputs', () => {
    const members = { lint: { parentId: 'live' }, push: { parentId: 'live' } };
    const scenario = started(tasksOf({ live: { group: true, inputs: { region: 'eu' }, declares }, ...members }));
    scenario.complete('lint', 1);
    const copied = copyTree(scenario.run, 'lint' as TaskId, {
      options: {},
      context: { ...testContext, treeId: 'copy' as TreeId },
    });
    const group = copied.ok ? copied.value.tasks.find(({ key }) => key === 'live') : undefined;
    expect(group?.declares).toEqual({ inputs: declares.inputs });
  });
});
