/** A measurement: what a child process does, and the figures it answers. */

/** Numbers by name; the unit is the end of the name (`ms`, `PerSecond`, `MiB`, …). */
export type Figures = Readonly<Record<string, number>>;

export interface MeasurementContext {
  /** An empty folder, removed afterwards. */
  readonly dir: string;
  readonly parameters: readonly string[];
}

export type Measure = (context: MeasurementContext) => Promise<Figures>;
