/** What a benchmark run is made of: cases, in groups that share a table. */
import type { Figures } from '../../bench/measurement.ts';

export interface Case {
  /** Unique, e.g. `throughput/W2/coppice-normal`. */
  readonly id: string;
  readonly group: string;
  /** First columns of its row. */
  readonly labels: readonly string[];
  /** Measurement and parameters for the child. */
  readonly child: readonly string[];
  /** What it is compared with: the same figure of another case of the same round. */
  readonly floor?: Floor;
  /** Default: as many as are asked for. */
  readonly roundsMax?: number;
  readonly timeoutMs?: number;
}

export interface Floor {
  readonly caseId: string;
  /** Figure of which the ratio is taken, larger is better. */
  readonly figure: string;
  /** Ratio to be reached. */
  readonly target?: number;
}

export interface Column {
  readonly figure: string;
  readonly title: string;
  readonly digits: number;
  /** Smallest and largest value beside the median. */
  readonly hasSpread?: boolean;
}

export interface Group {
  readonly name: string;
  readonly title: string;
  readonly labelTitles: readonly string[];
  readonly columns: readonly Column[];
  readonly cases: readonly Case[];
  /** false: only when it is asked for. */
  readonly isDefault: boolean;
}

export interface CaseResult {
  readonly case: Case;
  /** One per round that succeeded; the place is the round. */
  readonly rounds: readonly (Figures | undefined)[];
  readonly error?: string;
}
