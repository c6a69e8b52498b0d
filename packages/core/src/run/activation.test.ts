/** Rules 1 to 3: edges settle, tasks activate or are skipped, groups open and close. */
import { describe, expect, it } from 'vitest';
import type { DependencySubmission } from '../task/submission.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

const on = (task: string, ...triggers: ('success' | 'failure' | 'skipped')[]): DependencySubmission => ({
  task,
  on: triggers,
});

describe('rule 1: order follows the dependencies alone', () => {
  it('R-SC-01 starts everything independent at once, in declared order', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: ['a', 'b'] }));
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=a,b']);
    expect(s.start('a', 'b')).toEqual(['TaskStarted a/1', 'TaskStarted b/1']);
    expect(s.complete('b')).toEqual(['TaskCompleted b/1']);
    expect(s.complete('a')).toEqual(['TaskCompleted a/1 ready=c']);
    expect(s.complete('c')).toEqual(['TaskCompleted c/1', 'TaskCompleted root', 'RunCompleted']);
    expect(s.run.counts.completed).toBe(4);
  });

  it('lets a parent with an executor and its children run side by side', () => {
    const s = new Scenario([
      { id: 'root', executor: 'work' },
      { id: 'child', parentId: 'root', executor: 'work' },
    ]);
    expect(s.execute()).toEqual(['RunStarted ready=root,child']);
    s.complete('child');
    expect(s.complete('root')).toEqual(['TaskCompleted root/1', 'RunCompleted']);
  });

  it('has both customs as plain dependencies: children after parent, and a parent that aggregates', () => {
    const s = new Scenario([
      { id: 'root', executor: 'work', dependencies: ['child'] },
      { id: 'child', parentId: 'root', executor: 'work' },
    ]);
    expect(s.execute()).toEqual(['RunStarted ready=child']);
    expect(s.complete('child')).toEqual(['TaskCompleted child/1 ready=root']);
    expect(s.complete('root')).toEqual(['TaskCompleted root/1', 'RunCompleted']);
  });

  it('gates all members of a group by the group’s dependencies, at any depth', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        g: { group: true, dependencies: ['a'] },
        h: { group: true, parentId: 'g' },
        m: { parentId: 'h' },
        n: { parentId: 'm' },
      }),
    );
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=a']);
    expect(s.complete('a')).toEqual(['TaskCompleted a/1', 'TaskOpened g', 'TaskOpened h ready=m,n']);
  });

  it('waits for the whole sub-tree of a group', () => {
    const s = new Scenario(
      tasksOf({
        g: { group: true },
        h: { group: true, parentId: 'g' },
        m: { parentId: 'h' },
        n: { parentId: 'm' },
        z: ['g'],
      }),
    );
    s.execute();
    expect(s.complete('m')).toEqual(['TaskCompleted m/1']);
    expect(s.complete('n')).toEqual(['TaskCompleted n/1', 'TaskCompleted h', 'TaskCompleted g ready=z']);
  });

  it('closes an empty group at once', () => {
    const s = new Scenario(tasksOf({ g: { group: true }, z: ['g'] }));
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root', 'TaskOpened g', 'TaskCompleted g ready=z']);
  });

  it('completes a tree of one empty group', () => {
    expect(new Scenario([{ id: 'root' }]).execute()).toEqual([
      'RunStarted',
      'TaskOpened root',
      'TaskCompleted root',
      'RunCompleted',
    ]);
  });
});

describe('rule 2: an edge settles when its source is terminal', () => {
  it('R-RO-08 fires by trigger: success, failure, skipped', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        ok: { dependencies: [on('a', 'success')] },
        bad: { dependencies: [on('a', 'failure')] },
        both: { dependencies: [on('a', 'success', 'failure')] },
        onSkip: { dependencies: [on('ok', 'skipped')] },
      }),
    );
    s.execute();
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 ready=bad,both dead=ok:trigger error=test/failed',
      'TaskSkipped ok ready=onSkip reason=dependency',
    ]);
    s.completeAll();
    expect(s.statuses).toBe('a:failed ok:skipped bad:completed both:completed onSkip:completed');
  });

  it('required: false waits for the source and takes any outcome', () => {
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: [{ task: 'a', required: false }] } }));
    s.execute();
    expect(s.task('b').status).toBe('pending');
    expect(s.fail('a')).toEqual(['TaskFailed a/1 ready=b error=test/failed']);
    expect(s.complete('b')).toEqual([
      'TaskCompleted b/1',
      'TaskFailed root error=group/failed',
      'RunFailed error=run/failed',
    ]);
  });

  it('required: false goes on after a skipped and after a cancelled source', () => {
    const s = new Scenario(tasksOf({ a: [], b: ['a'], c: { dependencies: [{ task: 'b', required: false }] } }));
    s.execute();
    s.fail('a');
    expect(s.ids('ready')).toEqual(['c']);
    const t = new Scenario(tasksOf({ a: [], c: { dependencies: [{ task: 'a', required: false }] } }));
    t.execute();
    expect(t.cancel('a')).toEqual(['TaskCancelled a ready=c reason=user']);
  });

  it('treats a disabled edge as dead, not as absent', () => {
    const s = new Scenario(tasksOf({ a: [], b: { dependencies: [{ task: 'a', enabled: false }] }, c: [] }));
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=a,c', 'TaskSkipped b reason=dependency']);
    const t = new Scenario(
      tasksOf({ a: [], b: { join: 'any', dependencies: ['c', { task: 'a', enabled: false }] }, c: [] }),
    );
    t.execute();
    expect(t.complete('c')).toEqual(['TaskCompleted c/1 ready=b']);
  });

  it('R-RO-09 R-RO-12 selects by port and condition, in the order trigger, port, condition', () => {
    const s = new Scenario(
      tasksOf({
        a: { port: 'main' },
        primary: ['a'],
        named: { dependencies: [{ task: 'a', port: 'main' }] },
        other: { dependencies: [{ task: 'a', port: 'other', condition: 'output.missing' }] },
        yes: { dependencies: [{ task: 'a', condition: 'output.go == true' }] },
        no: { dependencies: [{ task: 'a', condition: 'output.go == false' }] },
        broken: { dependencies: [{ task: 'a', condition: 'output.missing' }] },
        never: { dependencies: [{ task: 'a', on: ['failure'], port: 'other', condition: 'output.missing' }] },
      }),
    );
    s.execute();
    expect(s.complete('a', { go: true })[0]).toBe(
      'TaskCompleted a/1 ready=primary,named,yes dead=other:port,no:condition,broken:condition,never:trigger',
    );
  });
});

describe('rule 3: activation by join', () => {
  it('all: skips as soon as it can no longer hold, naming the dependency', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: ['a', 'b'], d: ['c'], e: ['d'] }));
    s.execute();
    expect(s.fail('a')).toEqual([
      'TaskFailed a/1 dead=c:trigger error=test/failed',
      'TaskSkipped c dead=d:trigger reason=dependency',
      'TaskSkipped d dead=e:trigger reason=dependency',
      'TaskSkipped e reason=dependency',
    ]);
    expect(s.task('c').reason).toEqual({
      code: 'dependency',
      message: 'The dependencies can no longer be met: a has failed',
      tasks: ['a'],
    });
    expect(s.task('e').reason?.message).toContain('d was skipped');
  });

  it('any: the first fired edge activates, once, and is recorded as the winner', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: { join: 'any', dependencies: ['a', 'b'] } }));
    s.execute();
    expect(s.complete('b', 'from b')).toEqual(['TaskCompleted b/1 ready=c']);
    s.start('c');
    expect(s.task('c').input).toEqual({ b: 'from b' });
    expect(s.complete('a', 'from a')).toEqual(['TaskCompleted a/1']);
    expect(s.task('c').winner).toBe('b');
    expect(s.complete('c')).toEqual(['TaskCompleted c/1', 'TaskCompleted root', 'RunCompleted']);
  });

  it('any: survives dead edges and is skipped only when all are dead', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: { join: 'any', dependencies: ['a', 'b'] } }));
    s.execute();
    expect(s.fail('a')).toEqual(['TaskFailed a/1 dead=c:trigger error=test/failed']);
    expect(s.fail('b').slice(0, 2)).toEqual([
      'TaskFailed b/1 dead=c:trigger error=test/failed',
      'TaskSkipped c reason=dependency',
    ]);
  });

  it('settled: waits for all edges and needs one that fired', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: { join: 'settled', dependencies: ['a', 'b'] } }));
    s.execute();
    s.complete('a', 1);
    expect(s.task('c').status).toBe('pending');
    expect(s.fail('b')).toEqual(['TaskFailed b/1 ready=c dead=c:trigger error=test/failed']);
    s.start('c');
    expect(s.task('c').input).toEqual({ a: 1 });
  });

  it('settled: is skipped when every edge is dead', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: { join: 'settled', dependencies: ['a', 'b'] } }));
    s.execute();
    s.fail('a');
    expect(s.fail('b')[1]).toBe('TaskSkipped c reason=dependency');
  });

  it('R-SC-18 runs a join once for all its inputs', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: ['a', 'b'], d: { join: 'any', dependencies: ['a', 'b'] } }));
    s.execute();
    s.completeAll();
    expect(
      s.log.filter((event) => event.type === 'TaskStarted' && (event.taskId === 'c' || event.taskId === 'd')),
    ).toHaveLength(2);
  });

  it('skips a whole group whose rule can no longer hold, members before the group', () => {
    const s = new Scenario(
      tasksOf({
        a: [],
        g: { group: true, dependencies: ['a'] },
        m: { parentId: 'g' },
        n: { parentId: 'm' },
        z: ['m'],
        y: ['g'],
      }),
    );
    s.execute();
    expect(s.fail('a').slice(0, 6)).toEqual([
      'TaskFailed a/1 dead=g:trigger error=test/failed',
      'TaskSkipped n reason=scope',
      'TaskSkipped m dead=z:trigger reason=scope',
      'TaskSkipped g dead=y:trigger reason=dependency',
      'TaskSkipped z reason=dependency',
      'TaskSkipped y reason=dependency',
    ]);
    expect(s.run.status).toBe('failed');
    expect(s.run.counts).toMatchObject({ failed: 2, skipped: 5, pending: 0 });
  });

  it('skips a member whose own rule fails before its group opens', () => {
    const s = new Scenario(
      tasksOf({ a: [], b: [], g: { group: true, dependencies: ['b'] }, m: { parentId: 'g', dependencies: ['a'] } }),
    );
    s.execute();
    expect(s.fail('a')).toEqual(['TaskFailed a/1 dead=m:trigger error=test/failed', 'TaskSkipped m reason=dependency']);
    expect(s.complete('b').slice(0, 3)).toEqual(['TaskCompleted b/1', 'TaskOpened g', 'TaskCompleted g']);
  });

  it('starts a member of an open group only when its dependency outside has ended', () => {
    const s = new Scenario(tasksOf({ g: { group: true }, m: { parentId: 'g', dependencies: ['a'] }, a: [] }));
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root ready=a', 'TaskOpened g']);
    expect(s.complete('a')).toEqual(['TaskCompleted a/1 ready=m']);
  });

  it('starts a member whose dependency ended before its group opened', () => {
    const s = new Scenario(
      tasksOf({ a: [], b: [], g: { group: true, dependencies: ['b'] }, m: { parentId: 'g', dependencies: ['a'] } }),
    );
    s.execute();
    expect(s.complete('a')).toEqual(['TaskCompleted a/1']);
    expect(s.complete('b')).toEqual(['TaskCompleted b/1', 'TaskOpened g ready=m']);
  });
});

describe('delays', () => {
  it('R-SC-13 waits until notBefore and tells when', () => {
    const s = new Scenario(tasksOf({ a: { notBefore: '1970-01-01T00:00:05.000Z' } }));
    expect(s.execute()).toEqual(['RunStarted', 'TaskOpened root', 'TaskDelayed a']);
    expect(s.task('a')).toMatchObject({ status: 'waiting', waiting: { for: 'delay', untilMs: 5_000 } });
    expect(s.due('a')).toEqual([]);
    s.nowMs = 5_000;
    expect(s.due('a')).toEqual(['TaskDue a']);
    expect(s.complete('a').at(-1)).toBe('RunCompleted');
  });
});
