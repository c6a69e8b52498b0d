/** Sets of tasks: the tasks that a task needs (R-TV-05, spec `tasks.execute`), and the tasks that its outcome had an effect on. */
import { needsOf as neededBy } from '../graph/needs.ts';
import { createSpread } from '../graph/spread.ts';
import { graphOf } from './run-graph.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/**
 * The tasks, their sub-trees, everything that they transitively need, and the groups around all of these, because a member can only
 * start in an open group, with their clean-up. In declared order.
 */
export function needsOf(run: RunState, tops: readonly TaskState[]): TaskState[] {
  const graph = graphOf(run);
  const needed = inOrder(run, neededBy(graph, tops.flatMap(subTree).map(graph.positionOf)));
  const cleaning = cleanUpOf(needed);
  if (cleaning.length === 0) return needed;
  const isThere = new Set(needed);
  // A clean-up that needs more than what is executed has nothing to clean up.
  const wanted = cleaning.filter(({ incoming }) => incoming.every(({ source }) => isThere.has(source)));
  return inOrder(run, new Set([...needed, ...wanted.flatMap(subTree)].map(graph.positionOf)));
}

/** The clean-up of the groups among the tasks. */
function cleanUpOf(tasks: readonly TaskState[]): readonly TaskState[] {
  return tasks.flatMap(({ group }) => group?.cleanUp ?? []);
}

/**
 * The tasks to reset together with the given tasks: their transitive dependents (with a group also its members), and every group around
 * a reset task with its clean-up, because the outcome of the group is open again. Without `cascade` the dependents are left out.
 */
export function resetClosure(run: RunState, seeds: readonly TaskState[], cascade: boolean): ResetClosure {
  const graph = graphOf(run);
  const spread = createSpread(cascade ? graph : { ...graph, targetsOf: () => [] });
  const positions = seeds.map(graph.positionOf);
  const reopened = spread.from(positions);
  const open = new Set([...positions, ...reopened, ...spread.closing]);
  // A group that is open again cleans up again.
  for (const task of cleanUpOf(inOrder(run, open)).flatMap(subTree)) open.add(graph.positionOf(task));
  return {
    all: inOrder(run, open),
    reopened: new Set(inOrder(run, reopened)),
  };
}

export interface ResetClosure {
  /** In declared order. */
  readonly all: readonly TaskState[];
  /** Those that wait again for something that is reset. Of the others only the end is open again, or they were given. */
  readonly reopened: ReadonlySet<TaskState>;
}

function inOrder({ tasks }: RunState, positions: Iterable<number>): TaskState[] {
  return [...positions].sort((a, b) => a - b).map((position) => tasks[position] as TaskState);
}
