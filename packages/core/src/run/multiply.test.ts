/** Multiplied tasks (rule 6): copies per item, per combination, or one after the other; what they read, what they hand on, and limits. */
import type { Json } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { linesOf } from '../validate/validation.fixture.ts';
import { COPIES_KEPT } from './groups.ts';
import { Scenario, tasksOf } from './run.fixture.ts';
import { readableScope } from './task-expressions.ts';

function opened(tasks: readonly TaskSubmission[], inputs: Readonly<Record<string, Json>> = {}): Scenario {
  const scenario = new Scenario(tasks, { inputs });
  scenario.execute();
  return scenario;
}

/** A list, a copy for each of its items, and a task that reads the outcome. */
const forEachItem = tasksOf({
  list: [],
  image: {
    dependencies: [{ task: 'list', into: 'all' }],
    forEach: '${{ deps.list.images }}',
    as: 'image',
    label: 'build ${{ image.name }}',
    inputs: { name: '${{ image.name }}', index: '${{ index }}', of: '${{ deps.list.of }}' },
  },
  report: { dependencies: ['image'], inputs: { second: '${{ deps.image }}' } },
});

const images = { of: 'app', images: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] };

describe('forEach', () => {
  it('R-RO-14: makes one copy for each item, all at once, in item order', () => {
    const scenario = opened(forEachItem);
    expect(scenario.complete('list', images)).toContain('TaskOpened image ready=image.0,image.1,image.2');
    expect(scenario.run.root.children.map(({ id }) => id)).toEqual(['list', 'image', 'report']);
    const copies = scenario.task('image').children;
    expect(copies.map(({ definition: { key, name } }) => [key, name])).toEqual([
      ['image.0', 'build a'],
      ['image.1', 'build b'],
      ['image.2', 'build c'],
    ]);
  });

  it('gives each copy its item, its index and what the task depends on; a list only where an input is named for it', () => {
    const scenario = opened(forEachItem);
    scenario.complete('list', images);
    scenario.start('image.1');
    expect(scenario.task('image.1').input).toEqual({ all: images, name: 'b', index: 1, of: 'app' });
  });

  it('hands on the outputs of the copies as a list in item order, whatever ended first', () => {
    const scenario = opened(forEachItem);
    scenario.complete('list', images);
    for (const id of ['image.2', 'image.0', 'image.1']) scenario.complete(id, `${id} done`);
    scenario.start('report');
    const list = ['image.0 done', 'image.1 done', 'image.2 done'];
    expect(scenario.task('report').input).toEqual({ image: list, second: list });
  });

  it('takes an object as a list of keys and values, and no items as an empty list', () => {
    const each = tasksOf({
      none: { forEach: [] },
      pair: { forEach: { x: 1, y: 2 }, inputs: { is: '${{ item.key }}${{ item.value }}' } },
      after: { dependencies: ['none'] },
    });
    const scenario = opened(each);
    expect(scenario.task('none').status).toBe('completed');
    scenario.start('pair.0', 'pair.1', 'after');
    expect([scenario.task('pair.0'), scenario.task('pair.1')].map(({ input }) => input)).toEqual([
      { is: 'x1' },
      { is: 'y2' },
    ]);
    expect(scenario.task('after').input).toEqual({ none: [] });
  });

  it('copies a group with everything below it, and each copy has its own scope', () => {
    const scenario = opened(
      tasksOf({
        deploy: {
          group: true,
          forEach: ['north', 'south'],
          inputs: { region: '${{ item }}' },
          output: '${{ deps.check.ok }}',
        },
        push: { parentId: 'deploy', inputs: { to: '${{ inputs.region }}', item: '${{ item }}' } },
        check: { parentId: 'deploy', dependencies: ['push'] },
      }),
    );
    expect(scenario.ids('ready')).toEqual(['deploy.0.0', 'deploy.1.0']);
    scenario.complete('deploy.1.0');
    expect(scenario.task('deploy.1.0').input).toEqual({ to: 'south', item: 'south' });
    expect(scenario.complete('deploy.1.1', { ok: 2 })).toContain('TaskCompleted deploy.1');
    scenario.complete('deploy.0.0');
    scenario.complete('deploy.0.1', { ok: 1 });
    expect(scenario.run.status).toBe('completed');
    expect(scenario.task('deploy').children.map(({ output }) => output)).toEqual([1, 2]);
  });

  it('nests, and the inner item hides nothing of the outer one', () => {
    const scenario = opened(
      tasksOf({
        region: { group: true, forEach: ['n', 's'], as: 'region' },
        zone: {
          parentId: 'region',
          forEach: [1, 2],
          as: 'zone',
          inputs: { at: '${{ region }}${{ zone }}/${{ index }}' },
        },
        after: { dependencies: ['region'] },
      }),
    );
    const zones = scenario.ids('ready');
    expect(zones).toEqual(['region.0.0.0', 'region.0.0.1', 'region.1.0.0', 'region.1.0.1']);
    for (const id of zones) scenario.complete(id, id);
    expect(scenario.task('region.1.0.0').input).toEqual({ at: 's1/0' });
    scenario.start('after');
    const { region } = scenario.task('after').input ?? {};
    expect(region).toEqual([{ zone: ['region.0.0.0', 'region.0.0.1'] }, { zone: ['region.1.0.0', 'region.1.0.1'] }]);
  });

  it.each([
    [3, 'multiplier/invalid', /forEach of each is a number/],
    [Array.from({ length: 10_001 }, () => 0), 'multiplier/limit', /10001 items, above the limit of 10000/],
  ])('fails the task when the list is none, or too long', (list, code, message) => {
    const scenario = opened(tasksOf({ each: { forEach: '${{ inputs.list }}' } }), { list });
    expect(scenario.task('each').error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('copies a wait', () => {
    const scenario = opened(tasksOf({ each: { group: true, forEach: [1, 2], wait: { forMs: 5_000 } } }));
    expect(scenario.ids('waiting')).toEqual(['each.0', 'each.1']);
  });

  it('counts its copies in the progress of the run', () => {
    const scenario = opened(forEachItem);
    expect(scenario.run.selectedCount).toBe(4);
    scenario.complete('list', images);
    expect(scenario.run.selectedCount).toBe(7);
    expect(scenario.run.counts).toMatchObject({ completed: 1, ready: 3, running: 2, pending: 1 });
  });

  it('fails with its copies, and failFast cancels the rest', () => {
    const each = { forEach: [1, 2, 3], policies: { onFailure: 'failFast' as const } };
    const scenario = opened(tasksOf({ each }));
    scenario.fail('each.1', { retryable: false });
    expect(scenario.statuses).toBe('each:failed each.0:cancelled each.1:failed each.2:cancelled');
  });
});

describe('matrix', () => {
  it('is the product in declared order, without what is excluded, with what is included', () => {
    const scenario = opened(
      tasksOf({
        test: {
          matrix: {
            os: ['linux', 'mac'],
            node: [20, 22],
            exclude: [{ os: 'mac', node: 20 }],
            include: [{ os: 'bsd', node: 24 }],
          },
          inputs: { run: '${{ item.os }}-${{ item.node }}' },
        },
      }),
    );
    const copies = scenario.ids('ready');
    scenario.start(...copies);
    expect(copies.map((id) => scenario.task(id).input?.['run'])).toEqual(['linux-20', 'linux-22', 'mac-22', 'bsd-24']);
    expect(scenario.task('test.0').definition.name).toBe('test (linux, 20)');
  });
});

describe('repeat', () => {
  const poll = (repeat: TaskSubmission['repeat'], more: Partial<TaskSubmission> = {}): readonly TaskSubmission[] =>
    tasksOf({ poll: { repeat, ...more, inputs: { n: '${{ index }}' } }, after: { dependencies: ['poll'] } });

  it('R-RO-15: makes the next copy when the former has ended, until its condition holds; its output is that of the last', () => {
    const scenario = opened(poll({ until: 'last.output.ready == true', max: 5 }));
    expect(scenario.ids('ready')).toEqual(['poll.0']);
    expect(scenario.complete('poll.0', { ready: false })).toEqual([
      'TaskCompleted poll.0/1',
      'TaskOpened poll ready=poll.1',
    ]);
    expect(scenario.complete('poll.1', { ready: true })).toEqual([
      'TaskCompleted poll.1/1',
      'TaskCompleted poll ready=after',
    ]);
    scenario.start('after');
    expect(scenario.task('after').input).toEqual({ poll: { ready: true } });
  });

  it('waits between the copies, and each sees how the former ended', () => {
    const scenario = opened(
      poll({ until: 'last.output.ready == true', max: 5, delayMs: 5_000 }, { label: 'try ${{ index }}' }),
    );
    expect(scenario.complete('poll.0', { ready: false })).toContain('TaskDelayed poll.1');
    expect(scenario.task('poll.1').waiting).toMatchObject({ for: 'delay', untilMs: 6_000 });
    expect(scenario.task('poll.1').definition).toMatchObject({
      name: 'try 1',
      given: { values: { index: 1, last: { status: 'completed', output: { ready: false }, error: null } } },
    });
  });

  it('asks while before each copy, also before the first', () => {
    const scenario = opened(poll({ while: 'inputs.go == true', max: 5 }), { go: false });
    expect(scenario.task('poll').status).toBe('completed');
    expect(scenario.task('poll').children).toEqual([]);
    scenario.start('after');
    expect(scenario.task('after').input).toEqual({ poll: null });
  });

  it('fails at its limit, or completes when that is said', () => {
    const failing = opened(poll({ until: 'last.output == 9', max: 2 }));
    failing.complete('poll.0', 1);
    failing.complete('poll.1', 2);
    expect(failing.task('poll').error?.code).toBe('repeat/limit');
    const completing = opened(poll({ until: 'last.output == 9', max: 2, onLimit: 'complete' }));
    completing.complete('poll.0', 1);
    completing.complete('poll.1', 2);
    expect(completing.task('poll').status).toBe('completed');
    const counting = opened(poll({ max: 2 }));
    counting.complete('poll.0', 1);
    counting.complete('poll.1', 2);
    expect(counting.task('poll').status).toBe('completed');
  });

  it('stops at a copy that fails, or goes on when that is said', () => {
    const stopping = opened(poll({ until: 'last.status == "completed"', max: 3 }));
    stopping.fail('poll.0', { retryable: false });
    expect(stopping.task('poll').error?.code).toBe('group/failed');
    const going = opened(poll({ until: 'last.status == "completed"', max: 3, onFailure: 'continue' }));
    going.fail('poll.0', { retryable: false });
    going.complete('poll.1', 'ok');
    expect(going.task('poll').status).toBe('completed');
  });

  it('refuses to read what was cut of the output of the former copy, and lets everything else be read', () => {
    const cut = [{ path: ['text'], kept: 'tail' as const, keptBytes: 3, totalBytes: 9 }];
    const after = (until: string): Scenario => {
      const scenario = opened(tasksOf({ loop: { repeat: { until, max: 5 } } }));
      scenario.start('loop.0');
      const outcome = { output: { text: 'abc', code: 0 }, cut };
      scenario.when({ type: 'complete', taskId: scenario.task('loop.0').id, attempt: 1, outcome });
      return scenario;
    };
    const condition = after('last.output.text == "abc"');
    expect(condition.task('loop').error?.message).toContain('output.text of the former copy was cut');
    const whole = after('last.output.code == 1');
    const { last } = readableScope({ run: whole.run, context: whole.context() }, whole.task('loop.1')) as {
      last: { output: { text: string; code: number }; status: string };
    };
    expect([last.output.code, last.status]).toEqual([0, 'completed']);
    expect(() => last.output.text).toThrow('output.text of the former copy was cut');
  });

  it('keeps a bounded number of copies in the state', () => {
    const scenario = new Scenario(poll({ until: 'last.output == 9', max: 1_000 }), { checks: false });
    scenario.execute();
    let most = 0;
    for (let n = 0; n < 999; n++) {
      scenario.complete(`poll.${n}`, n === 998 ? 9 : 0);
      most = Math.max(most, scenario.run.tasks.length);
    }
    expect(most).toBeLessThanOrEqual(2 * COPIES_KEPT + 3);
    expect(scenario.task('poll').status).toBe('completed');
    scenario.check();
    const checked = new Scenario(poll({ max: 250 }));
    checked.execute();
    for (let n = 0; n < 250; n++) checked.complete(`poll.${n}`);
    expect(checked.task('poll').children.length).toBeLessThan(2 * COPIES_KEPT + 1);
  });
});

describe('a multiplied task that runs again', () => {
  it('goes on with the copies that failed', () => {
    const scenario = opened(tasksOf({ each: { forEach: [1, 2, 3] } }));
    scenario.complete('each.0');
    scenario.fail('each.1', { retryable: false });
    scenario.complete('each.2');
    expect(scenario.retry('failure')).toEqual([
      'RunReopened reset=root,each,each.1',
      'TaskOpened root',
      'TaskOpened each ready=each.1',
    ]);
    scenario.complete('each.1');
    expect(scenario.run.status).toBe('completed');
  });

  it('makes its copies anew when it starts over, under ids that nobody had', () => {
    const scenario = opened(forEachItem);
    scenario.complete('list', images);
    scenario.completeAll();
    expect(scenario.retry('start')[0]).toBe('RunReopened reset=root,list,image,report');
    scenario.complete('list', { of: 'app', images: [{ name: 'd' }] });
    expect(scenario.task('image').children.map(({ id, definition }) => [id, definition.key])).toEqual([
      ['image.3', 'image.0'],
    ]);
    scenario.completeAll();
    expect(scenario.run.status).toBe('completed');
  });

  it('makes them anew when what it depends on runs again', () => {
    const scenario = opened(forEachItem);
    scenario.complete('list', images);
    scenario.completeAll();
    scenario.retry('task', { taskId: 'list' });
    expect(scenario.task('image').children).toEqual([]);
  });

  it('repeats from its last copy, or from the first when an earlier one is to run again', () => {
    const poll = tasksOf({ poll: { repeat: { max: 3 } } });
    const last = opened(poll);
    for (const id of ['poll.0', 'poll.1', 'poll.2']) last.complete(id);
    expect(last.retry('task', { taskId: 'poll.2' })).toContain('TaskOpened poll ready=poll.2');
    const first = opened(poll);
    for (const id of ['poll.0', 'poll.1', 'poll.2']) first.complete(id);
    expect(first.retry('task', { taskId: 'poll.0' })).toContain('TaskOpened poll ready=poll.3');
  });

  it('is cancelled with its copies', () => {
    const scenario = opened(tasksOf({ each: { forEach: [1, 2] } }));
    scenario.complete('each.0');
    scenario.cancel('each');
    expect(scenario.statuses).toBe('each:cancelled each.0:completed each.1:cancelled');
    expect(scenario.retry('failure')).toContain('TaskOpened each ready=each.1');
  });
});

describe('a submission with multipliers', () => {
  it('is refused with all that is wrong', () => {
    const found = linesOf(
      tasksOf({
        a: { forEach: 3, repeat: { max: 0 }, as: 'deps' },
        b: { as: 'x' },
        c: { forEach: [1], inputs: { is: '${{ itm }}' } },
        d: { forEach: [1] },
        inside: { parentId: 'd' },
        e: { group: true, forEach: [1] },
        below: { parentId: 'e', dependencies: ['b'] },
        f: { dependencies: ['below'] },
        m: { matrix: { os: 3 } },
        item: { inputs: { is: '${{ item }}' } },
      }),
    );
    expect(found).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.1.repeat: Task 'a' has forEach and repeat; a task has one multiplier",
        "tree/invalid tasks.1.forEach: Task 'a' has a forEach that is neither a list, an object nor an expression",
        "tree/invalid tasks.1.repeat.max: Task 'a' has max 0, which must be a whole number from 1 to 100000",
        "tree/invalid tasks.1.as: Task 'a' names an item, but a repetition has none: its expressions read last and index",
        "tree/invalid tasks.2.as: Task 'b' has as, which says how the copies of a multiplied task are named, and is not multiplied",
        "tree/invalid tasks.3.inputs.is: Task 'c' reads 'itm' at offset 0, which there is not here; did you mean 'item'?",
        "tree/invalid tasks.5.parentId: Task 'inside' is below 'd', which is multiplied and has an executor",
        "tree/invalid-dependency tasks.7.dependencies.0: Task 'below' depends on 'b' outside of 'e', which is multiplied; put the dependency on that, and hand the value in by its inputs",
        "tree/invalid-dependency tasks.8.dependencies.0: Task 'f' depends on 'below', of which there is one in each copy of 'e'; depend on that",
        "tree/invalid tasks.9.matrix.os: Task 'm' has an axis 'os' that is no list",
        "tree/invalid tasks.10.inputs.is: Task 'item' reads 'item' at offset 0, which there is not here",
      ]
    `);
  });

  it('is refused when multiplied tasks are nested too deep', () => {
    const tasks = Array.from({ length: 9 }, (_, depth): TaskSubmission => ({
      id: `t${depth}`,
      parentId: depth === 0 ? 'root' : `t${depth - 1}`,
      forEach: [1],
    }));
    expect(linesOf([{ id: 'root' }, ...tasks, { id: 'leaf', parentId: 't8', executor: 'work' }])).toEqual([
      "limit/refused tasks.9: Task 't8' is multiplied inside 8 multiplied tasks, which is the limit",
    ]);
  });
});
