/** How compensation has ended, as the ends of groups and runs tell it (R-SG-07). */
import type { CompensationSummary, FailureSummary } from './event.ts';
import type { TaskState } from './state.ts';
import { isCompensation } from './undoable.ts';

/** How the compensation of a group, or of all groups of a run, has ended; undefined: there was none. */
export function compensationOf(tasks: readonly TaskState[]): CompensationSummary | undefined {
  const all = tasks.filter(isCompensation);
  if (all.length === 0) return undefined;
  const missing = all.filter(({ status }) => status !== 'completed');
  return {
    result: missing.length === 0 ? 'complete' : 'partial',
    tasks: all.length,
    failures: missing.slice(0, LISTED_MAX).map(failureOf),
  };
}

/** Failed compensations that an event lists. */
const LISTED_MAX = 100;

function failureOf({ id, definition, error, reason, status }: TaskState): FailureSummary {
  const why = { code: status, message: reason?.message ?? `It is ${status}`, retryable: false };
  return { taskId: id, name: definition.name, error: error ?? why };
}

/** The same, to be put behind what failed. */
export function compensationText({ result, tasks, failures }: CompensationSummary): string {
  if (result === 'complete') return `; ${tasks === 1 ? 'one task was' : `${tasks} tasks were`} compensated`;
  const names = failures.slice(0, 3).map(({ name }) => name);
  return `; compensation is partial: ${names.join(', ')} did not complete, so undo that by hand`;
}
