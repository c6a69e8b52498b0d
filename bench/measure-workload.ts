/** Measures one subject on one workload, in this process: a warm-up, then samples until the time is used up. */
import type { Figures, MeasurementContext } from './measurement.ts';
import type { OpenSubject } from './subject.ts';
import { startProfile } from './processor-profile.ts';
import { quantile, sorted } from './quantile.ts';
import { findSubject } from './subjects.ts';
import { TimedWitness } from './timed-witness.ts';
import { Witness } from './witness.ts';
import { countTasks, createWorkload, IDEAL_MS, workloadName, type WorkloadName } from './workload.ts';

/**
 * Copies of the workload are run for this long first: an engine runs for hours, and compilers know it after some hundred thousand tasks.
 * Half of the time small copies, so that a slow program is not warmed up for minutes.
 */
const WARM_UP_MS = 3_000;
/** No further sample is begun after this time, ms. */
const SAMPLING_MS = 300;
const PROFILED_MS = 3_000;
const SAMPLES_MAX = 15;

interface Sample {
  readonly ms: number;
  readonly processorMs: number;
  /** Time beyond what the tasks themselves took, where they take any. */
  readonly beyondTasksMs: number;
}

/** Parameters: subject, workload. Times are medians of the samples; `peakRssMiB` is read after the first, not counting repetition. */
export async function* measureWorkload({ dir, parameters }: MeasurementContext): AsyncGenerator<Figures, void> {
  const [subjectName = '', workload = ''] = parameters;
  const name = workloadName(workload);
  const subject = await findSubject(subjectName);
  const open = await subject.open(dir, name);
  const counter = { executions: 0 };
  try {
    await warmUp(open, name, counter);
    for (;;) yield await measureSamples(open, name, counter);
  } finally {
    await finish(open, subject.name, counter);
  }
}

/** Throws unless each execution has left one result in the store. */
async function finish(open: OpenSubject, subject: string, { executions }: { executions: number }): Promise<void> {
  const stored = await open.countStored?.();
  await open.close();
  if (stored === undefined || stored === executions) return;
  throw new Error(`${subject} stored ${stored} results of ${executions} executions`);
}

async function warmUp(open: OpenSubject, name: WorkloadName, counter: { executions: number }): Promise<void> {
  // Tasks that sleep need no compiler.
  const warmUpMs = createWorkload(name).sleepMs > 0 ? SAMPLING_MS : WARM_UP_MS;
  for (let spentMs = 0; spentMs < warmUpMs;) {
    const { witness, ms } = await runOnce(open, name, spentMs < warmUpMs / 2 || warmUpMs < WARM_UP_MS);
    counter.executions += witness.executions;
    spentMs += ms;
  }
}

async function measureSamples(
  open: OpenSubject,
  name: WorkloadName,
  counter: { executions: number },
): Promise<Figures> {
  const samples: Sample[] = [];
  const stopProfile = await startProfile();
  // A profile needs more samples than a figure does.
  const samplingMs = stopProfile === undefined ? SAMPLING_MS : PROFILED_MS;
  let peakRssMiB = 0;
  for (let spentMs = 0; samples.length === 0 || (spentMs < samplingMs && samples.length < SAMPLES_MAX);) {
    const { witness, ...sample } = await runOnce(open, name, false);
    counter.executions += witness.executions;
    samples.push(sample);
    spentMs += sample.ms;
    if (samples.length === 1) peakRssMiB = process.resourceUsage().maxRSS / 1024;
  }
  await stopProfile?.();
  const tasks = countTasks(createWorkload(name));
  const ms = median(samples.map((sample) => sample.ms));
  const processorMs = median(samples.map((sample) => sample.processorMs));
  return {
    tasksPerSecond: (tasks / ms) * 1000,
    usPerTask: (ms * 1000) / tasks,
    processorUsPerTask: (processorMs * 1000) / tasks,
    tasksPerProcessorSecond: (tasks / processorMs) * 1000,
    peakRssMiB,
    overheadMs: ms - (IDEAL_MS[name] ?? 0),
    beyondTasksMs: median(samples.map((sample) => sample.beyondTasksMs)),
    samples: samples.length,
  };
}

function median(values: readonly number[]): number {
  return quantile(sorted(values), 0.5);
}

async function runOnce(
  open: OpenSubject,
  name: WorkloadName,
  isWarmUp: boolean,
): Promise<Sample & { readonly witness: Witness }> {
  const workload = createWorkload(name, isWarmUp);
  // Only where tasks take time: taking it costs a part of a microsecond.
  const timed = workload.sleepMs > 0 ? new TimedWitness(workload) : undefined;
  const witness = timed ?? new Witness(workload);
  const processorBefore = process.cpuUsage();
  const startedMs = performance.now();
  await open.run(workload, witness);
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(processorBefore);
  witness.check();
  const beyondTasksMs = ms - (timed?.criticalPathMs() ?? 0);
  return { ms, processorMs: (user + system) / 1000, beyondTasksMs, witness };
}
