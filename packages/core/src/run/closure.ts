/** Sets of tasks: the tasks that a task needs (R-TV-05, spec `tasks.execute`), and the tasks that its outcome had an effect on. */
import { needsOf as neededBy } from '../graph/needs.ts';
import { createSpread } from '../graph/spread.ts';
import { graphOf } from './run-graph.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/**
 * The tasks, their sub-trees, everything that they transitively need, and the groups around all of these, because a member can only
 * start in an open group. In declared order.
 */
export function needsOf(run: RunState, tops: readonly TaskState[]): TaskState[] {
  return inOrder(run, neededBy(graphOf(run), tops.flatMap(subTree).map(indexOf)));
}

/**
 * The tasks to reset together with the given tasks: their transitive dependents (with a group also its members), and every group around
 * a reset task, because the outcome of the group is open again. Without `cascade` the dependents are left out.
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
