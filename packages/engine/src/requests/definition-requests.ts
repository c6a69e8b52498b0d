/** Requests about definitions: validate, create, copy, update, delete, and the check of a selection. */
import {
  applyUpdate,
  copyTree,
  create,
  findMissingDependents,
  refuse,
  toSubmission,
  type CopyOptions,
  type Outcome,
  type RunState,
  type TaskDefinition,
  type TaskId,
  type TreeDefinition,
  type TreeId,
  type TreeSubmission,
} from '@coppice/core';
import { resolve } from 'node:path';
import type { ChangeOptions, CreateOptions, Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { unlessQuarantined } from '../quarantine.ts';
import { decideDurably } from './decide-durably.ts';
import { deleteTree } from './delete-tree.ts';
import { detachValue } from './detach-submission.ts';
import { notFound } from './run-requests.ts';
import { validationFacts } from '../validation-facts.ts';
import { checkSubmission, violationsOf } from './validation.ts';

const MAX_TREE_TASKS = 1_000_000;

type DefinitionRequests = Pick<
  Engine,
  'validate' | 'create' | 'copy' | 'previewCopy' | 'checkSelection' | 'update' | 'delete'
>;

export function createDefinitionRequests(parts: EngineParts): DefinitionRequests {
  return {
    async validate(submission, options) {
      const checked = await check(parts, submission, { userId: '', ...options });
      return checked.ok ? [] : violationsOf(checked.rejection);
    },
    create: (submission, options) => createTree(parts, submission, options),
    async copy(taskId, options) {
      const { actor: _, ...copyOptions } = options;
      const copied = await copyOf(parts, taskId, copyOptions);
      if (!copied.ok) return copied;
      return storeTree(parts, copied.value, options);
    },
    async previewCopy(taskId, options) {
      const copied = await copyOf(parts, taskId, options);
      return copied.ok ? { ok: true, value: toSubmission(copied.value) } : copied;
    },
    async checkSelection(rootId, taskIds) {
      const found = await inTreeOf(parts, rootId, (run) => checkSelection(run, taskIds));
      return found ?? notFound(rootId);
    },
    update: (taskId, patch, options) => updateTask(parts, taskId, { patch, actor: options?.actor }),
    delete: (taskId, options) => deleteTask(parts, taskId, options ?? {}),
  };
}

/** Calls `use` with the run that a task belongs to. */
async function inTreeOf<T>(
  parts: EngineParts,
  taskId: TaskId,
  use: (run: RunState) => Outcome<T>,
): Promise<Outcome<T> | undefined> {
  const treeId = await parts.loader.findTreeOf(taskId);
  if (treeId === undefined) return undefined;
  return unlessQuarantined(() => parts.loader.withRun(treeId, (loadedRun) => use(loadedRun.state)));
}

function check(
  parts: EngineParts,
  submission: TreeSubmission,
  options: CreateOptions,
): Promise<Outcome<TreeDefinition>> {
  // The folder is made absolute here, so that relative paths start in the same folder whichever process runs the tree later.
  const baseDir = resolve(parts.baseDir, submission.baseDir ?? '.');
  return checkSubmission(
    { ...submission, baseDir },
    {
      treeId: parts.newId() as TreeId,
      reidentify: options.reidentify,
      isExecuted: options.isExecuted,
      maxTasks: parts.limits.maxTreeTasks ?? MAX_TREE_TASKS,
      facts: validationFacts(parts),
      turn: parts.kernel.turn,
      index: parts.store,
      pendingIds: parts.pendingIds,
    },
  );
}

async function createTree(
  parts: EngineParts,
  submission: TreeSubmission,
  options: CreateOptions,
): Promise<Outcome<TreeId>> {
  const { userId, idempotencyKey } = options;
  if (idempotencyKey === undefined) return checkAndStore(parts, submission, options);
  const key = JSON.stringify([userId, idempotencyKey]);
  const first = (await parts.pendingKeys.get(key)) ?? (await parts.store.findByIdempotencyKey(userId, idempotencyKey));
  if (first !== undefined) return { ok: true, value: first };
  // Another request with the same key may have begun while this one waited for the store.
  if (parts.pendingKeys.has(key)) return createTree(parts, submission, options);
  const creating = checkAndStore(parts, submission, options);
  parts.pendingKeys.set(
    key,
    creating.then(
      (created) => (created.ok ? created.value : undefined),
      () => undefined,
    ),
  );
  try {
    return await creating;
  } finally {
    parts.pendingKeys.delete(key);
  }
}

async function checkAndStore(
  parts: EngineParts,
  submission: TreeSubmission,
  options: CreateOptions,
): Promise<Outcome<TreeId>> {
  const checked = await check(parts, submission, options);
  return checked.ok ? storeTree(parts, checked.value, options) : checked;
}

/** Records a validated definition. The ids stay taken while the commit is under way. */
async function storeTree(
  parts: EngineParts,
  definition: TreeDefinition,
  options: CreateOptions,
): Promise<Outcome<TreeId>> {
  const { kernel, pendingIds } = parts;
  const { treeId } = definition;
  const { userId, idempotencyKey, actor } = options;
  const detached = detachValue({ userId, idempotencyKey }, []);
  if (!detached.ok) return detached;
  const submitted = submittedIds(definition);
  const taken = submitted.find((id) => pendingIds.has(id));
  if (taken !== undefined) return refuse('tree/invalid', `A task with the id "${taken}" is being created already`);
  const { run, event } = create(
    {
      definition,
      userId,
      // The random numbers of a run follow from its id (R-DR-02).
      seed: treeId,
      idempotencyKey,
      actor,
    },
    kernel.context(),
  );
  for (const id of submitted) pendingIds.add(id);
  try {
    const refused = await kernel.commits.committed(kernel.addRun(run, [event]));
    if (refused === undefined) return { ok: true, value: treeId };
    return refuse('tree/invalid', `The tree can not be stored: ${refused.message}`);
  } finally {
    for (const id of submitted) pendingIds.delete(id);
  }
}

/** Ids that another request may submit too: all ids that do not begin with the id of the new tree. */
function submittedIds({ treeId, tasks }: TreeDefinition): readonly TaskId[] {
  const isSubmitted = tasks.some(({ id }) => !id.startsWith(treeId));
  return isSubmitted ? tasks.map(({ id }) => id) : [treeId];
}

async function copyOf(parts: EngineParts, taskId: TaskId, options: CopyOptions): Promise<Outcome<TreeDefinition>> {
  const detached = detachValue(options, []);
  if (!detached.ok) return detached;
  const copied = await inTreeOf(parts, taskId, (run) => {
    const context = { ...validationFacts(parts, run), treeId: parts.newId() as TreeId };
    return copyTree(run, taskId, { options: detached.value, context });
  });
  return copied ?? notFound(taskId);
}

function checkSelection(
  run: RunState,
  taskIds: readonly TaskId[],
): Outcome<readonly { readonly taskId: TaskId; readonly via: TaskId }[]> {
  const unknown = taskIds.filter((id) => !run.byId.has(id));
  if (unknown.length > 0)
    return refuse('task/not-found', `Tree ${run.treeId} has no task ${unknown.join(', ')}`, {
      data: { taskIds: unknown },
    });
  return { ok: true, value: findMissingDependents(definitionsOf(run), taskIds) };
}

function definitionsOf(run: RunState): readonly TaskDefinition[] {
  return run.tasks.filter((task) => !task.deleted).map((task) => task.definition);
}

async function updateTask(
  parts: EngineParts,
  taskId: TaskId,
  { patch: given, actor }: ChangeOptions & { readonly patch: Parameters<Engine['update']>[1] },
): Promise<Outcome<TaskId>> {
  const patch = detachValue(given, ['patch']);
  if (!patch.ok) return patch;
  const treeId = await parts.loader.findTreeOf(taskId);
  if (treeId === undefined) return notFound(taskId);
  const decided = await decideDurably(parts, treeId, (loadedRun): Outcome<TaskId> => {
    const facts = validationFacts(parts, loadedRun.state);
    const definition = applyUpdate(definitionsOf(loadedRun.state), { taskId, patch: patch.value }, facts);
    if (!definition.ok) return definition;
    const decision = parts.kernel.submit(loadedRun, { type: 'update', definition: definition.value, actor });
    return decision.ok ? { ok: true, value: taskId } : decision;
  });
  return decided ?? notFound(taskId);
}

async function deleteTask(
  parts: EngineParts,
  taskId: TaskId,
  { actor, seq }: NonNullable<Parameters<Engine['delete']>[1]>,
): Promise<Outcome<number>> {
  const treeId = await parts.loader.findTreeOf(taskId);
  if (treeId === undefined) return notFound(taskId);
  if (taskId === treeId) return deleteTree(parts, treeId, seq);
  const decided = await decideDurably(parts, treeId, (loadedRun): Outcome<number> => {
    const before = loadedRun.state.byId.size;
    const decision = parts.kernel.submit(loadedRun, { type: 'delete', taskId, actor });
    return decision.ok ? { ok: true, value: before - loadedRun.state.byId.size } : decision;
  });
  return decided ?? notFound(taskId);
}
