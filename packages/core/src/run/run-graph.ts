/** Shows a run as a graph. Nothing is built, because the state holds all links already. */
import type { WaitGraph } from '../graph/wait-graph.ts';
import type { RunState, TaskState } from './state.ts';

export function graphOf({ tasks }: RunState): WaitGraph {
  const at = (position: number): TaskState => tasks[position] as TaskState;
  return {
    size: tasks.length,
    isGroup: (position) => at(position).group !== undefined,
    groupOf: (position) => at(position).scope.owner?.index ?? -1,
    membersOf: (group) => at(group).group?.members.map(({ index }) => index) ?? [],
    sourcesOf: (position) =>
      at(position).incoming.flatMap(({ dependency, source }) => (dependency.enabled ? source.index : [])),
    targetsOf: (position) => at(position).outgoing.map(({ target }) => target.index),
  };
}
