import { expect, test } from 'vitest';
import type { Case, CaseResult, Group } from './case.ts';
import { tableOf } from './table.ts';

const floor: Case = { id: 'floor', group: 'g', labels: ['floor'], child: [] };
const ours: Case = {
  id: 'ours',
  group: 'g',
  labels: ['ours'],
  child: [],
  floor: { caseId: 'floor', figure: 'rate', target: 0.5 },
  below: { ms: 3 },
};
const group: Group = {
  name: 'g',
  title: 'Title',
  note: 'Note.',
  labelTitles: ['subject'],
  columns: [
    { figure: 'rate', title: 'rate', digits: 0, hasSpread: true },
    { figure: 'ms', title: 'ms', digits: 1, below: 9 },
  ],
  cases: [floor, ours],
};

function table(...results: readonly CaseResult[]): string {
  return tableOf(group, new Map(results.map((result) => [result.case.id, result])));
}

const floorResult: CaseResult = { case: floor, rounds: [{ rate: 1000, ms: 1 }, { rate: 3000, ms: 2 }, { rate: 2000, ms: 3 }] }; // prettier-ignore

test('medians, spreads, ratios of the same round, and what misses its target', () => {
  const rounds = [
    { rate: 400, ms: 4 },
    { rate: 1500, ms: 4 },
    { rate: 900, ms: 4 },
  ];
  expect(table(floorResult, { case: ours, rounds })).toMatchInlineSnapshot(`
    "## Title

    Note.

    | subject |  rate |     min–max |               ms | ratio |   min–max | best |          target |
    | ------- | ----: | ----------: | ---------------: | ----: | --------: | ---: | --------------: |
    | floor   | 2,000 | 1,000–3,000 |          2.0 < 9 |       |           |      |                 |
    | ours    |   900 |   400–1,500 | 4.0 < 3 (missed) |  45 % | 40 %–50 % | 50 % | ≥ 50 % (missed) |"
  `);
});

test('a case that failed is named with its reason, and the others stay', () => {
  const text = table(floorResult, { case: ours, rounds: [], error: 'ours: exit code 1\nwhy' });
  expect(text).toContain('| floor   | 2,000');
  expect(text).toContain('Failed:\n\n- ours: ours: exit code 1\n  why');
});
