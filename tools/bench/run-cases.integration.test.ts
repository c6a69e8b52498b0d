import { expect, test } from 'vitest';
import type { Case } from './case.ts';
import { runCases } from './run-cases.ts';

function measured(id: string, child: readonly string[], more: Partial<Case> = {}): Case {
  return { id, group: 'g', labels: [id], child, ...more };
}

test(
  'rounds are interleaved, each measurement in a process of its own; a failure stays with its case',
  { timeout: 60_000 },
  async () => {
    const order: string[] = [];
    const results = await runCases(
      [
        measured('a', ['decisions', '200']),
        measured('bad', ['nothing']),
        measured('b', ['decisions', '200'], { roundsMax: 1 }),
      ],
      { rounds: 2, report: (text) => order.push(text) },
    );
    expect(order).toEqual(['round 1 of 2: a', 'round 1 of 2: bad', 'round 1 of 2: b', 'round 2 of 2: a']);
    expect(results.map(({ rounds }) => rounds.length)).toEqual([2, 0, 1]);
    expect(results[1]?.error).toContain('No measurement "nothing"');
    expect(results[0]?.rounds[0]?.['p99Us']).toBeGreaterThan(0);
  },
);

test('a measurement that takes too long is ended', async () => {
  const [result] = await runCases([measured('slow', ['decisions', '1000000'], { timeoutMs: 50 })], {
    rounds: 1,
    report: () => {},
  });
  expect(result?.error).toContain('no result after 0.05 s');
});
