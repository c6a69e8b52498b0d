/** Methods that make, check, change and remove trees. */
import type { TaskId, TreeId, TreeSubmission } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { ParsedParams } from '@coppice/protocol';
import { taskToWire } from '../wire/task-to-wire.ts';
import { answer, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Principal } from './caller.ts';
import { findOwnTask, newOwner } from './ownership.ts';
import type { Implementations, Services } from './services.ts';
import { showTree } from './tree-answer.ts';

type Names = 'tasks.create' | 'tasks.validate' | 'tasks.update' | 'tasks.delete' | 'tasks.copy';

export function definitionMethods({ engine }: Services): Implementations<Names> {
  return {
    'tasks.create': async (params, { principal }) => {
      const created = await createTree(engine, principal, params);
      return created.ok ? showTree(engine, created.value) : created;
    },
    'tasks.validate': async (params, { principal }) => {
      if ('tasks' in params) {
        const errors = await engine.validate(submissionOf(params));
        return answer({
          valid: errors.length === 0,
          errors: errors.map((violation) => ({ ...violation, path: [...violation.path] })),
        });
      }
      const root = await findOwnTask(engine, principal, params.rootId);
      if (!root.ok) return root;
      const checked = await engine.checkSelection(root.value.id, params.taskIds as TaskId[]);
      if (!checked.ok) return checked;
      return answer({
        valid: checked.value.length === 0,
        missing: checked.value.map(({ taskId, via }) => ({ taskId, via })),
      });
    },
    'tasks.update': async ({ taskId, patch }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const updated = await engine.update(task.value.id, patch);
      if (!updated.ok) return updated;
      const stored = await engine.store.findTask(updated.value);
      return stored === undefined ? refuseUnknown('task', taskId) : answer(taskToWire(stored));
    },
    'tasks.delete': async ({ taskId }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const deleted = await engine.delete(task.value.id);
      return deleted.ok ? answer({ deleted: deleted.value }) : deleted;
    },
    'tasks.copy': async ({ taskId, save = true, ...options }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const copy = copyOptionsOf(options);
      if (!save) {
        const preview = await engine.previewCopy(task.value.id, copy);
        return preview.ok ? answer([...preview.value] as ParsedParams<'tasks.create'>['tasks']) : preview;
      }
      const copied = await engine.copy(task.value.id, { ...copy, userId: principal.userId });
      return copied.ok ? showTree(engine, copied.value) : copied;
    },
  };
}

type Submission = ParsedParams<'tasks.create'>;

/** Stores a new tree for the caller, or for whom an admin names. */
export async function createTree(engine: Engine, principal: Principal, params: Submission): Promise<Answer<TreeId>> {
  const owner = newOwner(principal, params.userId);
  if (!owner.ok) return owner;
  return engine.create(submissionOf(params), {
    userId: owner.value,
    idempotencyKey: params.idempotencyKey,
    reidentify: params.reidentify,
  });
}

function submissionOf({ tasks, inputs, variables, policies }: Submission): TreeSubmission {
  return { tasks, inputs, variables, policies };
}

type WireCopyOptions = Omit<ParsedParams<'tasks.copy'>, 'taskId' | 'save'>;

/** Ids are plain strings on the wire and branded behind it. */
export function copyOptionsOf({ taskIds, ...rest }: WireCopyOptions): Parameters<Engine['previewCopy']>[1] {
  return taskIds === undefined ? rest : { ...rest, taskIds: taskIds as TaskId[] };
}
