/** Methods that make, check, change and remove trees. */
import type { TaskId, TreeId, TreeSubmission, Violation } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { ParsedParams } from '@coppice/protocol';
import type { AccessViolation } from '../access/task-access.ts';
import { taskToWire } from '../wire/task-to-wire.ts';
import { answer, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';
import { actorOf } from './caller.ts';
import type { Principal } from './caller.ts';
import { copyTask } from './copy-task.ts';
import { findOwnTask, newOwner } from './ownership.ts';
import { refuseAccess } from './run-access.ts';
import type { Check, Checks, Implementations, Services } from './services.ts';
import { showTree } from './tree-answer.ts';

type Names = 'tasks.create' | 'tasks.validate' | 'tasks.update' | 'tasks.delete' | 'tasks.copy';

export function definitionMethods(services: Services): Implementations<Names> {
  const { engine, access } = services;
  return {
    'tasks.create': async (params, { principal }) => {
      const created = await createTree(services, principal, params);
      return created.ok ? showTree(engine, created.value) : created;
    },
    'tasks.validate': async (params, { principal }) => {
      if ('tasks' in params) {
        const errors = await submissionViolations(services, principal, params);
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
      const { name, dependencies, multiplier } = task.value;
      const { executor, inputs } = multiplier?.body[0] ?? task.value;
      const refusal = refuseAccess(access.violations(principal, [{ name, executor, inputs, dependencies, ...patch }]));
      if (refusal !== undefined) return refusal;
      const updated = await engine.update(task.value.id, patch, { actor: actorOf(principal) });
      if (!updated.ok) return updated;
      const stored = await engine.index.findTask(updated.value);
      return stored === undefined ? refuseUnknown('task', taskId) : answer(taskToWire(stored));
    },
    'tasks.delete': async ({ taskId }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const deleted = await engine.delete(task.value.id, { actor: actorOf(principal) });
      return deleted.ok ? answer({ deleted: deleted.value }) : deleted;
    },
    'tasks.copy': async ({ taskId, save = true, userId, ...options }, { principal }) => {
      const copied = await copyTask(services, principal, { taskId, userId, options: copyOptionsOf(options), save });
      if (!copied.ok) return copied;
      return typeof copied.value === 'string'
        ? showTree(engine, copied.value)
        : answer([...copied.value] as ParsedParams<'tasks.create'>['tasks']);
    },
  };
}

type Submission = ParsedParams<'tasks.create'>;

/** Everything that is wrong with a submission of well-formed params. */
async function submissionViolations(
  { engine, access }: Services,
  principal: Principal,
  params: Submission,
): Promise<readonly (Violation | AccessViolation)[]> {
  const isFree = params.reidentify === true || access.isLimited(principal);
  return [
    ...access.violations(principal, params.tasks),
    ...(await engine.validate(submissionOf(params), { reidentify: isFree })),
  ];
}

/** Checks of submitted trees whose form is wrong elsewhere. */
export function submissionChecks(services: Services): Checks {
  const check: Check = async (params, { principal }) => {
    const submission = params as Submission | { readonly tasks?: undefined };
    return submission.tasks === undefined ? [] : submissionViolations(services, principal, submission);
  };
  return { 'tasks.create': check, 'tasks.execute': check, 'tasks.validate': check };
}

/** Stores a new tree for the caller, or for whom an admin names. `isExecuted`: its run begins at once. */
export async function createTree(
  { engine, access }: Services,
  principal: Principal,
  params: Submission & { readonly isExecuted?: boolean },
): Promise<Answer<TreeId>> {
  const owner = newOwner(principal, params.userId);
  if (!owner.ok) return owner;
  const refusal = refuseAccess(access.violations(principal, params.tasks));
  if (refusal !== undefined) return refusal;
  return engine.create(submissionOf(params), {
    userId: owner.value,
    actor: actorOf(principal),
    idempotencyKey: params.idempotencyKey,
    isExecuted: params.isExecuted === true,
    // Ids are unique in the store: an id that is refused because it is taken would tell of a tree of somebody else.
    reidentify: params.reidentify === true || access.isLimited(principal),
  });
}

function submissionOf({ tasks, inputs, variables, declares, policies, baseDir }: Submission): TreeSubmission {
  return { tasks, inputs, variables, declares, policies, baseDir };
}

type WireCopyOptions = Omit<ParsedParams<'tasks.copy'>, 'taskId' | 'save' | 'userId'>;

/** Ids are plain strings on the wire and branded behind it. */
export function copyOptionsOf({ taskIds, ...rest }: WireCopyOptions): Parameters<Engine['previewCopy']>[1] {
  return taskIds === undefined ? rest : { ...rest, taskIds: taskIds as TaskId[] };
}
