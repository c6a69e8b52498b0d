import type { Json, JsonObject, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { WaitDefinition } from '../task/wait.ts';
import type { RunCommand } from './command.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const HOUR_MS = 3_600_000;

function waiting(
  wait: WaitDefinition,
  more: Readonly<Record<string, readonly string[] | TaskShape>> = {},
  options = {},
) {
  const scenario = new Scenario(tasksOf({ w: { group: true, wait }, ...more }), options);
  scenario.when({ type: 'execute' });
  return scenario;
}

const signal = (name: string, payload: Json = null, id?: string): RunCommand => ({ type: 'signal', name, payload, id });
const taskOf = (scenario: Scenario, id: string) => scenario.run.byId.get(id as TaskId)!;
const due = (scenario: Scenario, ms: number, id = 'w') => {
  scenario.nowMs += ms;
  return scenario.when({ type: 'due', taskId: id as TaskId });
};
const outputOf = (scenario: Scenario, id = 'w') => taskOf(scenario, id).output;

describe('waits for a time', () => {
  it('begin without a gate and an attempt, and go on at their time (R-SN-01)', () => {
    const scenario = new Scenario(tasksOf({ w: { group: true, wait: { forMs: 5_000 } }, b: ['w'] }));
    expect(scenario.when({ type: 'execute' })).toEqual(['RunStarted', 'TaskOpened root', 'WaitStarted w']);
    expect(scenario.run.executing).toBe(0);
    expect(taskOf(scenario, 'w')).toMatchObject({ status: 'waiting', attempt: 0, waiting: { untilMs: 6_000 } });
    expect(due(scenario, 4_999)).toEqual([]);
    expect(due(scenario, 1)).toEqual(['TaskCompleted w ready=b']);
    expect(outputOf(scenario)).toBeNull();
  });

  it.each<[WaitDefinition, JsonObject, number]>([
    [{ forMs: '5m' }, {}, 301_000],
    [{ forMs: '${{ inputs.pause }}' }, { pause: '90s' }, 91_000],
    [{ forMs: '${{ inputs.pause }}' }, { pause: 250 }, 1_250],
    [{ until: '1970-01-01T00:00:09Z' }, {}, 9_000],
    [{ until: '${{ inputs.at }}' }, { at: '1970-01-01T01:00:10+01:00' }, 10_000],
  ])('reads %o', (wait, inputs, untilMs) => {
    expect(taskOf(waiting(wait, {}, { inputs }), 'w').waiting).toMatchObject({ for: 'wait', untilMs });
  });

  it('end at once when their time has passed', () => {
    const scenario = waiting({ until: '1970-01-01T00:00:00Z' }, { b: ['w'] });
    expect(taskOf(scenario, 'w').status).toBe('completed');
    expect(taskOf(scenario, 'b').status).toBe('ready');
  });

  it.each<[WaitDefinition, JsonObject, RegExp]>([
    [
      { forMs: '${{ inputs.pause }}' },
      { pause: 'soon' },
      /for is "soon", which is neither a number of ms nor a duration such as 5m/,
    ],
    [{ forMs: '${{ inputs.pause }}' }, { pause: null }, /for is null/],
    [{ until: '${{ inputs.at }}' }, { at: 'tomorrow' }, /until is "tomorrow", which is no ISO 8601 time/],
    [{ until: '${{ inputs.at }}' }, { at: null }, /until is null/],
  ])('fail where %o can not be worked out', (wait, inputs, message) => {
    const { error, status } = taskOf(waiting(wait, {}, { inputs }), 'w');
    expect(error?.message).toMatch(message);
    expect(status).toBe('failed');
  });

  it('are delayed by notBefore first', () => {
    const scenario = new Scenario(
      tasksOf({ w: { group: true, wait: { forMs: 1_000 }, notBefore: '1970-01-01T00:00:05Z' } }),
    );
    scenario.when({ type: 'execute' });
    expect(due(scenario, 4_000)).toEqual(['WaitStarted w']);
    expect(due(scenario, 1_000)).toContain('TaskCompleted w');
  });
});

describe('waits for a signal', () => {
  it('end with its payload, which is consumed by that (R-SN-01)', () => {
    const scenario = waiting({ signal: 'go' }, { b: ['w'] });
    expect(scenario.when(signal('go', { n: 1 }))).toEqual(['SignalReceived', 'TaskCompleted w ready=b']);
    expect(outputOf(scenario)).toEqual({ n: 1 });
    expect(scenario.run.inbox?.boxes.size).toBe(0);
    expect(scenario.log.at(-1)).toMatchObject({ data: { signal: scenario.run.seq - 1 } });
  });

  it('take a signal that came early, the oldest first (R-SN-01)', () => {
    const scenario = new Scenario(
      tasksOf({
        w: { group: true, wait: { signal: 'go' } },
        x: { group: true, dependencies: ['w'], wait: { signal: 'go' } },
      }),
    );
    for (const n of [1, 2, 3]) scenario.when(signal('go', n));
    scenario.when({ type: 'execute' });
    expect([outputOf(scenario, 'w'), outputOf(scenario, 'x')]).toEqual([1, 2]);
    expect(scenario.log.at(-1)).toMatchObject({
      type: 'RunCompleted',
      data: { unread: { count: 1, first: [{ signal: 4, name: 'go' }] } },
    });
  });

  it('are served in the order in which they began, each by one signal, and by none of another name', () => {
    const scenario = waiting(
      { signal: 'go' },
      { x: { group: true, wait: { signal: 'go' } }, y: { group: true, wait: { signal: 'no' } } },
    );
    scenario.when(signal('go', 'first'));
    expect(taskOf(scenario, 'x').status).toBe('waiting');
    scenario.when(signal('go', 'second'));
    expect([outputOf(scenario, 'w'), outputOf(scenario, 'x')]).toEqual(['first', 'second']);
    expect(taskOf(scenario, 'y').status).toBe('waiting');
  });

  it('take the same id once', () => {
    const scenario = waiting({ signal: 'go' }, { x: { group: true, wait: { signal: 'go' } } });
    scenario.when(signal('go', 1, 'same'));
    expect(scenario.when(signal('go', 1, 'same'))).toEqual([]);
    expect(taskOf(scenario, 'x').status).toBe('waiting');
  });

  const REJECTED = 'Its payload is not what w waits for: must be object, not string';
  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'number' }, s: { type: 'string' } } };

  it('refuse what their schema does not allow, with all violations, and store nothing', () => {
    const scenario = waiting({ signal: 'go', schema });
    const { seq } = scenario.run;
    const { code, errors } = scenario.refused(signal('go', { s: 5 }));
    expect(code).toBe('task/invalid-inputs');
    expect(errors?.map(({ path }) => path)).toEqual([
      ['payload', 'n'],
      ['payload', 's'],
    ]);
    expect(scenario.run.seq).toBe(seq);
    expect(taskOf(scenario, 'w').status).toBe('waiting');
  });

  it('reject an early signal that turns out not to match, and take the next', () => {
    const scenario = new Scenario(tasksOf({ w: { group: true, wait: { signal: 'go', schema } } }));
    scenario.when(signal('go', 'wrong'));
    scenario.when(signal('go', { n: 2 }));
    expect(scenario.when({ type: 'execute' })).toContain(`SignalRejected reason=${REJECTED}`);
    expect(outputOf(scenario)).toEqual({ n: 2 });
    expect(scenario.log.find(({ type }) => type === 'SignalRejected')?.data).toMatchObject({
      signal: 2,
      task: 'w',
      reason: REJECTED,
    });
  });

  it('fail after their time-out, or end with their default', () => {
    const failing = waiting({ signal: 'go', timeoutMs: HOUR_MS });
    due(failing, HOUR_MS);
    expect(taskOf(failing, 'w')).toMatchObject({
      status: 'failed',
      error: {
        code: 'wait/timeout',
        message:
          "w has waited as long as it may: no signal 'go' came until 1970-01-01T01:00:01.000Z. Raise its timeout or say onTimeout: default; then retry from failure",
      },
    });
    const wait: WaitDefinition = {
      signal: 'go',
      timeoutMs: '1h',
      onTimeout: 'default',
      default: { n: '${{ inputs.n }}' },
    };
    const given = waiting(wait, {}, { inputs: { n: 7 } });
    due(given, HOUR_MS);
    expect(outputOf(given)).toEqual({ n: 7 });
  });

  it('remind people ten times at most', () => {
    const scenario = waiting({ signal: 'go', reminderMs: 1_000, timeoutMs: 60_000 });
    for (let count = 1; count <= 10; count++) expect(due(scenario, 1_000)).toEqual(['WaitReminded w']);
    expect(taskOf(scenario, 'w').waiting).toMatchObject({ reminders: 10, remindAtMs: undefined, untilMs: 61_000 });
    expect(due(scenario, 1_000)).toEqual([]);
    expect(due(scenario, 49_000)).toContain('TaskFailed w error=wait/timeout');
  });

  it('are cancelled with their run, and nothing ends them then (R-TO-06)', () => {
    const scenario = waiting({ signal: 'go', timeoutMs: 5 });
    scenario.when({ type: 'cancel' });
    expect(scenario.run.inbox?.boxes.size).toBe(0);
    expect(due(scenario, 10)).toEqual([]);
    expect(scenario.refused(signal('go')).code).toBe('task/invalid-transition');
  });

  it('wait again when the run is opened again', () => {
    const scenario = waiting({ signal: 'go' });
    scenario.when(signal('go', 1));
    scenario.when({ type: 'retry', mode: 'start' });
    expect(taskOf(scenario, 'w').status).toBe('waiting');
    scenario.when(signal('go', 2));
    expect(outputOf(scenario)).toBe(2);
  });

  it.each([
    ['', /must have 1 to 200 characters/],
    ['approval', /use waits.answer/],
    ['coppice.nothing', /are Coppice's own/],
  ])('refuse the name %o', (name, message) => {
    expect(waiting({ signal: 'go' }).refused(signal(name)).message).toMatch(message);
  });

  it('limit what is unread, and how long it is', () => {
    const scenario = waiting({ signal: 'go' }, {}, { checks: false });
    expect(scenario.refused(signal('go', 'x'.repeat(65_536))).code).toBe('limit/refused');
    for (let count = 0; count < 1_000; count++) scenario.when(signal('other', count));
    expect(scenario.refused(signal('other')).message).toMatch(/1000 unread signals/);
    expect(scenario.when(signal('go'))).toContain('TaskCompleted w');
  });
});
