/** Sets of tasks: what a task needs to run (R-TV-05, spec `tasks.execute`), and what its outcome has touched. */
import type { TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/** The tasks, their sub-trees, and everything they transitively need; the groups around them come along because they open them. Declared order. */
export function needsOf(tops: readonly TaskState[]): TaskState[] {
  const found = new Set<TaskState>();
  const queue: TaskState[] = [];
  const add = (task: TaskState): void => {
    if (found.has(task)) return;
    found.add(task);
    queue.push(task);
  };
  for (const top of tops) for (const task of subTree(top)) add(task);
  for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
    if (task.scope.owner !== undefined) add(task.scope.owner);
    for (const { source, dependency } of task.incoming) {
      if (!dependency.enabled) continue;
      if (source.group === undefined) add(source);
      else for (const member of subTree(source)) add(member);
    }
  }
  return inOrder(found);
}

/**
 * What must be reset together with the given tasks: their transitive dependents (a group's members with it), and every group around
 * a reset task, whose outcome is open again. Without `cascade` only the groups around.
 */
export function resetClosure(seeds: Iterable<TaskState>, cascade: boolean): TaskState[] {
  const whole = new Set<TaskState>();
  const around = new Set<TaskState>();
  const queue: TaskState[] = [];
  const add = (task: TaskState): void => {
    if (whole.has(task)) return;
    whole.add(task);
    queue.push(task);
  };
  const addDependents = (task: TaskState): void => {
    if (!cascade) return;
    for (const { target } of task.outgoing) {
      if (target.group === undefined) add(target);
      else for (const member of subTree(target)) add(member);
    }
  };
  for (const seed of seeds) add(seed);
  for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
    addDependents(task);
    for (let owner = task.scope.owner; owner !== undefined && !around.has(owner); owner = owner.scope.owner) {
      around.add(owner);
      addDependents(owner);
    }
  }
  return inOrder(new Set([...whole, ...around]));
}

function inOrder(tasks: ReadonlySet<TaskState>): TaskState[] {
  return [...tasks].sort((a, b) => a.index - b.index);
}
