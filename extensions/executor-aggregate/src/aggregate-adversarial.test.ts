/** What hostile or careless definitions make of `aggregate`: an answer or a clear error, in time, and nothing else. */
import { testExecutor } from '@coppice/testkit';
import type { Json, JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { createAggregateExecutor } from './aggregate-executor.ts';

const aggregate = (inputs: JsonObject, dependencies: JsonObject) =>
  testExecutor(createAggregateExecutor(), { inputs, dependencies });

const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject;

describe('aggregate', () => {
  it('refuses a sum that is no number of JSON', async () => {
    const { status, error } = await aggregate({ mode: 'sum' }, { a: 1.7e308, b: 1.7e308 });
    expect(status).toBe('failed');
    expect(error).toMatchObject({ code: 'aggregate/overflow', retryable: false });
    expect(error?.message).toContain('above the largest number');
    expect((await aggregate({ mode: 'max' }, { a: 1.7e308, b: -1.7e308 })).output).toBe(1.7e308);
  });

  it.each(['__proto__', 'constructor', 'toString', '__proto__.polluted', 'length', 'a..b', '.', '..'])(
    'picks %s only where it is an own member',
    async (pick) => {
      const { status, output } = await aggregate({ mode: 'list', pick }, { a: {}, b: [1], c: 'text', d: null });
      expect({ status, output }).toEqual({
        status: 'completed',
        output: pick === 'length' ? [null, 1, null, null] : [null, null, null, null],
      });
    },
  );

  it('takes names of dependencies that are names of members of every object', async () => {
    const hostile = parsed('{"__proto__": 1, "constructor": 2, "hasOwnProperty": 3}');
    const { output } = await aggregate({ mode: 'object' }, hostile);
    expect(JSON.stringify(output)).toBe('{"__proto__":1,"constructor":2,"hasOwnProperty":3}');
    const { error } = await aggregate({ from: ['valueOf'] }, { a: 1 });
    expect(error).toMatchObject({ code: 'aggregate/unknown-dependency' });
  });

  it.each<[string, JsonObject]>([
    ['another mode', { mode: 'toString' }],
    ['a mode of another type', { mode: ['sum'] }],
    ['a number as a path', { pick: 0 }],
    ['an empty path', { pick: '' }],
    ['a name twice', { from: ['a', 'a'] }],
    ['no list of names', { from: 'a' }],
    ['an unknown input', { modes: 'sum' }],
  ])('refuses %s before it does anything', async (_what, inputs) => {
    expect((await aggregate(inputs, { a: 1 })).error).toMatchObject({ code: 'task/invalid-inputs', retryable: false });
  });

  it('combines large and deep values in time', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`d${at}`, [at, { at }]]));
    expect((await aggregate({ mode: 'concat' }, many)).output).toHaveLength(40_000);
    expect((await aggregate({ mode: 'sum', pick: '1.at' }, many)).output).toBe((20_000 * 19_999) / 2);
    const long = Array.from({ length: 300_000 }, (_, at) => at);
    expect((await aggregate({ mode: 'concat' }, { a: long, b: long })).output).toHaveLength(600_000);
    let deep: Json = 1;
    for (let depth = 0; depth < 500; depth++) deep = { a: deep };
    expect((await aggregate({ mode: 'list', pick: 'a.'.repeat(499) + 'a' }, { x: deep })).output).toEqual([1]);
    expect((await aggregate({ mode: 'list', pick: 'a.'.repeat(200_000) }, { x: deep })).output).toEqual([null]);
  });

  it('has its result also when it is aborted: it waits for nothing', async () => {
    const attempt = aggregate({ mode: 'count' }, { a: 1 });
    attempt.abort();
    expect(await attempt).toMatchObject({ status: 'completed', output: 1 });
  });
});
