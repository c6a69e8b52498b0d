/** A stored tree by positions, for walks that must be linear and iterative: who is whose parent, who waits for whom. */

import { isGroup, type OfAKind } from '../task/kind.ts';

/** What these walks need to know of a task. */
export interface GraphTask extends OfAKind {
  readonly id: string;
  readonly parentId?: string | null | undefined;
  readonly dependencies: readonly { readonly task: string; readonly enabled: boolean }[];
}

export interface TreeGraph {
  readonly size: number;
  /** Position of a task in the given order. */
  find(id: string): number | undefined;
  /** Position of the parent; -1: none. */
  parentOf(position: number): number;
  isGroup(position: number): boolean;
  childrenOf(position: number): readonly number[];
  /** Tasks that its dependencies name, disabled ones included. */
  sourcesOf(position: number): readonly number[];
  /** Tasks that have an enabled dependency on it. */
  targetsOf(position: number): readonly number[];
}

/** Builds the graph. References to tasks that are not among the given ones are left out. */
export function createTreeGraph(tasks: readonly GraphTask[]): TreeGraph {
  const positions = new Map(tasks.map(({ id }, position) => [id, position]));
  const parents = new Int32Array(tasks.length).fill(-1);
  const children: number[][] = tasks.map(() => []);
  const sources: number[][] = tasks.map(() => []);
  const targets: number[][] = tasks.map(() => []);
  for (const [position, { parentId, dependencies }] of tasks.entries()) {
    const parent = typeof parentId === 'string' ? positions.get(parentId) : undefined;
    if (parent !== undefined) {
      parents[position] = parent;
      children[parent]?.push(position);
    }
    for (const { task, enabled } of dependencies) {
      const source = positions.get(task);
      if (source === undefined) continue;
      sources[position]?.push(source);
      if (enabled) targets[source]?.push(position);
    }
  }
  const groups = tasks.map(isGroup);
  return {
    size: tasks.length,
    find: (id) => positions.get(id),
    parentOf: (position) => parents[position] ?? -1,
    isGroup: (position) => groups[position] === true,
    childrenOf: (position) => children[position] ?? [],
    sourcesOf: (position) => sources[position] ?? [],
    targetsOf: (position) => targets[position] ?? [],
  };
}

/** Calls `visit` for everything below a task, parents first; it answers false to leave out what is below. */
export function visitBelow(graph: TreeGraph, top: number, visit: (position: number) => boolean): void {
  const stack = graph.childrenOf(top).toReversed();
  for (let position = stack.pop(); position !== undefined; position = stack.pop()) {
    if (!visit(position)) continue;
    const below = graph.childrenOf(position);
    for (let at = below.length - 1; at >= 0; at--) stack.push(below[at] as number);
  }
}

/** What tasks that run (again) mean for others: everything that directly or transitively waits for them. */
export interface Spread {
  /** Adds tasks and answers what they newly reach, themselves left out. The work of all calls together is linear. */
  from(positions: Iterable<number>): readonly number[];
  has(position: number): boolean;
  /** What a reached task waits for: the task its dependency names, or the group that gates it. */
  viaOf(position: number): number;
}

/**
 * Follows dependents. A dependency on a group waits for everything below it, so the dependents of all groups around
 * a task are dependents of the task; a dependency of a group gates everything below it, so its members are dependents too.
 */
export function createSpread(graph: TreeGraph): Spread {
  const isSeen = new Uint8Array(graph.size);
  const isGated = new Uint8Array(graph.size);
  const isTouched = new Uint8Array(graph.size);
  const via = new Int32Array(graph.size).fill(-1);
  const queue: number[] = [];
  const reached: number[] = [];
  const reach = (position: number, from: number): void => {
    if (isSeen[position] === 1) return;
    isSeen[position] = 1;
    via[position] = from;
    queue.push(position);
    reached.push(position);
  };
  const reachTarget = (position: number, from: number): void => {
    reach(position, from);
    if (!graph.isGroup(position) || isGated[position] === 1) return;
    isGated[position] = 1;
    visitBelow(graph, position, (member) => {
      reach(member, position);
      if (isGated[member] === 1) return false;
      if (graph.isGroup(member)) isGated[member] = 1;
      return true;
    });
  };
  const follow = (position: number): void => {
    for (const target of graph.targetsOf(position)) reachTarget(target, position);
    for (let up = graph.parentOf(position); up >= 0 && isTouched[up] === 0; up = graph.parentOf(up)) {
      isTouched[up] = 1;
      if (!graph.isGroup(up)) continue;
      for (const target of graph.targetsOf(up)) reachTarget(target, up);
    }
  };
  return {
    from(positions) {
      reached.length = 0;
      for (const position of positions) {
        if (isSeen[position] === 1) continue;
        isSeen[position] = 1;
        queue.push(position);
      }
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) follow(next);
      return [...reached];
    },
    has: (position) => isSeen[position] === 1,
    viaOf: (position) => via[position] ?? -1,
  };
}
