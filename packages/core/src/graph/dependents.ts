/** Checks that a selection of tasks holds all dependents of its tasks. The check reads the stored tree (R-TV-05). */
import { createSpread } from './spread.ts';
import { createTreeGraph, type GraphTask } from './tree-graph.ts';
import { taskOf } from './wait-graph.ts';

/** A task that is missing in the selection. `via`: the task that its dependency names, or the group whose dependency it waits for. */
export interface MissingDependent<Id extends string = string> {
  readonly taskId: Id;
  readonly via: Id;
}

/**
 * Finds tasks that depend, directly or transitively, on a selected task and are not selected. `tasks` are all tasks of the tree; the result
 * is in their order. A dependency on a group waits for every member. A dependency of a group makes all its members dependents. Disabled
 * edges do not count. Unknown ids are ignored: the caller refuses them.
 */
export function findMissingDependents<Id extends string>(
  tasks: readonly (GraphTask & { readonly id: Id })[],
  selection: Iterable<Id>,
): readonly MissingDependent<Id>[] {
  const graph = createTreeGraph(tasks);
  const selected = [...selection].map((id) => graph.find(id)).filter((position) => position !== undefined);
  const via = new Int32Array(tasks.length);
  /** For each group the outermost group that waits with it. */
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
