import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('parseJson', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    [
      '{"id": -12345678901234567890, "n": 9007199254740991}',
      { id: '-12345678901234567890', n: Number.MAX_SAFE_INTEGER },
    ],
    ['[1e400, 1.5, 1e3, "12345678901234567890"]', ['1e400', 1.5, 1000, '12345678901234567890']],
    [String.raw`{"\"12345678901234567890": 12345678901234567891}`, { '"12345678901234567890': '12345678901234567891' }],
  ])('keeps the digits of numbers that would be rounded: %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('says what is no JSON, whatever it holds', () => {
    expect(() => parseJson('12345678901234567890 1')).toThrow(SyntaxError);
    expect(() => parseJson('')).toThrow(SyntaxError);
  });

  it('is JSON.parse for everything else', () => {
    const digits = (_: string, value: unknown, { source }: { readonly source: string }): unknown =>
      typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ value, marker: '12345678901234567890' });
        expect(parseJson(text)).toEqual(JSON.parse(text, digits as Parameters<typeof JSON.parse>[1]));
      }),
    );
  });

  it('keeps every integer of any size, at any place', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.bigInt(), fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }))), (integers) => {
        const parsed = parseJson(`[${integers.join(', ')}]`) as readonly (number | string)[];
        expect(parsed.map(BigInt)).toEqual(integers);
      }),
    );
  });

  it('needs no stack for depth', () => {
    const depth = 50_000;
    const text = `${'['.repeat(depth)}12345678901234567890${']'.repeat(depth)}`;
    expect(() => parseJson(text)).not.toThrow();
  });
});
