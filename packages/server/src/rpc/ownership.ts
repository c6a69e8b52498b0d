/** Who may see and change what. A user's requests about other users' trees get the same answer as those about none. */
import type { TaskId, TaskRecord, TreeId, TreeRecord } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import { answer, refuse, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Principal } from './caller.ts';

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
