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
  /** Limits of single figures, instead of those of their columns; Infinity: none. */
  readonly below?: Readonly<Record<string, number>>;
  /** Default: as many as are asked for. */
  readonly roundsMax?: number;
  readonly timeoutMs?: number;
  /** Cases with the same word are run together, all their rounds, each in one process that stays: none has to be warmed up again. */
  readonly stays?: string;
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
  /** The median must be below this; a case may have a limit of its own. */
  readonly below?: number;
}

export interface Group {
  readonly name: string;
  readonly title: string;
  readonly labelTitles: readonly string[];
  readonly columns: readonly Column[];
  readonly cases: readonly Case[];
  /** What the figures are and how they were taken, for whoever reads the table. */
  readonly note: string;
  /** Only when it is asked for. */
  readonly isOnRequest?: boolean;
  /** The packages must be built. */
  readonly needsBuild?: boolean;
}

export interface CaseResult {
  readonly case: Case;
  /** The figures of each round; a case that failed has fewer. */
  readonly rounds: readonly Figures[];
  readonly error?: string;
}
