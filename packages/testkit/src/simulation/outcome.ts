/** What must not depend on time, order, concurrency or crashes: statuses, outputs, variables, kinds of failure, and which edges fired. */
import { orderKeyOf, toSnapshot, type RunState, type TaskState } from '@coppice/core';
import { stable } from './simulated-growth.ts';

/** Equal for equal outcomes. Times, numbers of attempts, and reasons (which name what was known at the time) are left out. */
export function outcomeText(run: RunState): string {
  const { tasks } = toSnapshot(run);
  const outcomes = tasks.map(({ definition, fields, edges }) => ({
    // Tasks that were added are in the order in which their groups began.
    place: orderKeyOf(run.byId.get(definition.id) as TaskState),
    key: definition.key,
    status: fields.status,
    seen: fields.input?.['seen'],
    output: fields.output,
    error: rootCode(fields.error),
    handled: fields.handled,
    edges,
  }));
  const text = {
    status: run.status,
    result: run.result,
    tasks: outcomes.toSorted((a, b) => (a.place < b.place ? -1 : 1)),
  };
  return stable(JSON.stringify(text, withoutTime));
}

/** An answer says when it came. */
function withoutTime(key: string, value: unknown): unknown {
  return key === 'at' ? undefined : value;
}

function rootCode(error: RunState['error']): string | undefined {
  let last = error;
  while (last?.cause !== undefined) last = last.cause;
  return last?.code;
}
