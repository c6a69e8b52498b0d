/** Tasks whose executor has made them a group, by adding tasks. */
import type { TaskState } from './state.ts';

/** True for a task with an executor that is a group now. */
export function isExpanded({ group, definition }: TaskState): boolean {
  return group !== undefined && definition.executor !== undefined;
}

/** True for a group that made its members while the run went on: they go when it starts anew. */
export function makesMembers(task: TaskState): boolean {
  return task.definition.multiplier !== undefined || isExpanded(task);
}
