/** How the cost of work grows with its size, by the processor time of this thread: what else the machine does changes little. */

/** Processor time that the work takes, ms. Some systems count it in ticks of a few ms. */
export function processorMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

const ROUNDS = 3;
/** A sample is this long at least, ms, so that ticks do not count. */
const SAMPLE_MS = 50;
const REPEATS_MAX = 10_000;

function sample(cost: () => number): number {
  let sumMs = 0;
  let repeats = 0;
  while (sumMs < SAMPLE_MS && repeats < REPEATS_MAX) {
    sumMs += cost();
    repeats++;
  }
  return sumMs / repeats;
}

/**
 * How many times the cost of the small work the large one costs. Samples are taken in turns, so that both meet the same moments; the median
 * of their ratios counts.
 */
export function growthOf(costs: { readonly small: () => number; readonly large: () => number }): number {
  // What runs for the first time is compiled while it runs.
  sample(costs.small);
  const ratios = Array.from({ length: ROUNDS }, () => {
    const smallMs = sample(costs.small);
    return sample(costs.large) / smallMs;
  });
  return ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
}
