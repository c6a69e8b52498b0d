/** Completing and skipping by hand (R-SN-02): what depends on the task goes on, and what ran in its place is over. */
import type { Json, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { Actor } from './actor.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

const ANN: Actor = { userId: 'ann', face: 'cli' };

const completing = (id: string, output: Json = null, more: { port?: string; reason?: string } = {}) =>
  ({
    type: 'endByHand',
    taskId: id as TaskId,
    ending: { status: 'completed', output, port: more.port },
    reason: more.reason,
    actor: ANN,
  }) as const;
const skipping = (id: string, reason?: string) =>
  ({ type: 'endByHand', taskId: id as TaskId, ending: { status: 'skipped' }, reason, actor: ANN }) as const;

describe('R-SN-02: a task that a person completes', () => {
  it('has the output that was given, and what depends on it goes on', () => {
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: ['a'], inputs: { of: '${{ deps.a.n }}' } } }));
    s.execute();
    expect(s.when(completing('a', { n: 1 }, { reason: 'done outside' }))).toEqual([
      'TaskCompleted a ready=b reason=user',
    ]);
    expect(s.task('a')).toMatchObject({
      status: 'completed',
      output: { n: 1 },
      reason: { code: 'user', message: 'done outside', by: ANN },
    });
    s.start('b');
    expect(s.task('b').input).toMatchObject({ of: 1 });
    expect(s.log.at(-2)?.actor).toEqual(ANN);
    expect(s.log.at(-1)?.actor).toBeUndefined();
  });

  it('leaves its running attempt behind, whose late result changes nothing', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'] }));
    s.execute();
    s.start('a');
    expect(s.when(completing('a', 'by hand'))).toEqual(['TaskCompleted a/1 ready=b reason=user']);
    expect(s.run.executing).toBe(0);
    expect(s.complete('a', 'late')).toEqual([]);
    expect(s.task('a').output).toBe('by hand');
  });

  it('may be pending, wait for its next attempt or for a signal, or be paused', () => {
    const s = new Scenario(
      tasksOf({
        back: { policies: { retry: { delayMs: 60_000 } } },
        sign: { group: true, wait: { signal: 'go' } },
        later: ['back'],
        paused: [],
      }),
    );
    s.execute();
    s.fail('back');
    s.when({ type: 'pause', taskId: 'paused' as TaskId, failing: [] });
    expect(s.when(completing('later'))).toEqual(['TaskCompleted later reason=user']);
    expect(s.when(completing('back'))).toEqual(['TaskCompleted back reason=user']);
    expect(s.when(completing('sign'))).toEqual(['TaskCompleted sign reason=user']);
    expect(s.run.inbox?.boxes.size).toBe(0);
    expect(s.when(completing('paused'))).toEqual([
      'TaskCompleted paused reason=user',
      'TaskCompleted root',
      'RunCompleted',
    ]);
  });

  it('ends on the port that was given, and writes what its set says', () => {
    const s = new Scenario(
      tasksOf({
        a: { set: { total: '${{ output.n }}' } },
        yes: { dependencies: [{ task: 'a', port: 'yes' }] },
        no: { dependencies: [{ task: 'a', port: 'no' }] },
      }),
      { variables: { total: 0 } },
    );
    s.execute();
    s.when(completing('a', { n: 4 }, { port: 'yes' }));
    expect(s.statuses).toBe('a:completed yes:ready no:skipped');
    expect(s.log.find(({ type }) => type === 'TaskCompleted')?.data).toMatchObject({ patch: { total: 4 } });
  });

  it('as a group takes what is open in it along, and answers for what has failed in it', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true },
        bad: { parentId: 'g' },
        on: { parentId: 'g' },
        must: { parentId: 'g', dependencies: ['on'], mustRun: true },
        z: ['g'],
      }),
    );
    s.execute();
    s.fail('bad', { retryable: false });
    s.start('on');
    expect(s.when(completing('g', { made: 'by hand' }))).toEqual([
      'TaskSkipped must reason=user',
      'TaskSkipped on/1 dead=must:trigger reason=user',
      'TaskCompleted g ready=z reason=user',
    ]);
    expect(s.complete('z')).toEqual(['TaskCompleted z/1', 'TaskCompleted root', 'RunCompleted']);
    expect(s.log.at(-1)?.data).toMatchObject({
      tolerated: { handled: 1, first: [{ taskId: 'bad', how: 'handled', by: { taskId: 'g' } }] },
    });
  });

  it('as a repetition ends it, before it has begun or in the middle', () => {
    const s = new Scenario(
      tasksOf({ a: [], r: { dependencies: ['a'], repeat: { max: 5 } }, t: { repeat: { max: 5 } } }),
    );
    s.execute();
    s.when(completing('r', 'not needed'));
    expect(s.when(completing('t', 'enough'))).toEqual(['TaskSkipped t.0 reason=user', 'TaskCompleted t reason=user']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
    expect([s.task('r').output, s.task('t').output]).toEqual(['not needed', 'enough']);
  });
});

describe('R-SN-02: a task that a person skips', () => {
  it('takes what needs it along, and lets go on what does not', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        needs: ['a'],
        tells: { dependencies: [{ task: 'a', on: ['skipped'] }] },
        any: { dependencies: [{ task: 'a', required: false }] },
      }),
    );
    s.execute();
    s.start('a');
    expect(s.when(skipping('a', 'not today'))).toEqual([
      'TaskSkipped a/1 ready=tells,any dead=needs:trigger reason=user',
      'TaskSkipped needs reason=dependency',
    ]);
    expect(s.task('a').reason).toEqual({ code: 'user', message: 'not today', tasks: [], by: ANN });
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('may be an approval, and one that must run', () => {
    const s = new Scenario(
      tasksOf({ ask: { group: true, approval: { title: 'Ship?' } }, must: { dependencies: ['ask'], mustRun: true } }),
    );
    s.execute();
    s.when(skipping('must'));
    expect(s.when(skipping('ask'))).toEqual([
      'TaskSkipped ask dead=must:trigger reason=user',
      'TaskCompleted root',
      'RunCompleted',
    ]);
  });
});

describe('R-SN-02: ending by hand is refused', () => {
  it('for a group as long as something in it has to clean up, which can be ended by itself', () => {
    const s = new Scenario(
      tasksOf({ g: { group: true }, on: { parentId: 'g' }, tidy: { parentId: 'g', finally: true }, z: ['g'] }),
    );
    s.execute();
    expect(s.refused(skipping('g')).message).toMatch(/because tidy \(tidy\) cleans up at its end/);
    s.when(skipping('on'));
    expect(s.ids('ready')).toEqual(['tidy']);
    s.when(completing('tidy'));
    expect(s.task('g').status).toBe('completed');
  });

  interface Refused {
    readonly what: string;
    readonly before: (s: Scenario) => void;
    readonly command: Parameters<Scenario['refused']>[0];
    readonly message: RegExp;
  }

  it.each<Refused>([
    { what: 'what nobody knows', before: (s) => void s.execute(), command: skipping('x'), message: /no task x/ },
    {
      what: 'before the run',
      before: () => {},
      command: completing('a'),
      message: /a \(a\) is pending, and its run has not started/,
    },
    {
      what: 'what has ended',
      before: (s) => s.execute() && s.complete('a'),
      command: completing('a'),
      message: /a \(a\) has completed/,
    },
    {
      what: 'what was not executed',
      before: (s) => s.execute('a'),
      command: completing('b'),
      message: /b \(b\) is no part of what the run executes/,
    },
    {
      what: 'an approval',
      before: (s) => void s.execute(),
      command: completing('ask'),
      message: /ask \(ask\) is an approval, .* waits\.answer/,
    },
    {
      what: 'in a run that has ended',
      before: (s) => s.execute() && s.cancel(),
      command: skipping('a'),
      message: /a \(a\) was cancelled/,
    },
    {
      what: 'an output that its set does not take',
      before: (s) => void s.execute(),
      command: completing('b', 1),
      message: /b \(b\) can not be completed with this output/,
    },
  ])('$what', ({ before, command, message }) => {
    const s = new Scenario(
      tasksOf({ a: [], b: { set: { n: '${{ output.x }}' } }, ask: { group: true, approval: { title: 'Ship?' } } }),
      { variables: { n: 0 } },
    );
    before(s);
    expect(s.refused(command).message).toMatch(message);
  });
});
