import type { Json } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { DependencySubmission } from '../task/submission.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const on = (task: string, more: Partial<DependencySubmission> = {}): TaskShape => ({
  dependencies: [{ task, ...more }],
});

/** A run with `a`, and `b` behind an edge with this condition. */
function afterA(condition: string, more: TaskShape = {}): Scenario {
  const scenario = new Scenario(tasksOf({ a: [], b: { ...on('a', { condition }), ...more } }));
  scenario.execute();
  return scenario;
}

function reasonOf(scenario: Scenario, id: string): string | undefined {
  return scenario.task(id).reason?.message;
}

describe('a condition that can not be worked out', () => {
  it('fails its target with condition/failed, in the decision that settles the edge (R-RO-05)', () => {
    const scenario = afterA('output.absent == 1');
    expect(scenario.complete('a', { n: 7 })).toEqual([
      'TaskCompleted a/1 dead=b:condition',
      'TaskFailed b error=condition/failed',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
    expect(scenario.task('b').error).toEqual({
      code: 'condition/failed',
      message:
        'The condition `output.absent == 1` on a can not be worked out: No such property: absent. Mend it in a copy of the tree',
      retryable: false,
      data: { condition: 'output.absent == 1', source: 'a' },
    });
    expect(scenario.log.find(({ type }) => type === 'TaskCompleted')?.data).toMatchObject({
      dead: [{ task: 'b', fault: expect.stringContaining('No such property: absent') as string }],
    });
  });

  it.each<readonly [string, Json]>([
    ['7', 7],
    ['"yes"', 'yes'],
    ['null', null],
    ['a list of 2', [1, 2]],
    ['a map of 1', { x: 1 }],
  ])('is one whose value is %s', (shown, value) => {
    const scenario = afterA('output.value');
    scenario.complete('a', { value });
    expect(scenario.task('b').error?.message).toContain(`it is ${shown}, neither true nor false`);
  });

  it('does not wait for the other dependencies, whatever the join', () => {
    for (const join of ['all', 'any', 'settled'] as const) {
      const dependencies = [{ task: 'a', condition: 'output.absent == 1' }, 'other'];
      const scenario = new Scenario(tasksOf({ a: [], other: [], b: { join, dependencies } }));
      scenario.execute();
      scenario.complete('a', {});
      expect(scenario.statuses).toBe('a:completed other:ready b:failed');
    }
  });

  it('is only told when another dependency has started its target', () => {
    const dependencies = [{ task: 'a', condition: 'output.absent == 1' }, 'other'];
    const scenario = new Scenario(tasksOf({ a: [], other: [], b: { join: 'any', dependencies } }));
    scenario.execute();
    scenario.complete('other');
    scenario.start('b');
    expect(scenario.complete('a', {})).toEqual(['TaskCompleted a/1 dead=b:condition']);
    scenario.complete('b');
    expect(scenario.run.status).toBe('completed');
  });

  it('fails a group before it opens; its members are skipped', () => {
    const scenario = new Scenario(
      tasksOf({
        a: [],
        g: { group: true, ...on('a', { condition: 'output.absent == 1' }) },
        m: { parentId: 'g' },
        after: on('g', { on: ['failure'] }),
      }),
    );
    scenario.execute();
    scenario.complete('a', {});
    expect(scenario.statuses).toBe('a:completed g:failed m:skipped after:ready');
    expect(reasonOf(scenario, 'm')).toBe('The group g failed before it began');
  });

  it('is a failure like any other: allowed, handled, or fast', () => {
    const allowed = afterA('output.absent == 1', { allowFailure: true });
    allowed.complete('a', {});
    expect([allowed.run.status, allowed.task('b').handled]).toEqual(['completed', true]);

    const fast = new Scenario(tasksOf({ a: [], b: on('a', { condition: 'output.absent == 1' }), c: [] }), {
      policies: { onFailure: 'failFast' },
    });
    fast.execute();
    fast.complete('a', {});
    expect(fast.statuses).toBe('a:completed b:failed c:cancelled');
  });

  it('fails again when the run is retried from the failure, and never turns it green', () => {
    const scenario = afterA('output.absent == 1');
    scenario.complete('a', {});
    expect(scenario.retry('failure')).toEqual([
      'RunReopened reset=root,b',
      'TaskOpened root',
      'TaskFailed b error=condition/failed',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('is worked out anew when the source runs again', () => {
    const scenario = afterA('output.ok == true');
    scenario.complete('a', {});
    scenario.retry('start');
    scenario.complete('a', { ok: true });
    expect(scenario.task('b').status).toBe('ready');
  });

  it('fails its target when the dependency is given to it later', () => {
    const scenario = new Scenario(tasksOf({ a: [], wait: [], b: ['wait'] }));
    scenario.execute();
    scenario.complete('a', {});
    const { definition } = scenario.task('b');
    const [dependency] = afterA('output.absent == 1').task('b').definition.dependencies;
    scenario.when({ type: 'update', definition: { ...definition, dependencies: [dependency!] } });
    expect(scenario.task('b').error?.code).toBe('condition/failed');
  });
});

describe('a skip says which edge, which filter, and what it saw', () => {
  it.each<
    readonly [string, Partial<DependencySubmission>, readonly [act: (scenario: Scenario) => void, reason: string]]
  >([
    [
      'a condition',
      { condition: 'output.n == 9' },
      [(scenario) => scenario.complete('a', { n: 7 }), 'a: condition `output.n == 9` was false: output.n is 7'],
    ],
    [
      'a condition over two values',
      { condition: 'output.text == error' },
      [
        (scenario) => scenario.complete('a', { text: 'x'.repeat(100) }),
        `a: condition \`output.text == error\` was false: output.text is "${'x'.repeat(60)}…", error is null`,
      ],
    ],
    ['a failure', {}, [(scenario) => scenario.fail('a', { retryable: false }), 'a has failed']],
    [
      'a trigger',
      { on: ['failure', 'skipped'] },
      [(scenario) => scenario.complete('a'), 'a has completed, and the dependency waits for failure or skipped'],
    ],
    [
      'a port',
      { port: 'other' },
      [
        (scenario) => scenario.complete('a', null, 'some'),
        "a has completed on port 'some', and the dependency waits for port 'other'",
      ],
    ],
    [
      'the primary port',
      {},
      [
        (scenario) => scenario.complete('a', null, 'some'),
        "a has completed on port 'some', and the dependency waits for its primary port",
      ],
    ],
  ])('for %s', (_, dependency, [act, reason]) => {
    const scenario = new Scenario(tasksOf({ a: [], b: on('a', dependency) }));
    scenario.execute();
    act(scenario);
    expect(reasonOf(scenario, 'b')).toBe(`The dependencies can no longer be met: ${reason}`);
  });

  it('for a dependency that is disabled', () => {
    const scenario = new Scenario(tasksOf({ a: [], b: on('a', { enabled: false }) }));
    scenario.execute();
    expect(reasonOf(scenario, 'b')).toBe('The dependencies can no longer be met: the dependency on a is disabled');
  });

  it('for many, three of them', () => {
    const ids = ['p', 'q', 'r', 's', 't'];
    const scenario = new Scenario(
      tasksOf({
        ...Object.fromEntries(ids.map((id) => [id, []])),
        b: { join: 'any', dependencies: ids.map((task) => ({ task, condition: 'output.n == 1' })) },
      }),
    );
    scenario.execute();
    for (const id of ids) scenario.complete(id, { n: id });
    expect(reasonOf(scenario, 'b')).toMatchInlineSnapshot(
      `"The dependencies can no longer be met: p: condition \`output.n == 1\` was false: output.n is "p"; q: condition \`output.n == 1\` was false: output.n is "q"; r: condition \`output.n == 1\` was false: output.n is "r"; 2 more"`,
    );
  });
});
