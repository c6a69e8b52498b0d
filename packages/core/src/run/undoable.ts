/** What was done in a run and could be undone, in the order in which it completed. */
import type { TaskId } from '@coppice/extension';
import type { TaskDefinition } from '../task/task.ts';
import type { RunState, TaskState } from './state.ts';

/** Notes a task that completed and says how it is undone. */
export function noteUndoable(run: RunState, task: TaskState): void {
  (run.compensation ??= { undoable: [], open: 0 }).undoable.push(task);
}

/** Notes that tasks are being compensated, with all that is below them: they are not again. */
export function noteCompensated(run: RunState, added: readonly TaskDefinition[]): void {
  const { compensation } = run;
  if (compensation === undefined) return;
  for (const { compensates } of added) {
    const original = compensates === undefined ? undefined : run.byId.get(compensates);
    if (original === undefined) continue;
    compensation.undoable = compensation.undoable.filter((task) => task !== original && !isBelow(task, original));
  }
}

/** Forgets tasks that will run again. */
export function keepUndoable(compensation: NonNullable<RunState['compensation']>, reset: ReadonlySet<TaskId>): void {
  compensation.undoable = compensation.undoable.filter(({ id }) => !reset.has(id));
}

/** True for a task that undoes another. The progress of a run does not count it. */
export function isCompensation({ definition }: Pick<TaskState, 'definition'>): boolean {
  return definition.compensates !== undefined;
}

export function isBelow({ parent }: TaskState, group: TaskState): boolean {
  for (let at = parent; at !== undefined; at = at.parent) if (at === group) return true;
  return false;
}
