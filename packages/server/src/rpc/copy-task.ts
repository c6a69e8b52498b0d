/** Copies a task for its owner, or for whom an admin names. */
import type { CopyOptions, TaskSubmission, TreeId } from '@coppice/core';
import { answer, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';
import { actorOf } from './caller.ts';
import type { Principal } from './caller.ts';
import { findOwnTask, newOwner } from './ownership.ts';
import { refuseAccess } from './run-access.ts';
import type { Services } from './services.ts';

export interface CopyRequest {
  readonly taskId: string;
  /** Owner of the copy; default that of the original. */
  readonly userId: string | undefined;
  readonly options: CopyOptions;
  /** false: only answer what would be stored. */
  readonly save: boolean;
}

/** The new tree, or what `tasks.create` accepts. */
export async function copyTask(
  { engine, access }: Services,
  principal: Principal,
  { taskId, userId, options, save }: CopyRequest,
): Promise<Answer<TreeId | readonly TaskSubmission[]>> {
  const task = await findOwnTask(engine, principal, taskId);
  if (!task.ok) return task;
  const original = await engine.index.findTree(task.value.treeId);
  if (original === undefined) return refuseUnknown('task', taskId);
  const owner = newOwner(principal, userId ?? original.userId);
  if (!owner.ok) return owner;
  // What comes from the original was looked at when that was made; an admin's overrides may ask for more.
  if (!save || access.isLimited(principal) || options.overrides !== undefined) {
    const preview = await engine.previewCopy(task.value.id, options);
    if (!preview.ok) return preview;
    const refusal = refuseAccess(access.violations(principal, preview.value));
    if (refusal !== undefined) return refusal;
    if (!save) return answer(preview.value);
  }
  return engine.copy(task.value.id, { ...options, userId: owner.value, actor: actorOf(principal) });
}
