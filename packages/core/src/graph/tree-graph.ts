/** A stored tree as a graph of positions: the parent of each task, and the tasks that it waits for. */
import { isGroup, type OfAKind } from '../task/kind.ts';
import { below, createWaitGraph, NONE, type Links, type WaitGraph } from './wait-graph.ts';

/** The data of a task that walks of the graph need. */
export interface GraphTask extends OfAKind {
  readonly id: string;
  readonly parentId?: string | null | undefined;
  readonly dependencies: readonly { readonly task: string; readonly enabled: boolean }[];
}

export interface TreeGraph extends WaitGraph {
  /** Position of a task in the given order. */
  find(id: string): number | undefined;
  /** Position of the parent; -1: none. */
  parentOf(position: number): number;
  childrenOf(position: number): readonly number[];
  /** Tasks that the dependencies of the task name. Disabled dependencies count too. */
  namedBy(position: number): readonly number[];
}

/** Builds the graph. References to tasks that are not among the given ones are left out. */
export function createTreeGraph(tasks: readonly GraphTask[]): TreeGraph {
  const positions = positionsOf(tasks);
  const links = linksOf(tasks, positions);
  const { parents, sources } = links;
  let children: ReturnType<typeof below> | undefined;
  return {
    ...createWaitGraph(links),
    find: (id) => positions.get(id),
    parentOf: (position) => parents[position] as number,
    childrenOf: (position) => (children ??= below(parents))[position] ?? NONE,
    namedBy(position) {
      const { dependencies } = tasks[position] as GraphTask;
      if (dependencies.every(({ enabled }) => enabled)) return sources[position] as readonly number[];
      return dependencies.flatMap(({ task }) => positions.get(task) ?? []);
    },
  };
}

export function positionsOf(tasks: readonly GraphTask[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (let at = 0; at < tasks.length; at++) positions.set((tasks[at] as GraphTask).id, at);
  return positions;
}

/** Parents and sources by position. */
export function linksOf(tasks: readonly GraphTask[], positions: ReadonlyMap<string, number>): Links {
  const parents = new Int32Array(tasks.length).fill(-1);
  const sources: (readonly number[])[] = [];
  for (let position = 0; position < tasks.length; position++) {
    const { parentId, dependencies } = tasks[position] as GraphTask;
    if (typeof parentId === 'string') parents[position] = positions.get(parentId) ?? -1;
    sources.push(dependencies.length === 0 ? NONE : sourcesIn(dependencies, positions));
  }
  return { parents, sources, isGroup: (position) => isGroup(tasks[position] as GraphTask) };
}

function sourcesIn(dependencies: GraphTask['dependencies'], positions: ReadonlyMap<string, number>): readonly number[] {
  const sources: number[] = [];
  for (let at = 0; at < dependencies.length; at++) {
    const { task, enabled } = dependencies[at] as GraphTask['dependencies'][number];
    const source = enabled ? positions.get(task) : undefined;
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** Calls `visit` for every task below a task, parents first. When `visit` answers false, the tasks below are left out. */
export function visitBelow(graph: TreeGraph, top: number, visit: (position: number) => boolean): void {
  const stack = graph.childrenOf(top).toReversed();
  for (let position = stack.pop(); position !== undefined; position = stack.pop()) {
    if (!visit(position)) continue;
    const below = graph.childrenOf(position);
    for (let at = below.length - 1; at >= 0; at--) stack.push(below[at] as number);
  }
}
