/** Tasks that come into a run while it goes on, and leave it again. The cost is that of these tasks, whatever else is in the tree. */
import type { TaskId } from '@coppice/extension';
import { isTerminal } from '../task/status.ts';
import type { TaskDefinition } from '../task/task.ts';
import { arrangeBelow, enterScope, leaveScope, newTaskState, plant } from './build.ts';
import { limitQueues } from './deadlines.ts';
import { connect } from './edges.ts';
import { levelBelow } from './order-key.ts';
import { enterRollUps, leaveRollUps } from './roll-up.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { isCompensation } from './undoable.ts';

/** Adds tasks below a group. They depend on each other only. */
export function addTasks(run: RunState, group: TaskState, definitions: readonly TaskDefinition[]): void {
  const scope = group.group as Scope;
  const level = group.children[0]?.level ?? levelBelow(group);
  run.hasQueueLimits ||= limitQueues(definitions);
  const added = definitions.map((definition) => {
    const task = newTaskState(definition, { index: run.nextIndex++, scope });
    task.selected = group.selected;
    run.byId.set(task.id, task);
    run.tasks.push(task);
    return task;
  });
  for (const task of added) plant(task, run.byId);
  const stack: TaskState[] = [];
  for (const task of added) {
    if (task.parent !== group) continue;
    scope.made++;
    task.level = level;
    stack.push(task);
  }
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) arrangeBelow(task, run.scope, stack);
  for (const task of added) {
    enterScope(task);
    connect(task, run.byId);
    if (run.rollUps !== undefined) enterRollUps(run.rollUps, task);
    if (!task.selected) continue;
    task.scope.open++;
    if (run.compensation !== undefined && isCompensation(task)) {
      run.compensation.open++;
      continue;
    }
    run.counts.pending++;
    run.selectedCount++;
  }
}

/** Takes tasks out of the state whose run is over, each with everything below it. Nothing outside of them depends on them. */
export function takeOut(run: RunState, ids: readonly TaskId[]): void {
  run.patches?.forget();
  const parents = new Set<TaskState>();
  const scopes = new Set<Scope>();
  const taken = new Set<TaskState>();
  for (const id of ids) {
    const task = run.byId.get(id) as TaskState;
    taken.add(task);
    run.byId.delete(id);
    task.deleted = true;
    run.patches?.delete(task);
    run.patches?.forgetLeft(task);
    if (task.parent !== undefined) parents.add(task.parent);
    scopes.add(task.scope);
    if (run.rollUps !== undefined) leaveRollUps(run.rollUps, task);
    if (!task.selected) continue;
    if (run.compensation === undefined || !isCompensation(task)) {
      run.counts[task.status]--;
      run.selectedCount--;
    } else if (!isTerminal(task.status)) run.compensation.open--;
    if (!isTerminal(task.status)) task.scope.open--;
    else if (task.status === 'failed' && !task.handled) task.scope.unhandled--;
  }
  const isThere = (task: TaskState): boolean => !taken.has(task) && !(task.deleted && isBelow(task, taken));
  for (const parent of parents) {
    parent.children = parent.children.filter(isThere);
    if (parent.children.length > 0) continue;
    run.rollUps?.delete(parent);
    run.patches?.forgetLeft(parent);
  }
  for (const scope of scopes) leaveScope(scope, isThere);
  run.tasks = run.tasks.filter(isThere);
}

/** True for a deleted task, which keeps its place, of something that leaves. */
function isBelow({ parent }: TaskState, taken: ReadonlySet<TaskState>): boolean {
  for (let at = parent; at !== undefined; at = at.parent) if (taken.has(at)) return true;
  return false;
}
