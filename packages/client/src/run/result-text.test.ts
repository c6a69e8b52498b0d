import { expect, it } from 'vitest';
import { resultLines } from './result-text.ts';

it('names each variable with its value, and what has none', () => {
  expect(
    resultLines({
      variables: { total: 3, log: Array.from({ length: 40 }, (_, at) => at) },
      conflicts: [{ variable: 'stage', tasks: ['a', 'b'] }],
    }),
  ).toEqual([
    'Variables: total 3 · log [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,…',
    'The variable stage has no value: a and b both wrote it, and neither depends on the other',
  ]);
  expect(resultLines({ problem: 'no' })).toEqual(['The variables have no values: no']);
  expect(resultLines({})).toEqual([]);
});
