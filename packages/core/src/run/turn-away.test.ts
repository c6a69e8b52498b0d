/** R-SG-11, R-SG-12: what becomes of a start that a breaker keeps back. */
import { describe, expect, it } from 'vitest';
import type { BreakerReport } from '../schedule/breaker-state.ts';
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const report: BreakerReport = {
  state: 'open',
  calls: 10,
  failures: 6,
  sinceMs: 0,
  openUntilMs: 30_000,
  missing: 3,
  openings: 1,
};
const facts = {
  name: 'work',
  state: 'open',
  calls: 10,
  failures: 6,
  since: '1970-01-01T00:00:00.000Z',
  openUntil: '1970-01-01T00:00:30.000Z',
  missing: 3,
};

function turnedAway(a: TaskShape, instead: 'fallback' | 'fail', more: Record<string, TaskShape> = {}) {
  const s = new Scenario(tasksOf({ a, b: { dependencies: ['a'] }, ...more }));
  s.execute();
  const lines = s.when({ type: 'turnAway', taskIds: ['a' as never], instead, breaker: 'breaker:work', report });
  return { s, lines };
}

describe('R-SG-11 a start that a breaker turns away', () => {
  it('begins the fallback, which reads the breaker; the task uses no attempt, no retry, and its dependents go on once', () => {
    const inputs = { state: '${{ breaker.state }}', of: '${{ breaker }}', why: '${{ error.code }}' };
    const policies = { retry: { maxAttempts: 5 } };
    const { s, lines } = turnedAway({ fallback: { executor: 'cache', inputs }, policies }, 'fallback');
    expect(lines).toEqual(['RetryScheduled a error=breaker/open delayMs=0']);
    expect([s.task('a').attempt, s.run.retries, s.task('a').status]).toEqual([0, 0, 'waiting']);
    expect(s.due('a')).toEqual(['TaskDue a']);
    s.start('a');
    expect(s.task('a')).toMatchObject({ attempt: 1, input: { state: 'open', of: facts, why: 'breaker/open' } });
    expect(s.complete('a', 'old')).toEqual(['TaskCompleted a/1 ready=b']);
    expect(s.task('a')).toMatchObject({ port: 'fallback', error: undefined });
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('takes a value at once', () => {
    const { s, lines } = turnedAway({ fallback: { output: { until: '${{ breaker.openUntil }}' } } }, 'fallback');
    expect(lines).toEqual(['RetryScheduled a error=breaker/open delayMs=0', 'TaskCompleted a ready=b']);
    expect(s.task('a')).toMatchObject({ output: { until: facts.openUntil }, attempt: 0, port: 'fallback' });
  });

  it('fails the task, without a retry, where it shall not wait; its failure edges fire', () => {
    const { s, lines } = turnedAway({ policies: { retry: {} } }, 'fail', {
      handler: { dependencies: [{ task: 'a', on: ['failure'], handles: true }] },
    });
    expect(lines).toEqual([
      'TaskFailed a ready=handler dead=b:trigger error=breaker/open handled',
      'TaskSkipped b reason=dependency',
    ]);
    expect(s.task('a').error).toMatchObject({
      message:
        'a was not started: the breaker work is open since 1970-01-01T00:00:00.000Z, 6 of 10 calls failed, probes pass at 1970-01-01T00:00:30.000Z. Wait until it has closed, or reset it with: coppice limits reset breaker:work',
      data: facts,
    });
  });

  it('fails a fallback that is kept back itself, once', () => {
    const { s } = turnedAway({ fallback: { executor: 'cache' } }, 'fallback');
    s.due('a');
    s.when({ type: 'turnAway', taskIds: ['a' as never], instead: 'fallback', breaker: 'breaker:cache', report });
    expect(s.task('a')).toMatchObject({
      status: 'failed',
      error: { code: 'fallback/failed', cause: { code: 'breaker/open' } },
    });
  });

  it('is ignored for tasks that are not ready any more, or paused', () => {
    const { s } = turnedAway({ fallback: { output: 1 } }, 'fallback');
    const again = {
      type: 'turnAway',
      taskIds: ['a', 'b', 'x'],
      instead: 'fail',
      breaker: 'breaker:work',
      report,
    } as never;
    s.when({ type: 'pause', taskId: 'b' as never, actor: { userId: 'ann', face: 'cli' } } as never);
    expect(s.when(again)).toEqual([]);
  });

  it('tells expressions of a fallback nothing of a breaker when the work itself has failed', () => {
    const s = new Scenario(tasksOf({ a: { fallback: { output: '${{ breaker }}' } } }));
    s.execute();
    s.start('a');
    s.fail('a');
    expect(s.task('a')).toMatchObject({ status: 'completed', output: null });
  });
});

describe('the breaker of a task', () => {
  const breakerOf = (s: Scenario, id: string): BreakerPolicy | undefined => s.task(id).demands?.breaker;

  it('is its own policy, else that of the nearest group, else that of the run', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true, policies: { breaker: { probes: 2 } } },
        a: { parentId: 'g', policies: { breaker: { probes: 1 } } },
        b: { parentId: 'g' },
        h: { group: true, parentId: 'g' },
        c: { parentId: 'h' },
        d: {},
      }),
      { policies: { breaker: { probes: 4 } } },
    );
    expect(['a', 'b', 'c', 'd'].map((id) => breakerOf(s, id)?.probes)).toEqual([1, 2, 2, 4]);
    // One policy, one key: it is compared at each start.
    expect(s.task('b').demands).toBe(s.task('c').demands);
    expect(new Scenario(tasksOf({ a: {} })).task('a').demands).toBeUndefined();
    s.execute();
    s.start('a');
    expect(
      breakerOf({ task: (id) => fromSnapshot(toSnapshot(s.run)).byId.get(id as never)! } as Scenario, 'c')?.probes,
    ).toBe(2);
  });

  it('is another one after an update of the group, before its members are ready', () => {
    const s = new Scenario(
      tasksOf({
        a: {},
        g: { group: true, dependencies: ['a'] },
        b: { parentId: 'g' },
        h: { group: true, parentId: 'g' },
        c: { parentId: 'h' },
      }),
    );
    const { definition } = s.task('g');
    s.when({ type: 'update', definition: { ...definition, policies: { breaker: { probes: 7 } } } } as never);
    expect([breakerOf(s, 'b')?.probes, breakerOf(s, 'c')?.probes]).toEqual([7, 7]);
  });

  it('may have a key with expressions, worked out once when the task becomes ready, and kept', () => {
    const policies = { breaker: { key: 'host-${{ inputs.host }}' }, retry: { delayMs: 5 } };
    const s = new Scenario(tasksOf({ a: { policies, locks: ['l'] } }), { inputs: { host: 'x' } });
    s.execute();
    expect(s.log.at(-1)).toMatchObject({ type: 'TaskDue', data: { locks: ['l'], breaker: 'host-x' } });
    expect(breakerOf(s, 'a')).toEqual({ key: 'host-x' });
    const restored = fromSnapshot(toSnapshot(s.run)).byId.get('a' as never);
    expect(restored?.demands).toEqual(s.task('a').demands);
  });
});

describe('a policy of a breaker', () => {
  const refused =
    (breaker: BreakerPolicy, more: TaskShape = {}) =>
    () =>
      new Scenario(tasksOf({ a: { policies: { breaker }, ...more } }));

  it('is refused with a number that means nothing', () => {
    expect(refused({ failureRate: 0 })).toThrow(/has failureRate 0, which must be a number above 0, at most 1/);
    expect(refused({ failureRate: 1.1 })).toThrow(/failureRate/);
    expect(refused({ minimumCalls: 0 })).toThrow(/minimumCalls/);
    expect(refused({ window: 1.5 })).toThrow(/window/);
    expect(refused({ window: 5 })).toThrow(/waits for 10 calls in a window of 5, so its breaker would never open/);
    expect(refused({ window: 20, windowMs: 5 })).toThrow(/a window of calls and one of time/);
    expect(refused({ consecutiveFailures: 0 })).toThrow(/consecutiveFailures/);
    expect(refused({ openForMs: 0 })).toThrow(/openForMs/);
    expect(refused({ probes: 0 })).toThrow(/probes/);
    expect(refused({ key: '' })).toThrow(/empty name/);
    expect(refused({ key: '${{ secrets.x }}' })).toThrow(/secrets are for inputs only/);
  });

  it('is refused without the fallback that it goes to, and with a key of expressions that many tasks share', () => {
    expect(refused({ whenOpen: 'fallback' })).toThrow(/goes to its fallback when its breaker is open, and has none/);
    const key = { breaker: { key: 'x-${{ task.key }}' } };
    expect(() => new Scenario(tasksOf({ g: { group: true, policies: key }, a: { parentId: 'g' } }))).toThrow(
      /all tasks below share/,
    );
    expect(() => new Scenario(tasksOf({ a: {} }), { policies: key })).toThrow(/all tasks below share/);
    expect(() => new Scenario(tasksOf({ a: { compensate: { executor: 'work', policies: key } } }))).toThrow(
      /all tasks below share/,
    );
    const onGroup = tasksOf({
      g: { group: true, policies: { breaker: { whenOpen: 'fallback' } } },
      a: { parentId: 'g' },
    });
    expect(() => new Scenario(onGroup)).not.toThrow();
  });
});
