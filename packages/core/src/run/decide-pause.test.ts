import type { TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { findPause, PAUSES_MAX } from './pauses.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

const retry = { strategy: 'fixed', delayMs: 100, jitter: 'none', maxAttempts: 3 } as const;

interface Wish {
  readonly reason?: string;
  readonly drainTimeoutMs?: number;
  readonly failing?: readonly string[];
}

function pause(s: Scenario, id?: string, { failing = [], ...wish }: Wish = {}): readonly string[] {
  return s.when({ type: 'pause', taskId: id as TaskId | undefined, failing, ...wish });
}

function resume(s: Scenario, id?: string): readonly string[] {
  return s.when({ type: 'resume', taskId: id as TaskId | undefined });
}

function running(tasks: Parameters<typeof tasksOf>[0], options?: ConstructorParameters<typeof Scenario>[1]): Scenario {
  const s = new Scenario(tasksOf(tasks), options);
  s.execute();
  return s;
}

describe('R-CP-08: pause of a run', () => {
  it('is reached by the decision that ends the last attempt; nothing starts meanwhile', () => {
    const s = running({ a: [], b: [], c: ['a'] });
    s.start('a', 'b');
    expect(pause(s)).toEqual(['TaskPausing root']);
    expect(s.run.status).toBe('pausing');
    expect(s.complete('a')).toEqual(['TaskCompleted a/1 ready=c']);
    expect(s.start('c')).toEqual([]);
    expect(s.complete('b')).toEqual(['TaskCompleted b/1', 'TaskPaused root']);
    expect(s.run.status).toBe('paused');
    expect(resume(s)).toEqual(['TaskResumed root']);
    expect([s.run.status, s.run.pauses]).toEqual(['running', undefined]);
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('counts the end of an attempt for each pause around it', () => {
    const s = running({ g: { group: true }, a: { parentId: 'g' }, b: { parentId: 'g', dependencies: ['a'] } });
    s.start('a');
    pause(s, 'g');
    pause(s);
    expect(s.complete('a')).toEqual(['TaskCompleted a/1 ready=b', 'TaskPaused g', 'TaskPaused root']);
    expect(s.run.status).toBe('paused');
  });

  it('takes no further time for attempts once it is reached', () => {
    const s = running({ a: [] });
    pause(s);
    expect(pause(s, undefined, { drainTimeoutMs: 50 })).toEqual([]);
    expect(s.run.pauses?.get('root' as TaskId)?.drainUntilMs).toBeUndefined();
  });

  it('is refused where too many tasks are paused already, unless it is one of them', () => {
    const names = Array.from({ length: PAUSES_MAX + 1 }, (_, at) => `t${at}`);
    const s = running(Object.fromEntries(names.map((name) => [name, []])), { checks: false });
    for (const name of names.slice(1)) pause(s, name);
    expect(decide(s.run, { type: 'pause', taskId: 't0' as TaskId, failing: [] }, s.context())).toMatchObject({
      ok: false,
      rejection: { code: 'limit/refused', message: expect.stringContaining('Pause a task above them') as string },
    });
    expect(pause(s, 't1')).toEqual([]);
  });

  it('moves on what people are reminded of and what a wait lasts, and no time that is named', () => {
    const at = new Date(50_000).toISOString();
    const s = running({
      named: { group: true, approval: { deadline: at, reminderMs: 1_000 } },
      lasting: { group: true, approval: { timeoutMs: 5_000, reminderMs: 1_000 } },
    });
    const timesOf = (id: string) => {
      const { waiting } = s.task(id);
      return waiting?.for === 'wait' ? [waiting.untilMs, waiting.remindAtMs] : [];
    };
    expect([timesOf('named'), timesOf('lasting')]).toEqual([
      [50_000, 2_000],
      [6_000, 2_000],
    ]);
    pause(s);
    s.nowMs += 30;
    resume(s);
    expect([timesOf('named'), timesOf('lasting')]).toEqual([
      [50_000, 2_030],
      [6_030, 2_030],
    ]);
  });

  it('is reached at once where nothing runs, and says why', () => {
    const s = running({ a: [] });
    expect(pause(s, undefined, { reason: 'the database is away' })).toEqual([
      'TaskPausing root reason=the database is away',
      'TaskPaused root',
    ]);
    expect(s.run.pauses?.get('root' as TaskId)).toMatchObject({ reason: 'the database is away', isReached: true });
  });

  it('ends with the run when its last attempt is the last of all', () => {
    const s = running({ a: [] });
    s.start('a');
    pause(s);
    s.complete('a');
    expect([s.run.status, s.run.pauses]).toEqual(['completed', undefined]);
  });

  it('changes nothing when the run is paused already; a run that has not begun, or has ended, is refused', () => {
    const s = new Scenario(tasksOf({ a: [] }));
    expect(s.refused({ type: 'pause', failing: [] })).toMatchObject({ code: 'task/invalid-transition' });
    s.execute();
    pause(s);
    expect(pause(s)).toEqual([]);
    resume(s);
    s.completeAll();
    expect(s.refused({ type: 'pause', failing: [] }).message).toBe(
      'root (root) can not be paused: its run has completed',
    );
    expect(resume(s)).toEqual([]);
    expect(s.refused({ type: 'pause', taskId: 'x' as TaskId, failing: [] }).code).toBe('task/not-found');
    expect(s.refused({ type: 'resume', taskId: 'x' as TaskId }).code).toBe('task/not-found');
  });

  it('releases attempts at once: ready again under the same key, and not counted as a try or a crash', () => {
    const s = running({ a: { policies: { retry: { ...retry, maxAttempts: 2 } } } });
    for (let turn = 0; turn < 12; turn++) {
      s.start('a');
      expect(pause(s, undefined, { drainTimeoutMs: 0 })).toEqual([
        'TaskPausing root',
        `AttemptInterrupted a/${turn + 1} reason=pause`,
        'TaskPaused root',
      ]);
      resume(s);
    }
    expect(s.task('a')).toMatchObject({ status: 'ready', attempt: 12, interruptions: 0, uncounted: 12 });
    s.fail('a');
    expect(s.task('a').status).toBe('waiting');
  });

  it('lets attempts of executors that allow no other try come to their end', () => {
    const s = running({ a: [], b: { executor: 'once' } });
    s.start('a', 'b');
    pause(s, undefined, { drainTimeoutMs: 0, failing: ['once'] });
    expect([s.task('a').status, s.task('b').status, s.run.status]).toEqual(['ready', 'running', 'pausing']);
    s.complete('b');
    expect(s.run.status).toBe('paused');
  });

  it('releases attempts after a time, which a second pause may set', () => {
    const s = running({ a: [] });
    s.start('a');
    pause(s, undefined, { drainTimeoutMs: 50, reason: 'first' });
    s.nowMs += 49;
    expect(s.when({ type: 'drained', taskId: 'root' as TaskId, failing: [] })).toEqual([]);
    expect(pause(s, undefined, { drainTimeoutMs: 10, reason: 'second' })).toEqual(['TaskPausing root']);
    s.nowMs += 10;
    expect(s.when({ type: 'drained', taskId: 'root' as TaskId, failing: [] })).toEqual([
      'AttemptInterrupted a/1 reason=pause',
      'TaskPaused root',
    ]);
    expect(s.run.pauses?.get('root' as TaskId)).toMatchObject({ reason: 'first', sinceMs: 1_000 });
    resume(s);
    expect(s.when({ type: 'drained', taskId: 'root' as TaskId, failing: [] })).toEqual([]);
  });

  it('a crash leaves it paused', () => {
    const s = running({ a: [], b: [] });
    s.start('a', 'b');
    pause(s);
    expect(s.when({ type: 'interrupt', reason: 'crash', failing: [] })).toEqual([
      'AttemptInterrupted a/1 reason=crash',
      'AttemptInterrupted b/1 reason=crash',
      'TaskPaused root',
    ]);
    expect(s.start('a')).toEqual([]);
  });

  it('is ended by a cancellation, after which nothing happens any more', () => {
    const s = running({ a: { policies: { retry } }, b: [] });
    s.fail('a');
    pause(s);
    s.cancel();
    expect([s.run.status, s.run.pauses]).toEqual(['cancelled', undefined]);
    s.nowMs += 1_000;
    expect(s.due('a')).toEqual([]);
    expect(s.when({ type: 'drained', taskId: 'root' as TaskId, failing: [] })).toEqual([]);
    expect(resume(s)).toEqual([]);
    expect(s.start('a', 'b')).toEqual([]);
  });

  it('refuses to execute or retry it, and says what to do', () => {
    const s = running({ a: [] });
    pause(s);
    const rejection = {
      code: 'run/already-running',
      message: 'Tree root is paused. Resume it and wait for its end, or cancel it first',
    };
    expect(s.refused({ type: 'retry', mode: 'failure' })).toMatchObject(rejection);
    expect(s.refused({ type: 'execute' })).toMatchObject(rejection);
  });

  it('a task that is added to what can start meanwhile is ready, and starts after it', () => {
    const s = running({ a: [], b: ['a'] });
    s.start('a');
    pause(s);
    const { definition } = s.task('b');
    expect(s.when({ type: 'update', definition: { ...definition, dependencies: [] } })).toEqual([
      'TaskUpdated b',
      'TaskDue b',
    ]);
  });
});

describe('R-CP-09: resume moves on what was frozen, by exactly the paused time', () => {
  it('a back-off that began before the pause, and one that began in it', () => {
    const s = running({ a: { policies: { retry } }, b: { policies: { retry } } });
    s.start('a', 'b');
    s.fail('a');
    s.nowMs = 1_030;
    pause(s);
    s.nowMs = 1_050;
    s.fail('b');
    s.nowMs = 1_400;
    expect(s.due('a')).toEqual([]);
    resume(s);
    expect(s.task('a').waiting?.untilMs).toBe(1_100 + 370);
    expect(s.task('b').waiting?.untilMs).toBe(1_150 + 350);
  });

  it('the limit of all attempts', () => {
    const s = running({ a: { policies: { retry: { ...retry, maxElapsedMs: 250 } } } });
    s.start('a');
    pause(s, undefined, { drainTimeoutMs: 0 });
    s.nowMs = 9_000;
    resume(s);
    expect(s.task('a').firstStartedAtMs).toBe(9_000);
    s.fail('a');
    expect(s.task('a').status).toBe('waiting');
  });

  it('R-TO-04: the budget of the run, which does not end it meanwhile', () => {
    const s = running({ a: { policies: { retry } } }, { policies: { runTimeoutMs: 150 } });
    s.start('a');
    s.nowMs = 1_020;
    pause(s);
    s.nowMs = 1_900;
    expect(s.when({ type: 'runTimeout' })).toEqual([]);
    s.fail('a');
    expect(s.task('a').status).toBe('waiting');
    s.nowMs = 2_000;
    resume(s);
    expect(s.run.deadlineAtMs).toBe(1_150 + 980);
    s.nowMs = 2_130;
    expect(s.when({ type: 'runTimeout' }).at(-1)).toBe('RunFailed error=timeout/run');
  });

  it('but not a time that a definition names: what has come meanwhile is due', () => {
    const s = running({ a: { notBefore: new Date(1_100).toISOString() } });
    pause(s);
    s.nowMs = 1_500;
    expect(s.due('a')).toEqual([]);
    resume(s);
    expect(s.task('a').waiting?.untilMs).toBe(1_100);
    expect(s.due('a')).toEqual(['TaskDue a']);
  });

  it('in many cycles', () => {
    const s = running({ a: { policies: { retry } } });
    s.fail('a');
    for (let cycle = 0; cycle < 5; cycle++) {
      s.nowMs += 10;
      pause(s);
      s.nowMs += 1_000;
      resume(s);
    }
    expect(s.task('a').waiting?.untilMs).toBe(1_100 + 5_000);
  });
});

describe('R-CP-08: pause of a sub-tree', () => {
  const tree = {
    g: { group: true },
    a: { parentId: 'g', policies: { retry } },
    b: { parentId: 'g', dependencies: ['a'] },
    other: [],
  } as const;

  it('holds its tasks only; the run goes on', () => {
    const s = running(tree);
    s.start('a');
    expect(pause(s, 'g')).toEqual(['TaskPausing g']);
    expect(s.run.status).toBe('running');
    expect(s.complete('a')).toEqual(['TaskCompleted a/1 ready=b', 'TaskPaused g']);
    expect(s.start('b', 'other')).toEqual(['TaskStarted other/1']);
    s.complete('other');
    expect(s.run.status).toBe('running');
    resume(s, 'g');
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('inside a paused run, and the other way round, each ends by its own resume', () => {
    const s = running(tree);
    pause(s, 'g');
    pause(s);
    expect(findPause(s.run, s.task('a'))?.taskId).toBe('g');
    resume(s);
    expect([s.run.status, s.start('a', 'other')]).toEqual(['running', ['TaskStarted other/1']]);
    pause(s);
    resume(s, 'g');
    expect(s.start('a')).toEqual([]);
    expect(s.refused({ type: 'resume', taskId: 'g' as TaskId }).message).toBe(
      'g (g) is paused together with root (root). Resume that',
    );
    resume(s);
    expect(s.start('a')).toEqual(['TaskStarted a/1']);
  });

  it.each([
    ['the inner one ends first', ['g', 'root']],
    ['the outer one ends first', ['root', 'g']],
  ] as const)('moves a back-off on by the time in which anything paused it: %s', (_, [first, second]) => {
    const s = running(tree);
    s.fail('a');
    s.nowMs = 1_010;
    pause(s, 'g');
    s.nowMs = 1_020;
    pause(s);
    s.nowMs = 1_500;
    resume(s, first === 'root' ? undefined : first);
    s.nowMs = 1_700;
    resume(s, second === 'root' ? undefined : second);
    expect(s.task('a').waiting?.untilMs).toBe(1_100 + 690);
  });

  it('does not touch the budget of the run', () => {
    const s = running(tree, { policies: { runTimeoutMs: 50 } });
    pause(s, 'g');
    s.nowMs += 50;
    expect(s.when({ type: 'runTimeout' }).at(-1)).toBe('RunFailed error=timeout/run');
    expect(s.run.pauses).toBeUndefined();
  });

  it('is refused where all has ended', () => {
    const s = running(tree);
    s.complete('other');
    expect(s.refused({ type: 'pause', taskId: 'other' as TaskId, failing: [] }).message).toBe(
      'other (other) can not be paused: it has ended, with all below it',
    );
  });
});
