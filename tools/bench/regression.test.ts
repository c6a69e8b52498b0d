import { expect, test } from 'vitest';
import type { Case, CaseResult } from './case.ts';
import { findRegressions, isKept, type RunRounds } from './regression.ts';

const floor: Case = { id: 'floor', group: 'check', labels: ['floor'], child: [] };
const ours: Case = { ...floor, id: 'ours', floor: { caseId: 'floor', figure: 'rate' } };
const RECORDED = { ours: 0.5 };

/** Rounds of a machine whose noise is given: ours at these parts of a floor that reaches 100. */
function rounds(parts: readonly number[]): RunRounds & { readonly asked: () => number } {
  let next = 0;
  const run: RunRounds = async (cases, count): Promise<readonly CaseResult[]> => {
    const taken = Array.from({ length: count }, () => parts[next++ % parts.length] as number);
    return cases.map((each) => ({
      case: each,
      rounds: taken.map((part) => ({ rate: each === floor ? 100 : 100 * part })),
    }));
  };
  return Object.assign(run, { asked: () => next });
}

test('what is as fast as recorded is kept, after the fewest rounds', async () => {
  const run = rounds([0.5, 0.45, 0.55]);
  const findings = await findRegressions([floor, ours], RECORDED, run);
  expect(findings).toEqual([{ id: 'ours', ratio: 0.5, recorded: 0.5, verdict: 'kept' }]);
  expect(run.asked()).toBe(3);
});

test('twice the time is found, whatever the noise around it', async () => {
  const findings = await findRegressions([floor, ours], RECORDED, rounds([0.25, 0.2, 0.29, 0.27, 0.22]));
  expect(findings.map(({ verdict }) => verdict)).toEqual(['slower']);
  expect(findings.every(isKept)).toBe(false);
});

test('disturbed rounds are made up for by more of them', async () => {
  const run = rounds([0.2, 0.1, 0.5, 0.48, 0.52, 0.5]);
  const findings = await findRegressions([floor, ours], RECORDED, run);
  expect(findings.every(isKept)).toBe(true);
  expect(run.asked()).toBeGreaterThan(3);
});

test('a case without a record does not pass, and one that has become much faster asks to be recorded', async () => {
  expect((await findRegressions([floor, ours], {}, rounds([0.5])))[0]?.verdict).toBe('unknown');
  expect((await findRegressions([floor, ours], RECORDED, rounds([0.9])))[0]?.verdict).toBe('outgrown');
});

test('a case that fails is no result', async () => {
  const run: RunRounds = async (cases) => cases.map((each) => ({ case: each, rounds: [], error: 'W1: exit code 1' }));
  await expect(findRegressions([floor, ours], RECORDED, run)).rejects.toThrow('W1: exit code 1');
});
