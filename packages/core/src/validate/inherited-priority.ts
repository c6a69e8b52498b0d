/** The priority that members inherit: that of the nearest group around them that has one. */
import { isGroup } from '../task/kind.ts';
import type { TaskSubmission } from '../task/submission.ts';

/**
 * Returns a function from a task's position to its inherited priority; undefined when no group has one. Each task is visited once,
 * because a result is kept for all groups on the way.
 */
export function inheritedPriority(
  tasks: readonly TaskSubmission[],
  parents: ArrayLike<number>,
): ((position: number) => number | undefined) | undefined {
  if (!tasks.some((task) => task.priority !== undefined && isGroup(task))) return undefined;
  const below = new Map<number, number | undefined>();
  return (position) => {
    const way: number[] = [];
    let found: number | undefined;
    for (let at = parents[position] ?? -1; at >= 0; at = parents[at] ?? -1) {
      const task = tasks[at];
      if (below.has(at)) found = below.get(at);
      else if (task?.priority !== undefined && isGroup(task)) found = task.priority;
      way.push(at);
      if (found !== undefined || below.has(at)) break;
    }
    for (const at of way) below.set(at, found);
    return found;
  };
}
