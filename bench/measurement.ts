/** A measurement: what a child process does, and the figures it answers. */

/** Stands before the figures that a child prints. */
export const RESULT_MARKER = '@coppice-bench ';

/** Numbers by name; the unit is the end of the name (`ms`, `PerSecond`, `MiB`, …). */
export type Figures = Readonly<Record<string, number>>;

export interface MeasurementContext {
  /** An empty folder, removed afterwards. */
  readonly dir: string;
  readonly parameters: readonly string[];
}

/** Measured once, or, as a generator, as often as figures are taken from it: what was warmed up stays warm. */
export type Measure = (context: MeasurementContext) => Promise<Figures> | AsyncGenerator<Figures, void>;

/** The figures of a measurement that is made once. */
export async function measureOnce(measure: Measure, context: MeasurementContext): Promise<Figures> {
  const measured = measure(context);
  if (!('next' in measured)) return measured;
  const first = await measured.next();
  await measured.return();
  return first.value as Figures;
}

/** A parameter that must be a whole number above zero. */
export function countOf(parameters: readonly string[], place: number): number {
  const count = Number(parameters[place]);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`Parameter ${place} must be a count, not "${parameters[place]}"`);
  return count;
}
