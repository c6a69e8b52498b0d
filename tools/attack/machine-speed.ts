/** How slow this machine is, right now: processor time means little without it, because two busy threads of one core share it. */

/** Processor time of the work below on the machine where the limits were set, quiet, ms. */
const REFERENCE_MS = 50;

/** A machine that is slower than this is no place to judge. */
const SLOWNESS_MAX = 3;

/** 1 on the machine where the limits were set, or on a faster one; 2 on one that takes twice as long. */
export function slowness(): number {
  // Once to warm up.
  work();
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return Math.min(Math.max((user + system) / 1_000 / REFERENCE_MS, 1), SLOWNESS_MAX);
}

/** What a server mostly does: makes texts of values, and values of texts. */
function work(): void {
  let value: unknown = Array.from({ length: 5_000 }, (_, at) => ({
    id: `task-${at}`,
    inputs: { at, text: 'x'.repeat(50) },
  }));
  for (let round = 0; round < 20; round++) value = JSON.parse(JSON.stringify(value));
}
