/** Runs cases round by round: every case once, then every case again, so that what disturbs the machine meets all alike. */
import type { Figures } from '../../bench/measurement.ts';
import type { Case, CaseResult } from './case.ts';
import { spawnMeasurement } from './spawn-measurement.ts';

const TIMEOUT_MS = 120_000;

export interface RunOptions {
  readonly rounds: number;
  readonly profileFile?: string | undefined;
  readonly report: (text: string) => void;
}

/** A case that fails once is not run again; its error is in its result. */
export async function runCases(cases: readonly Case[], options: RunOptions): Promise<readonly CaseResult[]> {
  const rounds = new Map<Case, Figures[]>(cases.map((each) => [each, []]));
  const errors = new Map<Case, string>();
  for (let round = 0; round < options.rounds; round++) {
    for (const each of cases) {
      if (errors.has(each) || round >= (each.roundsMax ?? Infinity)) continue;
      options.report(`round ${round + 1} of ${options.rounds}: ${each.id}`);
      try {
        const { child, timeoutMs = TIMEOUT_MS } = each;
        rounds.get(each)?.push(await spawnMeasurement({ child, timeoutMs, profileFile: options.profileFile }));
      } catch (error) {
        errors.set(each, (error as Error).message);
      }
    }
  }
  return cases.map((each) => {
    const error = errors.get(each);
    return { case: each, rounds: rounds.get(each) ?? [], ...(error === undefined ? {} : { error }) };
  });
}
