/** What must not depend on time, order, concurrency or crashes: statuses, outputs, kinds of failure, and which edges fired. */
import { toSnapshot, type RunState } from '@coppice/core';

/** Equal for equal outcomes. Times, numbers of attempts, and reasons (which name what was known at the time) are left out. */
export function outcomeText(run: RunState): string {
  const { tasks } = toSnapshot(run);
  return JSON.stringify({
    status: run.status,
    // Tasks that were added are in the order of their groups' beginnings.
    tasks: tasks
      .toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
      .map(({ definition, fields, edges }) => ({
        id: definition.key,
        status: fields.status,
        output: fields.output,
        error: rootCode(fields.error),
        handled: fields.handled,
        edges,
      })),
  });
}

function rootCode(error: RunState['error']): string | undefined {
  let last = error;
  while (last?.cause !== undefined) last = last.cause;
  return last?.code;
}
