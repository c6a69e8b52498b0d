/** The priority that members have from the groups around them: the nearest that has one. */
import type { TaskSubmission } from '../task/submission.ts';

/**
 * Answers the priority that a task inherits, by its position; undefined when no group has one. Looks at each task once:
 * what is found is kept for all tasks on the way.
 */
export function inheritedPriority(
  tasks: readonly TaskSubmission[],
  parents: ArrayLike<number>,
): ((position: number) => number | undefined) | undefined {
  if (!tasks.some(({ executor, priority }) => executor === undefined && priority !== undefined)) return undefined;
  const below = new Map<number, number | undefined>();
  return (position) => {
    const way: number[] = [];
    let found: number | undefined;
    for (let at = parents[position] ?? -1; at >= 0; at = parents[at] ?? -1) {
      const task = tasks[at];
      if (below.has(at)) found = below.get(at);
      else if (task?.executor === undefined && task?.priority !== undefined) found = task.priority;
      way.push(at);
      if (found !== undefined || below.has(at)) break;
    }
    for (const at of way) below.set(at, found);
    return found;
  };
}
