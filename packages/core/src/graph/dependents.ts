/** Dependent-inclusion of a selection, checked against the stored tree (R-TV-05). */
import { createSpread } from './spread.ts';
import { createTreeGraph, type GraphTask } from './tree-graph.ts';
import { taskOf } from './wait-graph.ts';

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
  const via = new Int32Array(tasks.length);
  /** Of a group: the outermost one that is gated with it. */
  const gates = new Int32Array(tasks.length);
  const spread = createSpread(graph, (task, by) => {
    const isGated = by < graph.size && graph.isGroup(by);
    const gate = isGated ? (gates[by] as number) : task;
    gates[task] = gate;
    via[task] = isGated ? gate : taskOf(graph, by);
  });
  const missing = spread.from(selected).toSorted((a, b) => a - b);
  return missing.flatMap((position) => {
    const taskId = tasks[position]?.id;
    const waitsFor = tasks[via[position] as number]?.id;
    return taskId === undefined || waitsFor === undefined ? [] : [{ taskId, via: waitsFor }];
  });
}
