/** Takes deleted tasks out of the state. They keep their place in `tasks`, so that the index of every other task stays what it is. */
import type { TaskId } from '../task/task.ts';
import { recount } from './counts.ts';
import { disconnect } from './edges.ts';
import type { RunState, TaskState } from './state.ts';

/** Removes tasks on which nothing outside of them depends, and counts again. */
export function removeTasks(run: RunState, ids: readonly TaskId[]): void {
  const tasks = ids.map((id) => run.byId.get(id) as TaskState);
  for (const task of tasks) {
    disconnect(task);
    task.deleted = true;
    task.selected = false;
    run.byId.delete(task.id);
  }
  const lists = new Set<TaskState[]>();
  for (const { parent, scope } of tasks) {
    if (parent !== undefined && !parent.deleted) lists.add(parent.children);
    if (scope.owner?.deleted !== true) lists.add(scope.members);
  }
  for (const list of lists) keepAlive(list);
  recount(run);
}

function keepAlive(tasks: TaskState[]): void {
  let kept = 0;
  for (const task of tasks) if (!task.deleted) tasks[kept++] = task;
  tasks.length = kept;
}
