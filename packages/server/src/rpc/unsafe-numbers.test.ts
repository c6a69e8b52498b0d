import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bench } from './dispatcher.fixture.ts';
import { fakeEngine } from './fake-engine.fixture.ts';
import { findUnsafeNumbers } from './unsafe-numbers.ts';

describe('numbers that would be rounded', () => {
  it('are refused with their path, and shown as they were written', async () => {
    const tasks = '[{"name": "a", "inputs": {"n": [1, 9007199254740993]}}]';
    const text = `{"jsonrpc":"2.0","id":1,"method":"tasks.create","params":{"tasks":${tasks},"inputs":{"big":1e999}}}`;
    expect(await bench(fakeEngine()).send(text)).toMatchObject({
      id: 1,
      error: {
        code: -32602,
        data: {
          errors: [
            {
              path: ['tasks', 0, 'inputs', 'n', 1],
              reason: 'the number 9007199254740993 can not be kept exactly; write it as text',
            },
            { path: ['inputs', 'big'], actual: '1e999' },
          ],
        },
      },
    });
  });

  it('refuse their own request of a batch only; the id of a request is no exception', async () => {
    const health = '"jsonrpc":"2.0","method":"system.health"';
    const bad = `{${health},"id":2,"params":{"a":-9007199254740993}}`;
    expect(
      await bench(fakeEngine()).send(`[{${health},"id":1},${bad},{${health},"id":9007199254740993}]`),
    ).toMatchObject([
      { id: 1, result: { status: 'ok' } },
      {
        id: 2,
        error: {
          code: -32602,
          data: { errors: [{ path: ['a'] }, { reason: expect.stringContaining('unknown field') }] },
        },
      },
      { id: null, error: { code: -32600 } },
    ]);
  });

  it('are told from digits in texts, exact integers and fractions', () => {
    const text =
      '{"a": "9007199254740993", "90071992547409931": 9007199254740991, "f": 0.12345678901234567, "e": 1e21, "small": 1e-30, "t": "1e20"}';
    expect(findUnsafeNumbers(text)).toEqual([]);
  });

  it.each(['9007199254740992', '-9007199254740993.0', '1e20', '9.1E+17', '1e999', '-1e999'])(
    'are found as %s',
    (literal) => {
      expect(findUnsafeNumbers(`[0,${literal}]`)).toEqual([{ path: [1], literal }]);
    },
  );

  it('are found at their place in any JSON', () => {
    const place = fc.tuple(
      fc.array(fc.oneof(fc.string(), fc.nat(3))),
      fc.bigInt({ min: 2n ** 53n, max: 10n ** 21n - 10n ** 6n }),
    );
    fc.assert(
      fc.property(place, fc.jsonValue(), ([path, big], beside) => {
        let text = String(big);
        const other = JSON.stringify(beside);
        for (const part of path.toReversed()) {
          text =
            typeof part === 'number'
              ? `[ ${`${other} ,`.repeat(part)}${text} , ${other}]`
              : `{"0":${other}, ${JSON.stringify(part)} :${text}}`;
        }
        const found = findUnsafeNumbers(text).filter(({ literal }) => literal === String(big));
        expect(found).toEqual([{ path, literal: String(big) }]);
      }),
    );
  });
});
