/** Who may see and change what. A user's requests about other users' trees get the same answer as those about none. */
import type { TaskId, TaskRecord, TreeId, TreeRecord } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import { answer, refuse, refuseUnknown, shorten } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Principal } from './caller.ts';

/** Tasks that a message names; `errors` has all. */
const NAMED_MAX = 5;

/** The tree, when there is one and the user may see it. */
export async function findOwnTree(engine: Engine, principal: Principal, treeId: string): Promise<Answer<TreeRecord>> {
  const tree = await engine.index.findTree(treeId as TreeId);
  return tree === undefined || !owns(principal, tree) ? refuseUnknown('tree', treeId) : answer(tree);
}

/** The task, when there is one and the user may see it. */
export async function findOwnTask(engine: Engine, principal: Principal, taskId: string): Promise<Answer<TaskRecord>> {
  const task = await engine.index.findTask(taskId as TaskId);
  if (task === undefined) return refuseUnknown('task', taskId);
  if (principal.role === 'admin') return answer(task);
  const tree = await engine.index.findTree(task.treeId);
  return tree === undefined || !owns(principal, tree) ? refuseUnknown('task', taskId) : answer(task);
}

/** The tree that the tasks are in. The refusal names every task that there is not, or that is in another tree than the first. */
export async function findTreeOfOwn(
  engine: Engine,
  principal: Principal,
  taskIds: readonly string[],
): Promise<Answer<TreeId>> {
  const found: TaskRecord[] = [];
  const errors: { readonly path: readonly (string | number)[]; readonly reason: string }[] = [];
  for (const [index, id] of taskIds.entries()) {
    const task = await findOwnTask(engine, principal, id);
    const treeId = found[0]?.treeId;
    if (!task.ok) errors.push({ path: ['taskIds', index], reason: `there is no task "${shorten(id)}"` });
    else if (treeId !== undefined && task.value.treeId !== treeId)
      errors.push({
        path: ['taskIds', index],
        reason: `the task "${id}" is in tree "${task.value.treeId}", not in "${treeId}"`,
      });
    else found.push(task.value);
  }
  const [first] = found;
  if (first !== undefined && errors.length === 0) return answer(first.treeId);
  const named = errors.slice(0, NAMED_MAX).map(({ reason }) => reason);
  return refuse(
    'task/not-found',
    `These are not tasks of one tree: ${named.join('; ')}. Execute each tree by itself.`,
    { errors },
  );
}

/** The user whose trees a listing shows; undefined: all users. */
export function listedUser(principal: Principal, userId: string | undefined): Answer<string | undefined> {
  if (principal.role === 'admin') return answer(userId);
  return userId === undefined || userId === principal.userId ? answer(principal.userId) : refuseOther(principal);
}

/** The user who will own a new tree. */
export function newOwner(principal: Principal, userId: string | undefined): Answer<string> {
  if (userId === undefined || userId === principal.userId) return answer(principal.userId);
  return principal.role === 'admin' ? answer(userId) : refuseOther(principal);
}

function owns(principal: Principal, tree: TreeRecord): boolean {
  return principal.role === 'admin' || tree.userId === principal.userId;
}

function refuseOther({ userId }: Principal): ReturnType<typeof refuse> {
  return refuse('auth/unauthorized', `Only an admin may name another user; you are "${userId}". Leave "userId" out.`);
}
