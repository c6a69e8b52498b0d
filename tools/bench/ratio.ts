/** Ratios of a case to its floor, both of the same run. */
import type { Figures } from '../../bench/measurement.ts';
import type { CaseResult } from './case.ts';
import { spreadOf, type Spread } from './statistics.ts';

export interface Ratio extends Spread {
  /** Best round of the case to best round of the floor: what is left of the disturbance by other programs. */
  readonly best: number;
}

/** Undefined when there is no floor, or one of them has no result. */
export function ratioOf(result: CaseResult, results: ReadonlyMap<string, CaseResult>): Ratio | undefined {
  const { floor } = result.case;
  const other = floor === undefined ? undefined : results.get(floor.caseId);
  if (floor === undefined || other === undefined) return undefined;
  const { figure } = floor;
  const pairs = result.rounds.flatMap((round, index) => {
    const [mine, theirs] = [round[figure], other.rounds[index]?.[figure]];
    return mine === undefined || theirs === undefined ? [] : [mine / theirs];
  });
  if (pairs.length === 0) return undefined;
  return { ...spreadOf(pairs), best: best(result.rounds, figure) / best(other.rounds, figure) };
}

function best(rounds: readonly Figures[], figure: string): number {
  return Math.max(...rounds.map((round) => round[figure] ?? -Infinity));
}
