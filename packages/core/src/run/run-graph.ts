/** A run as a graph: nothing is built, its state has all links already. Positions are places in `run.tasks`. */
import type { WaitGraph } from '../graph/wait-graph.ts';
import { isDense } from './snapshot.ts';
import type { RunState, TaskState } from './state.ts';

export interface RunGraph extends WaitGraph {
  readonly positionOf: (task: TaskState) => number;
}

export function graphOf(run: RunState): RunGraph {
  const { tasks } = run;
  const at = (position: number): TaskState => tasks[position] as TaskState;
  const positionOf = isDense(run) ? indexOf : (task: TaskState): number => placeOf(tasks, task);
  return {
    size: tasks.length,
    positionOf,
    isGroup: (position) => at(position).group !== undefined,
    groupOf(position) {
      const { owner } = at(position).scope;
      return owner === undefined ? -1 : positionOf(owner);
    },
    membersOf: (group) => at(group).group?.members.map(positionOf) ?? [],
    sourcesOf: (position) =>
      at(position).incoming.flatMap(({ dependency, source }) => (dependency.enabled ? positionOf(source) : [])),
    targetsOf: (position) => at(position).outgoing.map(({ target }) => positionOf(target)),
  };
}

function indexOf({ index }: TaskState): number {
  return index;
}

/** Indexes grow along the list. */
function placeOf(tasks: readonly TaskState[], { index }: TaskState): number {
  let low = 0;
  let high = tasks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tasks[middle] as TaskState).index < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
