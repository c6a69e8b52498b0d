/** Rows of the requirements that name a figure or a text, shown on decisions alone. */
import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../random/seeded.ts';
import { orderKeyOf } from './order-key.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

describe('recovery from transient failures (R-RT-11)', () => {
  it('brings at least 999 of 1,000 runs to their end, each attempt failing with probability 0.3, of 8 attempts', () => {
    let completed = 0;
    for (let seed = 0; seed < 1_000; seed++) {
      const random = createSeededRandom({ seed: String(seed), taskId: 'a', attempt: 1, purpose: 'failure' });
      const retry = { maxAttempts: 8, strategy: 'immediate' as const, delayMs: 0 };
      const scenario = new Scenario(tasksOf({ a: { policies: { retry } } }), { checks: false });
      scenario.execute();
      while (scenario.task('a').status === 'ready') {
        if (random.next() < 0.3) scenario.fail('a', { code: 'net', message: 'lost', retryable: true });
        else scenario.complete('a');
      }
      if (scenario.run.status === 'completed') completed++;
    }
    expect(completed).toBeGreaterThanOrEqual(999);
  });
});

describe('the end of a run (R-SC-16)', () => {
  it('is in the same decision as the end of its last task', () => {
    const scenario = new Scenario(tasksOf({ a: [], b: ['a'] }));
    scenario.execute();
    scenario.complete('a');
    expect(scenario.complete('b').at(-1)).toMatch(/^RunCompleted/);
  });
});

describe('order keys (R-SC-03)', () => {
  it('are 1,000 different ones for 1,000 tasks, the same whenever the tree is folded', () => {
    const tasks = Object.fromEntries(Array.from({ length: 999 }, (_, index) => [`t${index}`, []]));
    const keys = (): string[] => new Scenario(tasksOf(tasks), { checks: false }).run.tasks.map(orderKeyOf);
    expect(new Set(keys()).size).toBe(1_000);
    expect(keys()).toEqual(keys());
  });
});

describe('messages of failures (R-ER-03)', () => {
  it('name the task, the limit, what was, and the next step', () => {
    const texts: string[] = [];
    const limited = new Scenario(tasksOf({ slow: { policies: { timeoutMs: 50 } } }));
    limited.execute();
    limited.start('slow');
    limited.nowMs += 60;
    limited.when({ type: 'timeout', taskId: limited.task('slow').id, attempt: 1, limit: 'task' });
    texts.push(limited.task('slow').error?.message ?? '', limited.run.error?.message ?? '');

    const budget = new Scenario(tasksOf({ slow: [] }), { policies: { runTimeoutMs: 100 } });
    budget.execute();
    budget.nowMs += 100;
    budget.when({ type: 'runTimeout' });
    texts.push(budget.run.error?.message ?? '');

    const tired = new Scenario(
      tasksOf({ net: { policies: { retry: { maxAttempts: 2, strategy: 'immediate', delayMs: 0 } } } }),
    );
    tired.execute();
    for (let attempt = 0; attempt < 2; attempt++)
      tired.fail('net', { code: 'net', message: 'Connection lost', retryable: true });
    texts.push(tired.task('net').error?.message ?? '');

    const skipped = new Scenario(tasksOf({ a: [], b: ['a'] }));
    skipped.execute();
    skipped.fail('a', { code: 'x', message: 'boom', retryable: false });
    texts.push(skipped.task('b').reason?.message ?? '', skipped.refused({ type: 'execute' }).message);
    expect(texts).toMatchInlineSnapshot(`
      [
        "Attempt 1 of slow (slow) ran longer than its limit of 50 ms. Raise the limit or make the task shorter",
        "A task failed: slow. See the failures, mend the cause, and retry from failure or copy",
        "The run of root used up its budget of 100 ms. Raise runTimeoutMs, or retry from failure to go on",
        "Connection lost (all 2 attempts of net failed; mend the cause, or raise maxAttempts)",
        "The dependencies can no longer be met: a has failed",
        "The run of root has failed. Use tasks.retry to open it again, or tasks.copy to run a copy",
      ]
    `);
  });
});
