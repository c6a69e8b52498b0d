/** Figures of several rounds as one. Medians, because a disturbed round must not move the result. */

import { quantile, sorted } from '../../bench/quantile.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const ordered = sorted(values);
  return { median: quantile(ordered, 0.5), min: ordered[0] ?? NaN, max: ordered.at(-1) ?? NaN };
}
