/** Locks, rates and resources of simulated tasks, and the capacities that they share. */
import type { SeededRandom, TaskSubmission } from '@coppice/core';
import type { EngineLimits } from '@coppice/engine';

/** Capacities of all that is named here; a lock that is not listed has the capacity 1. */
export const CAPACITIES = {
  locks: { 'two-*': 2 },
  resources: { cpu: 1.5 },
  rates: { 'api-*': { count: 3, perMs: 2, burst: 2 }, steady: { count: 5, perMs: 1 } },
  tags: { kept: 3 },
} as const satisfies EngineLimits;

const LOCKS = ['one', 'two-a', 'two-${{ size(deps) }}', 'of-${{ run.userId }}'];
const RATES = ['api-x', 'api-${{ run.userId }}', 'steady', 'free'];
const AMOUNTS = [0.5, 1, 1.5];

/** Gives some tasks with an executor demands. */
export function withDemands(tasks: readonly TaskSubmission[], random: SeededRandom): readonly TaskSubmission[] {
  if (random.next() < 0.3) return tasks;
  return tasks.map((task) => {
    if (task.executor === undefined || random.next() < 0.3) return task;
    const first = LOCKS[random.integer(LOCKS.length)] as string;
    const second = LOCKS[random.integer(LOCKS.length)] as string;
    const locks = random.next() < 0.6 ? { locks: random.next() < 0.4 ? [first, second] : [first] } : {};
    const cpu = AMOUNTS[random.integer(AMOUNTS.length)] as number;
    const rates = random.next() < 0.3 ? { rates: [RATES[random.integer(RATES.length)] as string] } : {};
    return { ...task, ...locks, ...rates, ...(random.next() < 0.5 ? { resources: { cpu } } : {}) };
  });
}
