import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('reads %s as %d ms', (text, expectedMs) => {
    expect(parseDuration(text)).toBe(expectedMs);
  });

  it.each(['', '30', 's', '-5s', '5 s', '1h-30m', '5min', '1e3ms', ' 5s', '5s '])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('adds up its parts, whatever they are', () => {
    const amount = fc.nat(1000);
    fc.assert(
      fc.property(amount, amount, amount, (hours, minutes, ms) => {
        expect(parseDuration(`${hours}h${minutes}m${ms}ms`)).toBe(hours * 3_600_000 + minutes * 60_000 + ms);
      }),
    );
  });
});
