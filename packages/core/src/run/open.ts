/** The event that opens a group, with the members that come with it, and what follows for these. */
import type { TaskId } from '@coppice/extension';
import { InvariantError } from '../errors/invariant.ts';
import { isGroup, kindOf } from '../task/kind.ts';
import type { TaskDefinition } from '../task/task.ts';
import { limitQueues } from './deadlines.ts';
import { hasExpressions } from './demands.ts';
import { emit, follow, type Draft } from './draft.ts';
import { activation, activationBy, isScopeOpen } from './edges.ts';
import { activates, isStartable } from './end.ts';
import type { EventData } from './event.ts';
import type { TaskState } from './state.ts';

/** Opens a group; `ready` of the data are members that were there before. With an outcome it ends the attempt that is running. */
export function emitOpened(draft: Draft, group: TaskState, data: EventData['TaskOpened']): void {
  const attempt = data.outcome === undefined ? undefined : group.attempt;
  const { added, ...rest } = data;
  if (added === undefined || added.length === 0) {
    emit(draft, 'TaskOpened', { taskId: group.id, attempt, data: rest });
    if (group.group?.cleanUp !== undefined) follow(draft, { do: 'closing', task: group });
    return;
  }
  // Whose wait for a start is limited becomes ready by an event that says until when.
  const isLimited = draft.run.hasQueueLimits || limitQueues(added);
  const ready = [...(data.ready ?? []), ...(isLimited ? [] : readyAmong(added, group, draft.atMs))];
  emit(draft, 'TaskOpened', { taskId: group.id, attempt, data: ready.length === 0 ? data : { ...data, ready } });
  for (const { id } of added) {
    const task = draft.run.byId.get(id) as TaskState;
    if (task.scope !== group.group || !isStartable(task)) continue;
    const next = activation(task);
    if (next === 'skip') follow(draft, { do: 'skip', task });
    else if (next !== 'ready' || !isScopeOpen(task) || !activates(draft, task)) continue;
    else if (isLimited) follow(draft, { do: 'when', task });
    else throw new InvariantError(`${id} is ready and not among the ready`);
  }
  if (group.group?.cleanUp !== undefined) follow(draft, { do: 'closing', task: group });
}

/** New members with an executor that nothing keeps from starting. */
function readyAmong(added: readonly TaskDefinition[], { id: groupId }: TaskState, atMs: number): TaskId[] {
  let byId: Map<string, TaskDefinition> | undefined;
  const isMember = (task: TaskDefinition): boolean => {
    let parentId = task.parentId;
    while (parentId !== undefined && parentId !== groupId) {
      byId ??= new Map(added.map((each) => [each.id, each]));
      const parent = byId.get(parentId);
      if (parent === undefined || isGroup(parent)) return false;
      parentId = parent.parentId;
    }
    return true;
  };
  return added.filter((task) => isReady(task, atMs) && isMember(task)).map(({ id }) => id);
}

function isReady(task: TaskDefinition, atMs: number): boolean {
  const { join, dependencies, when, notBeforeMs = 0 } = task;
  if (kindOf(task) !== 'executor' || notBeforeMs > atMs || when !== undefined || task.finally === true) return false;
  if (hasExpressions(task)) return false;
  const unsettled = dependencies.length === 0 ? 0 : dependencies.filter(({ enabled }) => enabled).length;
  return activationBy(join, { total: dependencies.length, unsettled, fired: 0 }) === 'ready';
}
