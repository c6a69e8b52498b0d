/**
 * Roll-ups: counts of the tasks below a task (R-PR-07). Nobody pays for them before somebody asks. A question walks the sub-tree. Once the
 * roll-ups of a run are watched they are kept, and each change of a status costs as much as the task is deep.
 */
import type { TaskStatus } from '../task/status.ts';
import type { RunState, StatusCounts, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { isCompensation } from './undoable.ts';

export function emptyCounts(): StatusCounts {
  return { pending: 0, ready: 0, running: 0, waiting: 0, completed: 0, failed: 0, skipped: 0, cancelled: 0 };
}

/** Counts of the tasks below a task that the run executes, by status. */
export function countsBelow({ rollUps }: RunState, top: TaskState): StatusCounts {
  if (rollUps !== undefined) return { ...(rollUps.get(top) ?? emptyCounts()) };
  const counts = emptyCounts();
  for (const task of subTree(top)) if (task !== top && isCounted(task)) counts[task.status]++;
  return counts;
}

/** Counts below every task that has children. From now on they are kept, until so much changes that all is counted again. */
export function watchRollUps(run: RunState): ReadonlyMap<TaskState, StatusCounts> {
  return (run.rollUps ??= rollUpsOf(run));
}

/** Counts below every task that has children. */
export function rollUpsOf(run: RunState): Map<TaskState, StatusCounts> {
  const found = new Map<TaskState, StatusCounts>();
  for (const task of subTree(run.root)) if (task.children.length > 0) found.set(task, emptyCounts());
  for (const task of subTree(run.root).reverse()) {
    if (task.parent === undefined) continue;
    const above = found.get(task.parent) as StatusCounts;
    const inside = found.get(task);
    if (inside !== undefined) for (const status of Object.keys(inside) as TaskStatus[]) above[status] += inside[status];
    if (isCounted(task)) above[task.status]++;
  }
  return found;
}

/** Moves a task to another status in the roll-ups of all tasks above it. */
export function moveRollUps(rollUps: Map<TaskState, StatusCounts>, task: TaskState, former: TaskStatus): void {
  for (let above = task.parent; above !== undefined; above = above.parent) {
    const counts = rollUps.get(above);
    if (counts === undefined) continue;
    counts[former]--;
    counts[task.status]++;
  }
}

/** Counts a task that is new below others. */
export function enterRollUps(rollUps: Map<TaskState, StatusCounts>, task: TaskState): void {
  for (let above = task.parent; above !== undefined; above = above.parent) {
    const counts = rollUps.get(above) ?? emptyCounts();
    rollUps.set(above, counts);
    if (isCounted(task)) counts[task.status]++;
  }
}

/** Counts a task no longer that is taken out. */
export function leaveRollUps(rollUps: Map<TaskState, StatusCounts>, task: TaskState): void {
  rollUps.delete(task);
  if (!task.selected || isCompensation(task)) return;
  for (let above = task.parent; above !== undefined; above = above.parent) {
    const counts = rollUps.get(above);
    if (counts !== undefined) counts[task.status]--;
  }
}

function isCounted(task: TaskState): boolean {
  return task.selected && !task.deleted && !isCompensation(task);
}
