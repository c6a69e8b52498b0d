/** Walks of the task tree, iterative. */
import type { TaskState } from './state.ts';

/** A task and everything below it, parents first, siblings in declared order. */
export function subTree(top: TaskState): TaskState[] {
  const found: TaskState[] = [];
  const stack = [top];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    found.push(task);
    for (let i = task.children.length - 1; i >= 0; i--) stack.push(task.children[i] as TaskState);
  }
  return found;
}

/** The same, children before their parents. */
export function subTreeUpwards(top: TaskState): TaskState[] {
  return subTree(top).reverse();
}
