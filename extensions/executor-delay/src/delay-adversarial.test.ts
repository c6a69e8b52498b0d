/** What hostile or careless definitions make of `delay`, and what is left of one that is aborted. */
import { getActiveResourcesInfo } from 'node:process';
import { testExecutor } from '@coppice/testkit';
import type { JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { createDelayExecutor } from './delay-executor.ts';

const run = (inputs: JsonObject) => testExecutor(createDelayExecutor(), { inputs });
const timers = (): number => getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('delay', () => {
  it.each<[string, JsonObject]>([
    ['a text', { ms: '5' }],
    ['a text with a unit', { ms: '5s' }],
    ['a fraction', { ms: 0.5 }],
    ['more than a timer can wait', { ms: 2 ** 31 }],
    ['more than a number can say', { ms: 1e300 }],
    ['null', { ms: null }],
    ['a list', { ms: [5] }],
    ['a member of every object', JSON.parse('{"ms": 1, "__proto__": {"ms": 2}}') as JsonObject],
  ])('refuses %s before it waits', async (_what, inputs) => {
    expect((await run(inputs)).error).toMatchObject({ code: 'task/invalid-inputs', retryable: false });
  });

  it('takes no longer for no time, and the longest time that there is', async () => {
    expect(await run({ ms: 0 })).toMatchObject({ status: 'completed', output: { ms: 0 } });
    const longest = run({ ms: 2 ** 31 - 1 });
    longest.abort();
    expect((await longest).status).toBe('cancelled');
  });

  it('leaves no timer behind when it is aborted, however often and with whatever reason', async () => {
    const before = timers();
    const attempts = Array.from({ length: 200 }, () => run({ ms: 1_000_000 }));
    expect(timers()).toBeGreaterThanOrEqual(before + 200);
    for (const [at, attempt] of attempts.entries()) {
      attempt.abort(at % 2 === 0 ? 'no error' : new Error('stopped'));
      attempt.abort();
    }
    const ends = await Promise.all(attempts);
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('an abort after its end changes nothing', async () => {
    const attempt = run({ ms: 0 });
    const ended = await attempt;
    attempt.abort();
    expect(await attempt).toBe(ended);
  });
});
