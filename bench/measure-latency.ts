/** How long after the end of a task its dependent starts. Parameters: subject. On the chain W1, where nothing else runs. */
import type { Figures, MeasurementContext } from './measurement.ts';
import { findSubject } from './subjects.ts';
import { TimedWitness } from './timed-witness.ts';
import { createWorkload } from './workload.ts';

const WARM_UPS = 3;

export async function measureLatency({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const [subjectName = ''] = parameters;
  const subject = await findSubject(subjectName);
  const open = await subject.open(dir, 'W1');
  for (let round = 0; round < WARM_UPS; round++) {
    const workload = createWorkload('W1');
    await open.run(workload, new TimedWitness(workload));
  }
  globalThis.gc?.();
  const workload = createWorkload('W1');
  const witness = new TimedWitness(workload);
  await open.run(workload, witness);
  witness.check();
  await open.close();
  return witness.latencies();
}
