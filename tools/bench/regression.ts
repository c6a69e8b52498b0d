/**
 * Finds out whether ours has become slower than it was, by its ratio to a floor of the same run.
 *
 * 1. Ratios are of processor time, which other programs on the machine disturb least: the median of the rounds' ratios.
 * 2. A bound is a part of the ratio that was recorded: twice the time breaks it, noise does not.
 * 3. Rounds are added while a bound is broken: a disturbed round is made up for, a slowdown is not.
 */
import type { Case, CaseResult } from './case.ts';
import { ratioOf } from './ratio.ts';

/** Part of the recorded ratio that must be reached. */
const KEPT = 0.6;
/** A ratio this many times the recorded one asks for recording again. */
const OUTGROWN = 1.6;
const ROUNDS_MIN = 3;
const ROUNDS_MAX = 9;

/** Recorded ratios by the id of the case. */
export type Bounds = Readonly<Record<string, number>>;

export interface Finding {
  readonly id: string;
  readonly ratio: number;
  /** Undefined: nothing was recorded. */
  readonly recorded: number | undefined;
  readonly verdict: 'kept' | 'slower' | 'unknown' | 'outgrown';
}

export type RunRounds = (cases: readonly Case[], rounds: number) => Promise<readonly CaseResult[]>;

/** One finding per case that has a floor; without bounds after all rounds. Rejects when a case fails. */
export async function findRegressions(
  cases: readonly Case[],
  bounds: Bounds,
  runRounds: RunRounds,
): Promise<readonly Finding[]> {
  let results = await runRounds(cases, ROUNDS_MIN);
  for (let round = ROUNDS_MIN; round < ROUNDS_MAX && judge(results, bounds).some(isSlower); round++) {
    results = joined(results, await runRounds(cases, 1));
  }
  return judge(results, bounds);
}

/** True unless it is slower than recorded, or nothing was recorded. */
export function isKept({ verdict }: Finding): boolean {
  return verdict === 'kept' || verdict === 'outgrown';
}

function isSlower({ verdict }: Finding): boolean {
  return verdict === 'slower';
}

function judge(results: readonly CaseResult[], bounds: Bounds): readonly Finding[] {
  const byId = new Map(results.map((result) => [result.case.id, result]));
  const failed = results.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(failed.error);
  return results.flatMap((result) => {
    const { id } = result.case;
    const ratio = ratioOf(result, byId)?.median;
    if (ratio === undefined) return [];
    const recorded = bounds[id];
    return [{ id, ratio, recorded, verdict: verdictOf(ratio, recorded) }];
  });
}

function verdictOf(ratio: number, recorded: number | undefined): Finding['verdict'] {
  if (recorded === undefined) return 'unknown';
  if (ratio < recorded * KEPT) return 'slower';
  return ratio > recorded * OUTGROWN ? 'outgrown' : 'kept';
}

function joined(before: readonly CaseResult[], after: readonly CaseResult[]): readonly CaseResult[] {
  return before.map((result, index) => ({
    ...result,
    rounds: [...result.rounds, ...(after[index]?.rounds ?? [])],
    ...(after[index]?.error === undefined ? {} : { error: after[index].error }),
  }));
}
