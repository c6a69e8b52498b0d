import type { RunView, TaskView } from '@coppice/client';

/** Unfolds the groups that a task is in. True when one of them was folded: the task was hidden. */
export function unfoldAbove(task: TaskView, folded: Set<string>): boolean {
  let wasHidden = false;
  for (let at = task.parent; at !== undefined; at = at.parent) wasHidden = folded.delete(at.id) || wasHidden;
  return wasHidden;
}

/** Folds all groups below the root, or none. */
export function foldAll(view: RunView, folded: Set<string>, isFolded: boolean): void {
  folded.clear();
  if (!isFolded) return;
  for (const task of view.tasks.values()) if (task !== view.root && task.children.length > 0) folded.add(task.id);
}
