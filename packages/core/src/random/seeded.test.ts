import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeededRandom, hashParts, seededFraction } from './seeded.ts';

const parts = { seed: 'run-1', taskId: 'a', attempt: 1, purpose: 'random' };

function draw(from: typeof parts, count: number): number[] {
  const random = createSeededRandom(from);
  return Array.from({ length: count }, () => random.next());
}

describe('hashParts', () => {
  it('never changes: recorded delays and sequences depend on it (R-DR-02)', () => {
    expect(hashParts(['coppice', 1])).toMatchInlineSnapshot(`4220704958586890`);
    expect(hashParts([])).toMatchInlineSnapshot(`3338908027751811`);
    expect(draw(parts, 3)).toMatchInlineSnapshot(`
      [
        0.8885919272367181,
        0.30528128338753524,
        0.6071481082584117,
      ]
    `);
  });

  it('keeps the borders between parts', () => {
    expect(hashParts(['ab', 'c'])).not.toBe(hashParts(['a', 'bc']));
    expect(hashParts(['1:a'])).not.toBe(hashParts(['1', 'a']));
  });

  it('is a non-negative safe integer and has no collision in 100,000 close inputs', () => {
    const seen = new Set<number>();
    for (let index = 0; index < 100_000; index++) {
      const hash = hashParts(['seed', `task-${index}`, 1]);
      expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
      seen.add(hash);
    }
    expect(seen.size).toBe(100_000);
  });
});

describe('createSeededRandom (R-DR-02)', () => {
  it('gives 100 equal numbers for equal parts', () => {
    const anyParts = fc.record({
      seed: fc.string(),
      taskId: fc.string(),
      attempt: fc.integer({ min: 1, max: 10 }),
      purpose: fc.string(),
    });
    fc.assert(
      fc.property(anyParts, (from) => {
        expect(draw(from, 100)).toEqual(draw(from, 100));
      }),
    );
  });

  it('gives other numbers when any part differs', () => {
    const first = draw(parts, 5);
    for (const other of [{ seed: 'run-2' }, { taskId: 'b' }, { attempt: 2 }, { purpose: 'jitter' }]) {
      expect(draw({ ...parts, ...other }, 5)).not.toEqual(first);
    }
  });

  it('is uniform over [0, 1) and over integers', () => {
    const random = createSeededRandom(parts);
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 100_000; index++) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
      const bucket = random.integer(10);
      buckets[bucket] = buckets[bucket]! + 1;
    }
    // 10,000 expected; seven standard deviations.
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(7 * 95);
  });

  it('spreads single fractions over tasks', () => {
    let sum = 0;
    for (let index = 0; index < 10_000; index++) sum += seededFraction({ ...parts, taskId: `task-${index}` });
    expect(Math.abs(sum / 10_000 - 0.5)).toBeLessThan(0.02);
  });

  it('refuses a bound below 1', () => {
    expect(() => createSeededRandom(parts).integer(0)).toThrow(
      'integer(below) needs a whole number of at least 1, not 0',
    );
  });
});
