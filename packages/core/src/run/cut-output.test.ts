import type { CutPart, Json } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { isCut, setReadable } from './cut-output.ts';

const part = (path: CutPart['path'], more: Partial<CutPart> = {}): CutPart => ({
  path,
  kept: 'tail',
  keptBytes: 4,
  totalBytes: 9,
  ...more,
});

function scope(output: Json, cut: readonly CutPart[]): Record<string, Json> {
  const into: Record<string, Json> = {};
  setReadable(into, 'big', { output, cut, name: 'Big' });
  return into;
}

describe('an output that is not whole', () => {
  it('can not be read where it is cut, with what is missing and what to do, and everywhere else', () => {
    const output = { exitCode: 0, stdout: 'tail', list: [{ text: 'x' }, 'y'] };
    const { big } = scope(output, [part(['stdout'], { advice: 'Ask for less' }), part(['list', 0, 'text'])]) as {
      readonly big: typeof output;
    };
    expect(() => big.stdout).toThrow('stdout of Big was cut: only the last 4 of 9 bytes are there. Ask for less');
    expect(() => (big.list[0] as { text: string }).text).toThrow('list.0.text of Big was cut');
    expect(() => JSON.stringify(big)).toThrow('was cut');
    expect([big.exitCode, big.list[1], big.list.length, Object.keys(big)]).toEqual([0, 'y', 2, Object.keys(output)]);
    // Who holds the output itself sees what there is.
    expect(output.stdout).toBe('tail');
  });

  it('can be read where the task asked for that end, and where the path leads nowhere', () => {
    const output = { stdout: 'tail' };
    const { big } = scope(output, [part(['stdout'], { asked: true }), part(['other']), part(['stdout', 'x'])]);
    expect(big).toEqual(output);
  });

  it('may be a text itself, and have keys of any name', () => {
    expect(() => scope('text', [part([])])['big']).toThrow('the output of Big was cut');
    const odd = JSON.parse('{"__proto__": {"constructor": "x"}}') as Json;
    const { big } = scope(odd, [part(['__proto__', 'constructor'])]) as { readonly big: object };
    const inner = Object.getOwnPropertyDescriptor(big, '__proto__')?.value as { readonly constructor: unknown };
    expect(() => inner.constructor).toThrow('was cut');
    expect(Object.prototype).not.toHaveProperty('x');
  });

  it.each([
    [[part(['a', 1])], true],
    [[], true],
    [[{ path: 'a', kept: 'tail', keptBytes: 1, totalBytes: 2 }], false],
    [[part([], { kept: 'middle' as never })], false],
    [[part([], { keptBytes: -1 })], false],
    ['stdout', false],
    [[null], false],
    [Array.from({ length: 101 }, () => part([])), false],
  ])('is told in one form: %o', (value, isOne) => {
    expect(isCut(value)).toBe(isOne);
  });
});
