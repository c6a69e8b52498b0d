/** Where the output of a group comes from. */
import type { TaskDefinition } from './task.ts';

/** True when it is made of what the definition says; false: it is gathered from the members. */
export function makesOutput({
  outputTemplate,
  declares,
}: Pick<TaskDefinition, 'outputTemplate' | 'declares'>): boolean {
  return outputTemplate !== undefined || declares?.outputs !== undefined;
}

/**
 * The group or task that the declared outputs of a group are read from, as those of a tree are read from its root: its only member, or
 * the group itself when it has several. `children`: of the group.
 */
export function outputRoot<Place>(group: Place, children: readonly Place[]): Place {
  const [only] = children;
  return children.length === 1 && only !== undefined ? only : group;
}
