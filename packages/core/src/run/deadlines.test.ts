/** Time limits of whole tasks and groups, and of waits for a start (R-TO-03, R-TO-05, R-TO-07). */
import type { TaskError, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { TaskPolicies } from '../task/task.ts';
import type { EventOf } from './event.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const retry = { maxAttempts: 8, strategy: 'fixed', delayMs: 100, jitter: 'none' } as const;

function begun(tasks: Readonly<Record<string, readonly string[] | TaskShape>>, root = {}, run = {}): Scenario {
  const s = new Scenario(tasksOf(tasks, root), run);
  s.execute();
  return s;
}

/** Sends the end of a task's limit at a time, epoch ms. */
function over(s: Scenario, id: string, atMs: number): readonly string[] {
  s.nowMs = atMs;
  return s.when({ type: 'deadline', taskId: id as TaskId, gate: 'lock:db' });
}

function started(s: Scenario): EventOf<'TaskStarted'>['data'] {
  return s.log.findLast((event) => event.type === 'TaskStarted')?.data as EventOf<'TaskStarted'>['data'];
}

function errorOf(s: Scenario, id: string): TaskError {
  return s.task(id).error as TaskError;
}

describe('totalTimeout of a task (R-TO-05)', () => {
  const one = (policies: TaskPolicies, more: TaskShape = {}) => begun({ a: { ...more, policies } });

  it('is in the event of the first start, and ends the attempt that is running then', () => {
    const s = one({ totalTimeoutMs: 250, timeoutMs: 1_000 });
    s.nowMs = 5_000;
    s.start('a');
    expect(started(s)).toMatchObject({ deadlineAtMs: 5_250, timeoutMs: 250, limit: 'total' });
    expect(over(s, 'a', 5_249)).toEqual([]);
    expect(over(s, 'a', 5_250)[0]).toBe('TaskFailed a/1 error=timeout/total');
    expect(errorOf(s, 'a')).toMatchObject({ retryable: false, data: { limit: 'total', limitMs: 250, ranMs: 250 } });
  });

  it('counts all attempts and the waits between them, and no time before the first (R-TO-07)', () => {
    const s = one({ totalTimeoutMs: 250, retry });
    s.nowMs = 9_000;
    s.start('a');
    s.nowMs = 9_010;
    s.fail('a');
    s.nowMs = 9_110;
    expect(s.due('a')).toEqual(['TaskDue a']);
    s.nowMs = 9_150;
    s.start('a');
    // The second attempt has what is left.
    expect(started(s)).toEqual({ input: {}, timeoutMs: 100, limit: 'total' });
    expect(over(s, 'a', 9_250)[0]).toBe('TaskFailed a/2 error=timeout/total');
    expect(errorOf(s, 'a').cause).toMatchObject({ code: 'test/failed' });
  });

  it('ends a back-off, and plans no attempt beyond it (R-RT-08)', () => {
    const s = one({ totalTimeoutMs: 150, retry });
    s.start('a');
    s.nowMs += 49;
    s.fail('a');
    s.nowMs += 100;
    s.due('a');
    s.start('a');
    expect(s.fail('a')[0]).toBe('TaskFailed a/2 error=retry/exhausted');
    expect(errorOf(s, 'a').message).toContain('would start after its totalTimeout of 150 ms');

    const waiting = one({ totalTimeoutMs: 150, retry });
    waiting.start('a');
    waiting.fail('a');
    expect(over(waiting, 'a', 1_150)[0]).toBe('TaskFailed a error=timeout/total');
  });

  it('leaves the fallback its own time', () => {
    const s = one({ totalTimeoutMs: 50 }, { fallback: { executor: 'work' } });
    s.start('a');
    expect(over(s, 'a', 1_050)[0]).toBe('RetryScheduled a/1 error=timeout/total delayMs=0');
    s.due('a');
    s.start('a');
    expect(started(s)).toMatchObject({ fallback: true });
    expect(started(s)).not.toHaveProperty('deadlineAtMs');
    expect(over(s, 'a', 9_999)).toEqual([]);
    expect(s.complete('a')[0]).toBe('TaskCompleted a/2');
  });

  it('of the smallest of all limits, the smallest is named', () => {
    const named = (policies: TaskPolicies, group: TaskPolicies, run = {}) => {
      const s = begun({ g: { group: true, policies: group }, a: { parentId: 'g', policies } }, {}, { policies: run });
      s.start('a');
      return started(s).limit;
    };
    const all = { timeoutMs: 40, totalTimeoutMs: 50 };
    expect(named({ ...all, timeoutMs: 30 }, { totalTimeoutMs: 60 }, { runTimeoutMs: 70 })).toBe('task');
    expect(named({ ...all, totalTimeoutMs: 30 }, { totalTimeoutMs: 60 }, { runTimeoutMs: 70 })).toBe('total');
    expect(named(all, { totalTimeoutMs: 30 }, { runTimeoutMs: 70 })).toBe('scope');
    expect(named(all, { totalTimeoutMs: 60 }, { runTimeoutMs: 30 })).toBe('run');
    expect(named({}, {})).toBeUndefined();
  });

  it('begins anew when the run is retried', () => {
    const s = one({ totalTimeoutMs: 50 });
    s.start('a');
    over(s, 'a', 1_050);
    s.retry('failure');
    s.nowMs = 3_000;
    s.start('a');
    expect(started(s)).toMatchObject({ deadlineAtMs: 3_050 });
  });

  it('does not touch siblings (R-TO-03)', () => {
    const s = begun({ a: { policies: { totalTimeoutMs: 10 } }, b: { policies: { totalTimeoutMs: 60 } } });
    s.start('a', 'b');
    over(s, 'a', 1_010);
    expect(s.task('b').status).toBe('running');
    s.nowMs = 1_059;
    s.complete('b');
    expect(s.task('b').status).toBe('completed');
  });
});

describe('totalTimeout of a group (R-TO-05)', () => {
  const tasks = {
    g: { group: true, policies: { totalTimeoutMs: 100 } },
    done: { parentId: 'g', compensate: { executor: 'work' } },
    slow: { parentId: 'g' },
    later: { parentId: 'g', dependencies: ['slow'] },
    sweep: { parentId: 'g', finally: true },
    after: { dependencies: ['g'] },
    caught: { dependencies: [{ task: 'g', on: ['failure' as const], handles: true }] },
  };

  it('cancels what is open, compensates, cleans up, and fails the group with the limit that fired', () => {
    const s = begun(tasks);
    s.complete('done');
    s.start('slow');
    expect(over(s, 'g', 1_100)).toEqual([
      'TaskCancelled later reason=timeout',
      'TaskCancelled slow/1 dead=later:trigger reason=timeout',
      'TaskOpened g',
      'TaskOpened g ready=g:undo.0',
    ]);
    s.complete('g:undo.0');
    s.complete('sweep');
    expect(s.task('g')).toMatchObject({ status: 'failed', error: { code: 'timeout/scope', data: { limit: 'scope' } } });
    expect(errorOf(s, 'g').message).toBe(
      'The group g (g) did not end within its limit of 100 ms: slow, later had not ended. Raise totalTimeout of the group, or retry from failure to go on; one task was compensated',
    );
    expect(s.task('caught').status).toBe('ready');
    s.complete('caught');
    expect(s.run.status).toBe('completed');
  });

  it('lets clean-up and compensation take their time', () => {
    const s = begun(tasks);
    s.complete('done');
    s.start('slow');
    over(s, 'g', 1_100);
    s.start('g:undo.0');
    expect(started(s)).not.toHaveProperty('timeoutMs');
    expect(over(s, 'g', 9_000)).toEqual([]);
  });

  it('holds for all copies of a multiplied task together', () => {
    const s = begun({ a: { forEach: [1, 2], policies: { totalTimeoutMs: 100, timeoutMs: 70 } } });
    s.start('a.0');
    expect(started(s)).toMatchObject({ timeoutMs: 70, limit: 'task' });
    s.nowMs = 1_050;
    s.complete('a.0');
    s.start('a.1');
    expect(started(s)).toMatchObject({ timeoutMs: 50, limit: 'scope' });
    over(s, 'a', 1_100);
    expect(s.task('a').error?.code).toBe('timeout/scope');
  });

  it('plans no attempt of a member beyond it', () => {
    const s = begun({
      g: { group: true, policies: { totalTimeoutMs: 100 } },
      a: { parentId: 'g', policies: { retry } },
    });
    s.start('a');
    s.fail('a');
    expect(errorOf(s, 'a')).toMatchObject({ code: 'retry/exhausted' });
    expect(errorOf(s, 'a').message).toContain('would start after the totalTimeout of 100 ms of the group g');
  });
});

describe('queueTimeout (R-TO-05)', () => {
  it('fails a task that was ready and did not start, naming the gate; nothing is tried again', () => {
    const s = begun({ a: { policies: { queueTimeoutMs: 30, retry } }, b: ['a'] });
    expect(s.log.at(-1)?.data).toEqual({ deadlineAtMs: 1_030 });
    expect(over(s, 'a', 1_029)).toEqual([]);
    expect(over(s, 'a', 1_030)[0]).toBe('TaskFailed a dead=b:trigger error=timeout/queue');
    expect(errorOf(s, 'a').data).toEqual({ limit: 'queue', limitMs: 30, waitedMs: 30, gate: 'lock:db' });
  });

  it('begins each time an attempt is ready, also after a crash, and ends with its start', () => {
    const s = begun({ a: { policies: { queueTimeoutMs: 30, retry } } });
    s.start('a');
    expect(over(s, 'a', 1_500)).toEqual([]);
    s.fail('a');
    s.nowMs = 1_600;
    s.due('a');
    expect(s.log.at(-1)?.data).toEqual({ deadlineAtMs: 1_630 });
    s.start('a');
    s.nowMs = 2_000;
    s.when({ type: 'interrupt', reason: 'crash', failing: [] });
    expect(s.log.at(-1)?.data).toEqual({ reason: 'crash', deadlineAtMs: 2_030 });
    expect(over(s, 'a', 2_030)[0]).toBe('TaskFailed a error=timeout/queue');
  });

  it('is inherited from the nearest group; 0 switches it off', () => {
    const s = begun({
      g: { group: true, policies: { queueTimeoutMs: 30 } },
      a: { parentId: 'g' },
      b: { parentId: 'g', policies: { queueTimeoutMs: 0 } },
      c: { parentId: 'g', policies: { queueTimeoutMs: 5 } },
      d: {},
    });
    const due = s.log.filter((event) => event.type === 'TaskDue').map(({ taskId, data }) => [taskId, data]);
    expect(due).toEqual([
      ['a', { deadlineAtMs: 1_030 }],
      ['c', { deadlineAtMs: 1_005 }],
    ]);
    expect(s.ids('ready')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('holds for members that are made while the run goes on', () => {
    const s = begun({ a: { forEach: [1, 2], policies: { queueTimeoutMs: 30 } } });
    expect(s.ids('ready')).toEqual(['a.0', 'a.1']);
    expect(over(s, 'a.1', 1_030)[0]).toBe('TaskFailed a.1 error=timeout/queue');
  });

  it('begins the fallback', () => {
    const s = begun({ a: { policies: { queueTimeoutMs: 30 }, fallback: { output: 7 } } });
    expect(over(s, 'a', 1_030)).toEqual([
      'RetryScheduled a error=timeout/queue delayMs=0',
      'TaskCompleted a',
      'TaskCompleted root',
      'RunCompleted',
    ]);
    expect(s.task('a')).toMatchObject({ output: 7, port: 'fallback', attempt: 0 });
  });

  it('holds for the fallback as well', () => {
    const s = begun({ a: { policies: { queueTimeoutMs: 30 }, fallback: { executor: 'work' } } });
    over(s, 'a', 1_030);
    s.due('a');
    expect(over(s, 'a', 1_060)[0]).toBe('TaskFailed a error=fallback/failed');
    expect(errorOf(s, 'a').cause).toMatchObject({ code: 'timeout/queue' });
  });
});

describe('a pause freezes the limits of tasks and groups in it (R-CP-08)', () => {
  it('and the resume moves them on by as long as it was', () => {
    const s = begun({
      g: { group: true, policies: { totalTimeoutMs: 100 } },
      a: { parentId: 'g', policies: { totalTimeoutMs: 60 } },
      b: { parentId: 'g', policies: { queueTimeoutMs: 40 } },
      c: { parentId: 'g' },
    });
    s.start('a');
    s.nowMs = 1_020;
    s.when({ type: 'pause', failing: [] });
    for (const id of ['g', 'a', 'b']) expect(over(s, id, 8_000)).toEqual([]);
    s.nowMs = 9_020;
    s.when({ type: 'resume' });
    for (const [id, atMs] of [
      ['b', 9_040],
      ['a', 9_060],
      ['g', 9_100],
    ] as const) {
      expect(over(s, id, atMs - 1)).toEqual([]);
      expect(over(s, id, atMs).length).toBeGreaterThan(0);
    }
    expect(s.run.status).toBe('failed');
  });

  it('of a member, and not that of the group around it', () => {
    const s = begun({
      g: { group: true, policies: { totalTimeoutMs: 100 } },
      a: { parentId: 'g' },
      b: { parentId: 'g' },
    });
    s.when({ type: 'pause', taskId: 'a' as TaskId, failing: [] });
    expect(over(s, 'g', 1_100)[0]).toContain('reason=timeout');
  });
});
