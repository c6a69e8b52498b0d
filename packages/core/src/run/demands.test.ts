import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';

const locksOf = (s: Scenario, id: string): readonly string[] | undefined => s.task(id).demands?.locks;

describe('names of locks', () => {
  it('that are plain are known from the start; the event that makes the task ready is the usual one', () => {
    const s = new Scenario(tasksOf({ a: { locks: ['b', 'a', 'b'], resources: { cpu: 1.5 } } }));
    expect(locksOf(s, 'a')).toEqual(['a', 'b']);
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=a']);
    expect(s.task('a').demands?.resources).toEqual({ cpu: 1.5 });
  });

  it('with expressions are worked out when the task becomes ready, once, and kept in the event', () => {
    const s = new Scenario(
      tasksOf(
        {
          a: [],
          b: {
            dependencies: ['a'],
            locks: ['db-${{ deps.a.region }}', '${{ inputs.n }}'],
            policies: { retry: { delayMs: 5 } },
          },
        },
        {},
      ),
      { inputs: { n: 7 } },
    );
    s.execute();
    expect(locksOf(s, 'b')).toEqual([]);
    s.complete('a', { region: 'eu' });
    const due = { type: 'TaskDue', taskId: 'b', data: { locks: ['db-eu', '7'] } };
    expect(s.log.at(-1)).toMatchObject(due);
    expect(locksOf(s, 'b')).toEqual(['7', 'db-eu']);
    expect(locksOf({ task: (id) => fromSnapshot(toSnapshot(s.run)).byId.get(id as never)! } as Scenario, 'b')).toEqual([
      '7',
      'db-eu',
    ]);
    s.start('b');
    s.when({
      type: 'fail',
      taskId: 'b' as never,
      attempt: 1,
      error: { code: 'x', message: 'x', retryable: true },
    });
    s.nowMs += 100;
    s.due('b');
    expect(s.log.at(-1)).toMatchObject({ type: 'TaskDue', data: {} });
    expect(locksOf(s, 'b')).toEqual(['7', 'db-eu']);
  });

  it('of rates are worked out with them', () => {
    const s = new Scenario(
      tasksOf({
        a: { locks: ['plain'], rates: ['api-${{ inputs.n }}', 'x'] },
        b: { rates: ['y', 'x'] },
        c: { rates: ['${{ inputs.n.x }}'] },
      }),
      { inputs: { n: 7 } },
    );
    s.execute();
    expect(s.task('b').demands).toMatchObject({ locks: [], rates: ['x', 'y'] });
    const due = { type: 'TaskDue', taskId: 'a', data: { locks: ['plain'], rates: ['api-7', 'x'] } };
    expect(s.log.find(({ type }) => type === 'TaskDue')).toMatchObject(due);
    expect(s.task('a').demands).toMatchObject({ locks: ['plain'], rates: ['api-7', 'x'] });
    expect(fromSnapshot(toSnapshot(s.run)).byId.get('a' as never)?.demands).toEqual(s.task('a').demands);
    expect(s.task('c').error).toMatchObject({ code: 'rates/unresolved' });
  });

  it('come after `when`, and after the time before which the task does not start', () => {
    const s = new Scenario(
      tasksOf({
        a: { locks: ['${{ task.key }}'], when: 'run.userId == "bob"' },
        b: { locks: ['${{ task.key }}'], when: 'run.userId == "ann"' },
        c: { locks: ['${{ task.key }}'], notBefore: '1970-01-01T00:00:09Z' },
      }),
    );
    expect(s.execute()).toEqual([
      'RunStarted',
      'TaskOpened root',
      'TaskSkipped a reason=when',
      'TaskDue b',
      'TaskDelayed c',
    ]);
    s.nowMs = 9_000;
    s.due('c');
    expect(s.log.at(-1)).toMatchObject({ type: 'TaskDue', data: { locks: ['c'] } });
  });

  it('are worked out for each copy, and anew when a task is reset', () => {
    const s = new Scenario(
      tasksOf({
        each: { forEach: [1, 2], locks: ['host-${{ item }}'] },
        after: { locks: ['${{ task.key }}'] },
      }),
    );
    s.execute();
    expect(['each.0', 'each.1'].map((id) => locksOf(s, id))).toEqual([['host-1'], ['host-2']]);
    for (const id of ['each.0', 'each.1', 'after']) s.complete(id);
    s.when({ type: 'retry', from: 'start' } as never);
    expect(locksOf(s, 'after')).toEqual(['after']);
    expect(s.log.filter(({ type, taskId }) => type === 'TaskDue' && taskId === 'after')).toHaveLength(2);
  });

  it.each([
    ['inputs.n.x', 'The locks of a can not be resolved: ${{inputs.n.x}}: No such property: x.'],
    ['run', "The locks of a can not be resolved: '${{ run }}' gives no name of 1 to 200 characters."],
  ])('that can not be worked out fail the task: %s', (expression, message) => {
    const s = new Scenario(tasksOf({ a: { locks: [`\${{ ${expression} }}`] } }), { inputs: { n: 7 } });
    s.execute();
    expect(s.task('a')).toMatchObject({ status: 'failed', error: { code: 'locks/unresolved' } });
    expect(s.task('a').error?.message).toContain(message);
  });
});

describe('tasks that say the same', () => {
  it('share their demands, also after a restart; those that say something else do not', () => {
    const a = { locks: ['x', 'w'], rates: ['r'], resources: { cpu: 1 }, policies: { breaker: { probes: 2 } } };
    const b = structuredClone(a);
    const others = {
      c: { ...a, locks: ['x'] },
      d: { ...a, rates: ['s'] },
      e: { ...a, resources: { cpu: 2 } },
      f: { ...a, resources: { gpu: 1 } },
      g: { ...a, policies: { breaker: { probes: 3 } } },
      h: { ...a, fallback: { output: 1 } },
      i: { ...a, locks: ['${{ inputs.n }}', 'w'] },
      j: { ...a, resources: { cpu: 1, gpu: 1 } },
    };
    const s = new Scenario(tasksOf({ a, b, ...others }), { inputs: { n: 7 } });
    const restarted = fromSnapshot(structuredClone(toSnapshot(s.run)));
    for (const demandsOf of [
      (id: string) => s.task(id).demands,
      (id: string) => restarted.byId.get(id as never)?.demands,
    ]) {
      expect(demandsOf('b')).toBe(demandsOf('a'));
      const keys = ['a', ...Object.keys(others)].map((id) => demandsOf(id)?.key);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});
