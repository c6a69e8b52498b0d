import { testExecutor } from '@coppice/testkit';
import type { JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { createAggregateExecutor } from './aggregate-executor.ts';

const aggregate = (inputs: JsonObject, dependencies: JsonObject) =>
  testExecutor(createAggregateExecutor(), { inputs, dependencies });

describe('aggregate', () => {
  const numbers = { a: 3, b: null, c: 1.5 };

  it.each([
    [{}, numbers, { a: 3, b: null, c: 1.5 }],
    [{ mode: 'object', from: ['c', 'a'] }, numbers, { c: 1.5, a: 3 }],
    [{ mode: 'list' }, numbers, [3, null, 1.5]],
    [{ mode: 'list', from: ['c', 'a'] }, numbers, [1.5, 3]],
    [{ mode: 'merge' }, { a: { x: 1, y: 1 }, b: null, c: { y: 2 } }, { x: 1, y: 2 }],
    [{ mode: 'concat' }, { a: [1, [2]], b: 3, c: null }, [1, [2], 3]],
    [{ mode: 'sum' }, numbers, 4.5],
    [{ mode: 'sum' }, {}, 0],
    [{ mode: 'min' }, numbers, 1.5],
    [{ mode: 'max' }, numbers, 3],
    [{ mode: 'max' }, { a: null }, null],
    [{ mode: 'count' }, numbers, 2],
    [{ mode: 'first' }, { a: null, b: 0, c: 1 }, 0],
    [{ mode: 'first' }, {}, null],
    [{ mode: 'sum', pick: 'totals.0' }, { a: { totals: [2] }, b: { totals: [] }, c: 'none' }, 2],
  ])('%o of %o is %o', async (inputs, dependencies, expected) => {
    const { status, output } = await aggregate(inputs, dependencies);
    expect({ status, output }).toEqual({ status: 'completed', output: expected });
  });

  it('keeps a member called __proto__ as data', async () => {
    const hostile = JSON.parse('{"a": {"__proto__": {"polluted": true}}}') as JsonObject;
    const { output } = await aggregate({ mode: 'merge' }, hostile);
    expect(JSON.stringify(output)).toBe('{"__proto__":{"polluted":true}}');
  });

  it.each([
    {
      inputs: { mode: 'sum' },
      code: 'aggregate/wrong-type',
      message: 'The value of dependency "a" is string, not a number',
    },
    {
      inputs: { mode: 'merge', from: ['b'] },
      code: 'aggregate/wrong-type',
      message: 'The value of dependency "b" is a list, not an object',
    },
    {
      inputs: { from: ['c'] },
      code: 'aggregate/unknown-dependency',
      message: 'not among the settled dependencies: a, b',
    },
    { inputs: { mode: 'average' }, code: 'task/invalid-inputs', message: 'must be one of "object", "list"' },
  ])('refuses $inputs for good', async ({ inputs, code, message }) => {
    const { error } = await aggregate(inputs, { a: 'x', b: [1] });
    expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(message) });
  });
});
