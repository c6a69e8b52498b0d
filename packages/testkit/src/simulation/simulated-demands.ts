/** Locks and resources of simulated tasks, and the capacities that they share. */
import type { SeededRandom, TaskSubmission } from '@coppice/core';
import type { EngineLimits } from '@coppice/engine';

/** Capacities of all that is named here; a lock that is not listed has the capacity 1. */
export const CAPACITIES = {
  locks: { 'two-*': 2 },
  resources: { cpu: 1.5 },
} as const satisfies EngineLimits;

const LOCKS = ['one', 'two-a', 'two-${{ size(deps) }}', 'of-${{ run.userId }}'];
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
    return { ...task, ...locks, ...(random.next() < 0.5 ? { resources: { cpu } } : {}) };
  });
}
