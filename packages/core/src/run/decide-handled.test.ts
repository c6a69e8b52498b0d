/** Signals that give commands: Coppice's own (R-SN-02), and those that an extension handles (R-SN-03). */
import type { Json, RunReading, SignalCommand } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { Actor } from './actor.ts';
import type { RunCommand } from './command.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const ANN: Actor = { userId: 'ann', face: 'cli' };
const signal = (name: string, payload: Json = null, id?: string): RunCommand => ({
  type: 'signal',
  name,
  payload,
  id,
  actor: ANN,
});

function running(more: Readonly<Record<string, readonly string[] | TaskShape>> = {}): Scenario {
  const scenario = new Scenario(tasksOf({ a: [], b: ['a'], ...more }));
  scenario.execute();
  return scenario;
}

describe("R-SN-02: signals of Coppice's own", () => {
  it('give the command that they are called after, by whoever sent them', () => {
    const s = running();
    expect(s.when(signal('coppice.pause', { reason: 'maintenance' }))).toEqual([
      'SignalReceived',
      'TaskPausing root reason=maintenance',
      'TaskPaused root',
    ]);
    expect(s.log.at(-3)?.data).toEqual({
      name: 'coppice.pause',
      payload: { reason: 'maintenance' },
      commands: [{ type: 'pause', reason: 'maintenance' }],
    });
    expect(s.log.slice(-3).map(({ actor }) => actor)).toEqual([ANN, ANN, undefined]);
    expect(s.when(signal('coppice.resume'))).toEqual(['SignalReceived', 'TaskResumed root']);
    expect(s.when(signal('coppice.update', { task: 'b', inputs: { n: 2 } }))).toEqual([
      'SignalReceived',
      'TaskUpdated b',
    ]);
    expect(s.task('b').definition.inputs).toEqual({ n: 2 });
    expect(s.when(signal('coppice.complete', { task: 'a', output: 1 }))).toEqual([
      'SignalReceived',
      'TaskCompleted a ready=b reason=user',
    ]);
    expect(s.when(signal('coppice.skip', { task: 'b' }))).toEqual([
      'SignalReceived',
      'TaskSkipped b reason=user',
      'TaskCompleted root',
      'RunCompleted',
    ]);
    expect(s.log.at(-1)?.data).not.toHaveProperty('unread');
  });

  it('end the run with cancel, and are part of the log before that', () => {
    expect(running().when(signal('coppice.cancel', { reason: 'not now' }))).toEqual([
      'SignalReceived',
      'TaskCancelled b reason=user',
      'TaskCancelled a dead=b:trigger reason=user',
      'TaskCancelled root reason=user',
      'RunCancelled reason=user',
    ]);
  });

  it('name tasks by id, or by a key that one task has', () => {
    const s = running({ c: { name: 'see' } });
    s.when(signal('coppice.skip', { task: 'c' }));
    expect(s.log.at(-2)?.data).toMatchObject({ commands: [{ type: 'skip', task: 'c' }] });
  });

  it('give once what is sent twice with one id', () => {
    const s = running();
    s.when(signal('coppice.pause', null, 'same'));
    s.when({ type: 'resume' });
    expect(s.when(signal('coppice.pause', null, 'same'))).toEqual([]);
  });

  it('are rejected with the reason for which the command is refused', () => {
    const s = running();
    s.complete('a');
    expect(s.when(signal('coppice.complete', { task: 'a' }))).toHaveLength(2);
    expect(s.log.at(-1)).toMatchObject({
      type: 'SignalRejected',
      data: { signal: s.run.seq - 1, reason: expect.stringMatching(/^a \(a\) has completed; only/) as string },
    });
    expect(s.log.at(-1)?.actor).toBeUndefined();
  });

  it.each<[string, Json, RegExp]>([
    ['coppice.stop', null, /'coppice\.stop' is none of coppice\.pause, coppice\.resume, coppice\.cancel/],
    ['coppice.skip', null, /payload\.task is missing/],
    ['coppice.skip', 'a', /payload is no object/],
    ['coppice.skip', { task: 'x' }, /payload\.task is neither the id of a task of this run nor the key/],
    [
      'coppice.skip',
      { task: 'a', output: 1 },
      /payload\.output is no field of the command skip, which has task, reason/,
    ],
    ['coppice.pause', { drainTimeoutMs: -1 }, /payload\.drainTimeoutMs is no number of ms/],
    ['coppice.update', { task: 'b', inputs: [] }, /payload\.inputs is no object/],
    ['coppice.cancel', { reason: '' }, /payload\.reason is no text of 1 to 1000 characters/],
  ])('%s with %j is refused, and nothing is stored', (name, payload, message) => {
    expect(running().refused(signal(name, payload)).message).toMatch(message);
  });
});

describe('R-SN-03: signals that an extension handles', () => {
  const handled = (handle: (run: RunReading, payload: Json) => readonly SignalCommand[]): Scenario => {
    const s = running();
    s.signalHandlers.set('late', ({ payload }, run) => handle(run, payload));
    return s;
  };

  it('give the commands that it returns, in order, each on what the former has led to', () => {
    const s = handled((run) => [
      ...run.tasks
        .filter(({ status }) => status === 'ready')
        .map(({ id }) => ({ type: 'complete', task: id }) as const),
      { type: 'skip', task: 'b', reason: 'late' },
    ]);
    expect(s.when(signal('late', { by: 3 }))).toEqual([
      'SignalReceived',
      'TaskCompleted a ready=b reason=user',
      'TaskSkipped b reason=user',
      'TaskCompleted root',
      'RunCompleted',
    ]);
    expect(s.log.find(({ type }) => type === 'SignalReceived')?.data).toMatchObject({
      commands: [
        { type: 'complete', task: 'a' },
        { type: 'skip', task: 'b', reason: 'late' },
      ],
    });
  });

  it('stop at the first command that is refused, and say which', () => {
    const s = handled(() => [{ type: 'skip', task: 'a' }, { type: 'skip', task: 'b' }, { type: 'cancel' }]);
    expect(s.when(signal('late'))).toEqual([
      'SignalReceived',
      'TaskSkipped a dead=b:trigger reason=user',
      'TaskSkipped b reason=dependency',
      'TaskCompleted root',
      'RunCompleted',
    ]);
    const second = handled(() => [{ type: 'complete', task: 'b' }, { type: 'skip', task: 'b' }, { type: 'cancel' }]);
    expect(second.when(signal('late'))).toHaveLength(3);
    expect(second.log.at(-1)?.data).toMatchObject({ reason: expect.stringMatching(/^Command 2 of 3: b/) as string });
    expect(second.task('a').status).toBe('ready');
  });

  it('see the run as it is, and can not change it', () => {
    let seen: RunReading | undefined;
    const s = handled((run) => {
      seen = run;
      Object.assign(run.tasks[1]?.output as object, { n: 9 });
      return [];
    });
    s.complete('a', { n: 1 });
    s.when(signal('late'));
    expect(seen?.tasks.map(({ key, status }) => `${key}:${status}`)).toEqual([
      'root:running',
      'a:completed',
      'b:ready',
    ]);
    expect(s.task('a').output).toEqual({ n: 1 });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no such station');
      },
      /^The handler of late failed: no such station$/,
    ],
    ['returns nothing', () => undefined, /returned undefined, and not a list of commands/],
    ['returns a promise', () => Promise.resolve([]), /returned a promise, and not a list/],
    ['returns another command', () => [{ type: 'retry' }], /commands\.0\.type is none of pause, resume/],
    ['names nobody', () => [{ type: 'skip', task: 'x' }], /commands\.0\.task is neither the id/],
    [
      'returns too many',
      () => Array.from({ length: 101 }, () => ({ type: 'resume' })),
      /101 commands, and may return 100/,
    ],
    [
      'returns too much',
      () => Array.from({ length: 5 }, () => ({ type: 'complete', task: 'a', output: 'x'.repeat(60_000) })),
      /commands of \d+ characters; 262144 is the limit/,
    ],
  ])('one that %s leaves the signal rejected with its reason, and the run as it was', (_what, handle, reason) => {
    const s = handled(handle as () => readonly SignalCommand[]);
    const before = s.statuses;
    expect(s.when(signal('late', null, 'once'))).toHaveLength(2);
    expect(s.log.at(-1)).toMatchObject({
      type: 'SignalRejected',
      data: { reason: expect.stringMatching(reason) as string },
    });
    expect(s.statuses).toBe(before);
    expect(s.when(signal('late', null, 'once'))).toEqual([]);
    s.when({ type: 'cancel' });
    expect(s.log.at(-1)?.data).not.toHaveProperty('unread');
  });

  it('is asked once: a replay takes the commands from the log', () => {
    let calls = 0;
    const s = handled(() => {
      calls++;
      return [{ type: 'skip', task: 'a' }];
    });
    s.when(signal('late'));
    s.check();
    expect(calls).toBe(1);
  });
});
