/** What a run ends in depends on its definition and the recorded outcomes only: the same trees, run under different circumstances. */
import { MemoryStore } from '@coppice/storage';
import { simulate, type SimulationOptions } from '@coppice/testkit/simulation';
import { describe, expect, it } from 'vitest';

const SEEDS = 120;
/** Seeds that are run once for each of their commits. */
const CRASHED_SEEDS = 25;
/** A busy machine takes ten times as long. */
const MS_MAX = 60_000;

const CALM = { weather: 'calm', faults: false, createStore: () => new MemoryStore() } as const;

async function outcomes(options: Partial<SimulationOptions> & { readonly seed: number }): Promise<readonly string[]> {
  return (await simulate({ ...CALM, ...options })).outcomes;
}

describe('the final state and the fired edges are the same (R-DR-01, R-SC-19)', () => {
  it.each([
    ['invariant 9: one at a time', { concurrency: 1 }],
    ['invariant 9: two at once', { concurrency: 2 }],
    ['invariant 9: sixteen at once', { concurrency: 16 }],
    ['invariant 4: other durations, so another order of completion', { variation: 1 }],
    ['invariant 3: crashes and failing appends at any moment', { faults: true, variation: 2 }],
    ['R-CP-08, R-CP-09: pauses and resumes at any moment', { pauses: true, variation: 4 }],
    ['R-CP-10: crashes while it is paused', { pauses: true, faults: true, variation: 5 }],
    ['invariants 3, 4 and 9 together', { faults: true, variation: 3, concurrency: 3 }],
  ] satisfies [string, Partial<SimulationOptions>][])(
    '%s',
    async (_name, more) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        expect(await outcomes({ seed, ...more }), `seed ${seed}`).toEqual(await outcomes({ seed }));
      }
    },
    MS_MAX,
  );

  it(
    'R-CP-10, invariant 3: a crash at every commit, whatever grows, waits, is paused or written at that moment',
    async () => {
      let crashes = 0;
      for (let seed = 1; seed <= CRASHED_SEEDS; seed++) {
        const undisturbed = await outcomes({ seed });
        for (let crashAtAppend = 1; ; crashAtAppend++) {
          const options = { seed, crashAtAppend, pauses: crashAtAppend % 3 === 0, variation: crashAtAppend % 5 };
          const report = await simulate({ ...CALM, ...options });
          if (report.crashes === 0) break;
          crashes += report.crashes;
          expect(report.outcomes, `seed ${seed}, commit ${crashAtAppend}`).toEqual(undisturbed);
        }
      }
      expect(crashes).toBeGreaterThan(10 * CRASHED_SEEDS);
    },
    MS_MAX,
  );

  it('and the comparison can fail: a task with another outcome is seen', async () => {
    const differing = [];
    for (let seed = 1; seed <= 10; seed++) {
      const [first, other] = [await outcomes({ seed }), await outcomes({ seed: seed + 1_000 })];
      differing.push(JSON.stringify(first) !== JSON.stringify(other));
    }
    expect(differing).toContain(true);
  });
});
