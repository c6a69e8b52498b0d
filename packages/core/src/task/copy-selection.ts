/**
 * Which tasks of a tree a copy takes over, and which of them run again.
 *
 * 1. Closed: with a task that runs again comes everything its dependencies name (of a group the whole sub-tree); with every task its ancestors.
 * 2. Nothing is kept settled that depends, even through tasks that are left out, on something that runs again.
 * 3. A group keeps its end only if nothing below it runs again.
 * 4. Minimal: nothing else is taken. The order in which tasks are looked at changes nothing.
 */
import { createSpread, visitBelow } from '../validate/tree-graph.ts';
import type { TreeGraph } from '../validate/tree-graph.ts';

/** What a copy is asked to take. */
export interface CopyPlan {
  /** Tasks that run again. */
  readonly rerun: readonly number[];
  /** Take every task. */
  readonly isWhole: boolean;
  /** Whether the task's outcome may be carried over. */
  mayKeep(position: number): boolean;
}

/** What a copy takes, by position. */
export interface CopySelection {
  has(position: number): boolean;
  /** Whether a task that is taken runs again. */
  runs(position: number): boolean;
}

/** Closes the plan over what its tasks need. Linear in tasks and edges. */
export function selectForCopy(graph: TreeGraph, plan: CopyPlan): CopySelection {
  const isTaken = new Uint8Array(graph.size);
  const isRerun = new Uint8Array(graph.size);
  const isRunning = new Uint8Array(graph.size);
  const isWhole = new Uint8Array(graph.size);
  const stale = createSpread(graph);
  const queue: number[] = [];
  for (const position of plan.rerun) isRerun[position] = 1;

  const run = (position: number): void => {
    if (isRunning[position] === 1) return;
    isRunning[position] = 1;
    queue.push(position);
  };
  const take = (position: number): void => {
    for (let at = position; at >= 0 && isTaken[at] === 0; at = graph.parentOf(at)) {
      isTaken[at] = 1;
      if (isRerun[at] === 1 || stale.has(at) || !plan.mayKeep(at)) run(at);
    }
  };
  const takeWhole = (top: number): void => {
    take(top);
    if (!graph.isGroup(top) || isWhole[top] === 1) return;
    isWhole[top] = 1;
    visitBelow(graph, top, (member) => {
      take(member);
      if (isWhole[member] === 1) return false;
      if (graph.isGroup(member)) isWhole[member] = 1;
      return true;
    });
  };
  const follow = (position: number): void => {
    for (const reached of stale.from([position])) if (isTaken[reached] === 1) run(reached);
    for (const source of graph.sourcesOf(position)) takeWhole(source);
    for (let up = graph.parentOf(position); up >= 0; up = graph.parentOf(up)) {
      if (!graph.isGroup(up)) continue;
      if (isRunning[up] === 1) break;
      run(up);
    }
  };

  for (const position of plan.rerun) take(position);
  if (plan.isWhole) for (let position = 0; position < graph.size; position++) take(position);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) follow(next);
  return { has: (position) => isTaken[position] === 1, runs: (position) => isRunning[position] === 1 };
}
