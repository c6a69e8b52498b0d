import type { JsonObject, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { ApprovalDefinition } from '../task/wait.ts';
import type { Actor } from './actor.ts';
import type { RunCommand } from './command.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const ann: Actor = { userId: 'ann', face: 'rpc' };
const bob: Actor = { userId: 'bob', face: 'cli' };
const root: Actor = { userId: 'root', face: 'rpc' };

type Answer = Partial<Omit<Extract<RunCommand, { type: 'answer' }>, 'type' | 'taskId'>>;

const answer = (id: string, given: Answer = {}): RunCommand => ({
  type: 'answer',
  taskId: id as TaskId,
  approved: true,
  actor: ann,
  isAdmin: given.actor === root,
  ...given,
});

function asking(
  approval: ApprovalDefinition,
  more: Readonly<Record<string, readonly string[] | TaskShape>> = {},
): Scenario {
  const scenario = new Scenario(tasksOf({ w: { group: true, approval }, ...more }), { inputs: { version: 2 } });
  scenario.execute();
  return scenario;
}

const form: JsonObject = {
  type: 'object',
  required: ['region'],
  properties: { region: { type: 'string' }, count: { type: 'number', default: 3 } },
};

describe('approvals', () => {
  it('show what they ask for, resolved, and leave who answered what and when (R-SN-01)', () => {
    const scenario = asking({ title: 'Ship ${{ inputs.version }}?', form, approvers: ['bob'] }, { ship: ['w'] });
    expect(scenario.task('w').input).toEqual({ title: 'Ship 2?', form, approvers: ['bob'] });
    scenario.nowMs += 1_000;
    expect(
      scenario.when(answer('w', { actor: bob, values: { region: 'eu' }, comment: 'Looks good', id: 'once' })),
    ).toEqual(['SignalReceived', 'TaskCompleted w ready=ship']);
    expect(scenario.task('w')).toMatchObject({
      port: 'approved',
      output: {
        approved: true,
        by: { userId: 'bob', face: 'cli' },
        at: '1970-01-01T00:00:02.000Z',
        comment: 'Looks good',
        values: { region: 'eu', count: 3 },
      },
    });
  });

  it('go on along the port of the answer', () => {
    const edges = {
      ship: ['w'],
      tell: { dependencies: [{ task: 'w', port: 'rejected' }] },
    };
    const rejected = asking({}, edges);
    rejected.when(answer('w', { approved: false, comment: 'Not on Friday' }));
    expect(rejected.statuses).toBe('w:completed ship:skipped tell:ready');
    expect(rejected.task('ship').reason?.message).toContain("completed on port 'rejected'");
    const approved = asking({}, edges);
    approved.when(answer('w'));
    expect(approved.statuses).toBe('w:completed ship:ready tell:skipped');
  });

  it('are answered by those that they name, else by the owner, always by an admin', () => {
    expect(asking({}).refused(answer('w', { actor: bob })).code).toBe('auth/unauthorized');
    const named = asking({ approvers: ['bob'] });
    expect(named.refused(answer('w', { actor: ann })).message).toBe('ann may not answer w. That may: bob, or an admin');
    expect(asking({ approvers: ['bob'] }).when(answer('w', { actor: root }))).toContain('TaskCompleted w');
    expect(named.when(answer('w', { actor: bob }))).toContain('TaskCompleted w');
  });

  it('take one answer each, in any order, and run nothing else again', () => {
    const ids = ['w', 'x', 'y', 'z'];
    const scenario = asking(
      {},
      {
        ...Object.fromEntries(ids.slice(1).map((id) => [id, { group: true, approval: {} }])),
        all: ids,
      },
    );
    for (const id of ['z', 'w', 'y', 'x']) {
      scenario.when(answer(id, { comment: id }));
      expect(scenario.refused(answer(id)).message).toContain('ann has answered it');
    }
    expect(ids.map((id) => (scenario.task(id).output as JsonObject)['comment'])).toEqual(ids);
    expect(scenario.task('all').status).toBe('ready');
  });

  it('take an answer with the same id once, and say so by changing nothing', () => {
    const scenario = asking({}, { x: { group: true, approval: {} } });
    scenario.when(answer('w', { id: 'a' }));
    expect(scenario.when(answer('w', { id: 'a' }))).toEqual([]);
  });

  it('get no answer that was for another, for a task that does not wait, or for one that there is not', () => {
    const scenario = asking({}, { late: { group: true, dependencies: ['w'], approval: {} }, work: [] });
    expect(scenario.refused(answer('late')).message).toBe('late (late) is pending and waits for no answer');
    expect(scenario.refused(answer('work')).code).toBe('task/invalid-transition');
    expect(scenario.refused(answer('none')).code).toBe('task/not-found');
    expect(scenario.task('w').status).toBe('waiting');
  });

  it('check the values of an approval with all violations; who rejects need not give any', () => {
    const scenario = asking({ form });
    const { code, errors } = scenario.refused(answer('w', { values: { region: 5, count: 'x' } }));
    expect(code).toBe('task/invalid-inputs');
    expect(errors?.map(({ path }) => path.join('.'))).toEqual(['values.region', 'values.count']);
    expect(scenario.refused(answer('w')).errors?.[0]?.path).toEqual(['values', 'region']);
    expect(scenario.refused(answer('w', { approved: undefined })).errors?.[0]?.path).toEqual(['approved']);
    expect(scenario.when(answer('w', { approved: false }))).toContain('TaskCompleted w');
    expect(asking({}).refused(answer('w', { values: { region: 'eu' } })).message).toContain('it has no form');
  });

  it.each<[ApprovalDefinition['onTimeout'], object]>([
    [undefined, { status: 'failed', output: null }],
    ['fail', { status: 'failed', output: null }],
    ['approve', { status: 'completed', port: 'approved', output: { approved: true, by: null } }],
    ['reject', { status: 'completed', port: 'rejected', output: { approved: false, by: null } }],
  ])('end after their time-out: %s', (onTimeout, expected) => {
    const scenario = asking({ timeoutMs: 5_000, ...(onTimeout === undefined ? {} : { onTimeout }) });
    scenario.nowMs += 5_000;
    scenario.due('w');
    expect(scenario.task('w')).toMatchObject(expected);
  });

  it('are no wait that a signal of their name could end', () => {
    expect(asking({}).refused({ type: 'signal', name: 'approval', payload: { approved: true } }).code).toBe(
      'task/invalid-inputs',
    );
  });
});

describe('answers to waits for a signal', () => {
  it('are their payload, with the defaults of the schema', () => {
    const scenario = new Scenario(tasksOf({ w: { group: true, wait: { signal: 'details', schema: form } } }));
    scenario.execute();
    expect(scenario.refused(answer('w', { approved: true })).errors?.[0]?.path).toEqual(['approved']);
    scenario.when(answer('w', { approved: undefined, values: { region: 'eu' } }));
    expect(scenario.task('w').output).toEqual({ region: 'eu', count: 3 });
  });
});
