/** Outputs of which a part is missing, because it was longer than a limit. */

/** A text of an output that is not whole. */
export interface CutPart {
  /** Where it stands in the output; empty: it is the output. */
  readonly path: readonly (string | number)[];
  /** The end that is there. */
  readonly kept: 'head' | 'tail';
  readonly keptBytes: number;
  readonly totalBytes: number;
  /** What to do about it, for people. */
  readonly advice?: string;
  /** The task asked for this end: expressions may read it. */
  readonly asked?: boolean;
}
