/** Tasks whose executor has made them a group, by adding tasks. */
import type { TaskDefinition } from '../task/task.ts';

/** A task as it is, or as a copy finds it. */
interface OpenableTask {
  /** Undefined: it is no group. */
  readonly group?: object | undefined;
  readonly definition: TaskDefinition;
}

/** True for a task with an executor that is a group now. */
export function isExpanded({ group, definition }: OpenableTask): boolean {
  return group !== undefined && definition.executor !== undefined;
}

/** True for a group that made its members while the run went on: they go when it starts anew. */
export function makesMembers(task: OpenableTask): boolean {
  return task.definition.multiplier !== undefined || isExpanded(task);
}
