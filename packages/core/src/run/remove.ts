/** Takes deleted tasks out of the state. They keep their place in `tasks`, so that no index of another task changes. */
import type { TaskId } from '@coppice/extension';
import { leaveScope } from './build.ts';
import { recount } from './counts.ts';
import { disconnect } from './edges.ts';
import type { RunState, Scope, TaskState } from './state.ts';

/** Removes tasks on which nothing outside of them depends, and counts again. */
export function removeTasks(run: RunState, ids: readonly TaskId[]): void {
  const tasks = ids.map((id) => run.byId.get(id) as TaskState);
  run.patches?.forget();
  for (const task of tasks) {
    run.patches?.delete(task);
    disconnect(task);
    task.deleted = true;
    task.selected = false;
    run.byId.delete(task.id);
  }
  const parents = new Set<TaskState>();
  const scopes = new Set<Scope>();
  for (const { parent, scope } of tasks) {
    if (parent !== undefined && !parent.deleted) parents.add(parent);
    if (scope.owner?.deleted !== true) scopes.add(scope);
  }
  for (const parent of parents) parent.children = parent.children.filter(isAlive);
  for (const scope of scopes) leaveScope(scope, isAlive);
  recount(run);
}

function isAlive(task: TaskState): boolean {
  return !task.deleted;
}
