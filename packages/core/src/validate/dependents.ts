/** Dependent-inclusion of a selection, checked against the stored tree (R-TV-05). */
import { createSpread, createTreeGraph } from './tree-graph.ts';
import type { GraphTask } from './tree-graph.ts';

/** A task that should be in the selection, and what it waits for: the task its dependency names, or the group that gates it. */
export interface MissingDependent<Id extends string = string> {
  readonly taskId: Id;
  readonly via: Id;
}

/**
 * Tasks that depend on a selected one, directly or transitively, and are not selected; in the order of `tasks`, which are all of the tree's.
 * A dependency on a group waits for every member; a dependency of a group makes its members dependents. Disabled edges do not count.
 * Ids that the tree does not have are the caller's to refuse.
 */
export function findMissingDependents<Id extends string>(
  tasks: readonly (GraphTask & { readonly id: Id })[],
  selection: Iterable<Id>,
): readonly MissingDependent<Id>[] {
  const graph = createTreeGraph(tasks);
  const selected = [...selection].map((id) => graph.find(id)).filter((position) => position !== undefined);
  const spread = createSpread(graph);
  const missing = spread.from(selected).toSorted((a, b) => a - b);
  return missing.flatMap((position) => {
    const taskId = tasks[position]?.id;
    const via = tasks[spread.viaOf(position)]?.id;
    return taskId === undefined || via === undefined ? [] : [{ taskId, via }];
  });
}
