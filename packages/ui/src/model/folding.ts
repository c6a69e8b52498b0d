import type { TaskView } from '@coppice/client';

/** Unfolds the groups that a task is in. True when one of them was folded: the task was hidden. */
export function unfoldAbove(task: TaskView, folded: Set<string>): boolean {
  let wasHidden = false;
  for (let at = task.parent; at !== undefined; at = at.parent) wasHidden = folded.delete(at.id) || wasHidden;
  return wasHidden;
}
