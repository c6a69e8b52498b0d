import { expect, test } from 'vitest';
import { spreadOf } from './statistics.ts';

test('a spread is the median between the smallest and the largest value, in any order', () => {
  expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
  expect(spreadOf([4, 2])).toEqual({ median: 3, min: 2, max: 4 });
});
