/** What failures of limits, budgets and the ladder say: each names the task, the limit with its value, and what to do next (R-ER-03). */
import type { TaskError, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import type { TaskPolicies } from '../task/task.ts';
import { Scenario, tasksOf, type ScenarioOptions, type TaskShape } from './run.fixture.ts';

const retry = { maxAttempts: 3, strategy: 'fixed', delayMs: 40, jitter: 'none' } as const;
const crash = { type: 'interrupt', reason: 'crash' } as const;

interface Case {
  readonly task?: TaskPolicies;
  readonly group?: TaskPolicies;
  readonly more?: TaskShape;
  readonly run?: ScenarioOptions;
  /** What happens to the task `fetch` in the group `load`. */
  readonly happens: (s: Scenario) => void;
  /** Whose error it is. Default: that of the task. */
  readonly of?: 'load' | 'run';
}

const fail = (s: Scenario): void => void s.fail('fetch', { message: 'connection refused' });
const start = (s: Scenario): void => void s.start('fetch');
const over = (taskId: string) => (s: Scenario) => {
  s.nowMs += 500;
  s.when({ type: 'deadline', taskId: taskId as TaskId, gate: taskId === 'fetch' ? 'executor:work' : undefined });
};
const timeout = (limit: 'task' | 'heartbeat') => (s: Scenario) => {
  start(s);
  s.nowMs += 500;
  s.when({ type: 'timeout', taskId: 'fetch' as TaskId, attempt: 1, limit });
};
const all =
  (...steps: ((s: Scenario) => void)[]) =>
  (s: Scenario) => {
    for (const step of steps) step(s);
  };
const again = all(fail, (s) => {
  s.nowMs += 40;
  s.due('fetch');
});
const undo: TaskShape = { compensate: { executor: 'work' } };
const undoing = (how: 'complete' | 'fail') =>
  all(
    (s) => void s.complete('fetch'),
    (s) => void s.fail('last'),
    (s) => void s[how]('load:undo.0'),
  );

const CASES: Readonly<Record<string, Case>> = {
  'limit of an attempt': { task: { timeoutMs: 500 }, happens: timeout('task') },
  'limit without a sign of life': { task: { heartbeatTimeoutMs: 500 }, happens: timeout('heartbeat') },
  'limit of a task': { task: { totalTimeoutMs: 500 }, happens: all(start, over('fetch')) },
  'limit of a wait for a start': { task: { queueTimeoutMs: 500 }, happens: over('fetch') },
  'limit of a group': { group: { totalTimeoutMs: 500 }, happens: all(start, over('load')), of: 'load' },
  'budget of the run': {
    run: { policies: { runTimeoutMs: 500 } },
    happens: all(start, (s) => {
      s.nowMs += 500;
      s.when({ type: 'runTimeout' });
    }),
    of: 'run',
  },
  'all attempts': { task: { retry }, happens: all(again, again, fail) },
  'limit of all attempts': { task: { retry: { ...retry, maxElapsedMs: 30 } }, happens: fail },
  'an attempt after the limit of the task': { task: { retry, totalTimeoutMs: 30 }, happens: fail },
  'an attempt after the limit of the group': { task: { retry }, group: { totalTimeoutMs: 30 }, happens: fail },
  'an attempt after the budget of the run': { task: { retry }, run: { policies: { runTimeoutMs: 30 } }, happens: fail },
  'budget of retries': { task: { retry }, run: { policies: { retryBudget: 1 } }, happens: all(again, fail) },
  'no attempt after a crash': { happens: all(start, (s) => void s.when({ ...crash, failing: ['work'] })) },
  'the fallback, too': {
    more: { fallback: { executor: 'work' } },
    happens: all(
      fail,
      (s) => void s.due('fetch'),
      (s) => void s.fail('fetch', { message: 'the cache is empty' }),
    ),
  },
  'a compensated group': { more: undo, happens: undoing('complete'), of: 'load' },
  'a group that was compensated in part': { more: undo, happens: undoing('fail'), of: 'load' },
  'the run of a failed task': { happens: fail, of: 'run' },
  'a fatal error': {
    happens: (s) => void s.fail('fetch', { message: 'The key was taken back', fatal: true }),
    of: 'run',
  },
};

function errorIn({ task = {}, group = {}, more = {}, run = {}, happens, of }: Case): TaskError {
  const tasks = {
    load: { group: true, policies: group },
    fetch: { parentId: 'load', policies: task, ...more },
    last: { parentId: 'load', dependencies: ['fetch'] },
  };
  const s = new Scenario(tasksOf(tasks), run);
  s.execute();
  happens(s);
  return (of === 'run' ? s.run.error : s.task(of ?? 'fetch').error) as TaskError;
}

describe('messages of limits and of the failure ladder (R-ER-03, R-TO-05)', () => {
  it('are these', () => {
    const texts = Object.entries(CASES).map(([name, each]) => {
      const { code, message } = errorIn(each);
      return `${name}\n  ${code}: ${message}`;
    });
    expect(texts.join('\n')).toMatchInlineSnapshot(`
      "limit of an attempt
        timeout: Attempt 1 of fetch (fetch) ran longer than its limit of 500 ms. Raise the limit or make the task shorter
      limit without a sign of life
        timeout/heartbeat: Attempt 1 of fetch (fetch) sent no heartbeat within its limit of 500 ms. Raise the limit or make the task shorter
      limit of a task
        timeout/total: fetch (fetch) did not end within its limit of 500 ms for all attempts. Raise totalTimeout, or make the task shorter
      limit of a wait for a start
        timeout/queue: fetch (fetch) was ready and did not start within its limit of 500 ms: executor:work was full. Raise queueTimeout, or let more start at once
      limit of a group
        timeout/scope: The group load (load) did not end within its limit of 500 ms: fetch, last had not ended. Raise totalTimeout of the group, or retry from failure to go on
      budget of the run
        timeout/run: The run of root used up its budget of 500 ms. Raise runTimeoutMs, or retry from failure to go on
      all attempts
        retry/exhausted: connection refused (all 3 attempts of fetch failed; mend the cause, or raise maxAttempts)
      limit of all attempts
        retry/exhausted: connection refused (the next attempt of fetch would start after its maxElapsed of 30 ms; mend the cause, or raise that)
      an attempt after the limit of the task
        retry/exhausted: connection refused (the next attempt of fetch would start after its totalTimeout of 30 ms; mend the cause, or raise that)
      an attempt after the limit of the group
        retry/exhausted: connection refused (the next attempt of fetch would start after the totalTimeout of 30 ms of the group load; mend the cause, or raise that)
      an attempt after the budget of the run
        retry/exhausted: connection refused (the next attempt of fetch would start after the runTimeout of 30 ms; mend the cause, or raise that)
      budget of retries
        retry/budget-exhausted: connection refused (the run's budget of 1 retries is used up, so fetch is not tried again; mend the cause, or raise retryBudget)
      no attempt after a crash
        executor/interrupted: The process ended during attempt 1 of fetch, and its executor does not allow another try after that. Check what it left behind, then retry from failure
      the fallback, too
        fallback/failed: fetch failed (connection refused), and so did its fallback: the cache is empty. Mend one of them, then retry from failure
      a compensated group
        group/failed: last failed in group load; one task was compensated
      a group that was compensated in part
        group/failed: last failed in group load; compensation is partial: Compensation of fetch did not complete, so undo that by hand
      the run of a failed task
        run/failed: A task failed: fetch. See the failures, mend the cause, and retry from failure or copy
      a fatal error
        run/fatal: fetch (fetch) ended the run: The key was taken back. Mend the cause, then retry from failure"
    `);
  });

  it.each(Object.entries(CASES))('%s: names a task and says what to do', (_name, each) => {
    const { message } = errorIn(each);
    expect(message).toMatch(/\b(fetch|load|last|root)\b/);
    // Of a group that was undone there is nothing left to do: what failed in it says the rest.
    expect(message).toMatch(/\b(Raise|Mend|Check|See|raise|allow|make|undo|compensated)\b/);
  });
});
