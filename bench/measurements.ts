/** All measurements by name. Each is imported only when it is made: a child carries nothing that it does not measure. */
import type { Measure } from './measurement.ts';

export const MEASUREMENTS: Readonly<Record<string, Measure>> = {
  workload: async (context) => (await import('./measure-workload.ts')).measureWorkload(context),
};
