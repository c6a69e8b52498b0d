import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

function reasonOf(s: Scenario, id: string): string | undefined {
  return s.task(id).reason?.message;
}

describe('when', () => {
  it('skips a task whose dependencies are met, with the values that it saw', () => {
    const s = new Scenario(
      tasksOf({ a: [], b: { dependencies: ['a'], when: 'deps.a.ok == inputs.wanted' }, c: ['b'] }),
      { inputs: { wanted: true } },
    );
    s.execute();
    expect(s.complete('a', { ok: false })).toEqual([
      'TaskCompleted a/1',
      'TaskSkipped b dead=c:trigger reason=when',
      'TaskSkipped c reason=dependency',
      'TaskCompleted root',
      'RunCompleted',
    ]);
    expect(reasonOf(s, 'b')).toBe(
      'when `deps.a.ok == inputs.wanted` was false: deps.a.ok is false, inputs.wanted is true',
    );
    expect(reasonOf(s, 'c')).toBe('The dependencies can no longer be met: b was skipped');
  });

  it('lets it go on when it is true: a task, a group, and one that has to wait', () => {
    const s = new Scenario(
      tasksOf({
        a: { when: 'run.userId == "ann"' },
        g: { group: true, when: 'run.userId == "ann"' },
        m: { parentId: 'g' },
        late: { notBefore: '1970-01-01T00:00:09Z', when: 'run.userId == "ann"' },
      }),
    );
    expect(s.execute()).toEqual([
      'RunStarted',
      'TaskOpened root',
      'TaskDue a',
      'TaskOpened g ready=m',
      'TaskDelayed late',
    ]);
    s.nowMs = 9_000;
    expect(s.due('late')).toEqual(['TaskDue late']);
  });

  it('is not asked before the dependencies are met, nor in a group that is not open', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        g: { group: true, dependencies: ['a'] },
        m: { parentId: 'g', when: 'run.userId == "bob"' },
        b: { dependencies: ['a'], when: 'run.userId == "bob"' },
      }),
    );
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=a']);
    expect(s.complete('a')).toEqual([
      'TaskCompleted a/1',
      'TaskOpened g',
      'TaskSkipped b reason=when',
      'TaskSkipped m reason=when',
      'TaskCompleted g',
      'TaskCompleted root',
      'RunCompleted',
    ]);
  });

  it('skips a group with all that is in it; what must run does not have to, because it was not wanted', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true, when: 'run.userId == "bob"' },
        m: { parentId: 'g', mustRun: true },
        n: { parentId: 'g' },
        must: { mustRun: true, when: 'run.userId == "bob"' },
      }),
    );
    expect(s.execute()).toContain('RunCompleted');
    expect(s.statuses).toBe('g:skipped m:skipped n:skipped must:skipped');
    expect(reasonOf(s, 'm')).toBe('The group g was skipped');
  });

  it('fails the task when it can not be worked out, and so does a value that is neither true nor false', () => {
    const s = new Scenario(tasksOf({ a: { when: 'env.NONE == 1' }, b: { when: 'vars.n' } }), {
      variables: { n: 7 },
    });
    s.execute();
    expect(s.statuses).toBe('a:failed b:failed');
    expect([s.task('a').error, s.task('b').error]).toMatchObject([
      {
        code: 'condition/failed',
        message:
          'when `env.NONE == 1` of a can not be worked out: No such property: NONE. Mend it in a copy of the tree',
        retryable: false,
      },
      { message: expect.stringContaining('it is 7, neither true nor false') as string },
    ]);
  });

  it('is asked again when the run is opened again', () => {
    const s = new Scenario(tasksOf({ a: { when: 'inputs.go == true' } }), { inputs: { go: false } });
    s.execute();
    expect(s.statuses).toBe('a:skipped');
    expect(s.retry('start', { inputs: { go: true } })).toContain('TaskDue a');
    s.complete('a');
    expect(s.run.status).toBe('completed');
  });
});
