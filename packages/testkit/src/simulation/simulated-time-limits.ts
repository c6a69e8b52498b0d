/** Time limits of simulated tasks and groups, and tasks that end their run. */
import { isGroup, type SeededRandom, type TaskPolicies, type TaskSubmission } from '@coppice/core';

/** Gives some tasks and groups limits of their own, and a few an executor whose failure ends the run. */
export function withTimeLimits(tasks: readonly TaskSubmission[], random: SeededRandom): readonly TaskSubmission[] {
  if (random.next() < 0.5) return tasks;
  return tasks.map((task) => {
    if (task.wait !== undefined || task.approval !== undefined) return task;
    const policies = { ...task.policies, ...limitsOf(task, random) };
    const endsRun = task.executor !== undefined && random.next() < 0.02;
    return { ...task, ...(endsRun ? { executor: 'ender' } : {}), policies };
  });
}

function limitsOf(task: TaskSubmission, random: SeededRandom): TaskPolicies {
  const chance = random.next();
  if (chance < 0.2) return { totalTimeoutMs: (isGroup(task) ? 15 : 5) + random.integer(80) };
  if (chance < 0.35) return { queueTimeoutMs: 1 + random.integer(40) };
  return chance < 0.4 ? { totalTimeoutMs: 20 + random.integer(60), queueTimeoutMs: random.integer(30) } : {};
}
