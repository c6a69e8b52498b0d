/** Sets of tasks: what a task needs to run (R-TV-05, spec `tasks.execute`), and what its outcome has touched. */
import { needsOf as neededBy } from '../graph/needs.ts';
import { createSpread } from '../graph/spread.ts';
import { graphOf } from './run-graph.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/** The tasks, their sub-trees, and everything they transitively need; the groups around them come along because they open them. Declared order. */
export function needsOf(run: RunState, tops: readonly TaskState[]): TaskState[] {
  return inOrder(run, neededBy(graphOf(run), tops.flatMap(subTree).map(indexOf)));
}

/**
 * What must be reset together with the given tasks: their transitive dependents (a group's members with it), and every group around
 * a reset task, whose outcome is open again. Without `cascade` only the groups around.
 */
export function resetClosure(run: RunState, seeds: readonly TaskState[], cascade: boolean): TaskState[] {
  const graph = graphOf(run);
  const spread = createSpread(cascade ? graph : { ...graph, targetsOf: () => [] });
  const indexes = seeds.map(indexOf);
  return inOrder(run, new Set([...indexes, ...spread.from(indexes), ...spread.closing]));
}

function indexOf({ index }: TaskState): number {
  return index;
}

function inOrder({ tasks }: RunState, positions: Iterable<number>): TaskState[] {
  return [...positions].sort((a, b) => a - b).map((position) => tasks[position] as TaskState);
}
