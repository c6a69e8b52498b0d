/** Validates with the rules of the core, the executors of the loaded extensions and the ids of the store. */
import {
  refuse,
  validateInTurns,
  type Outcome,
  type Rejection,
  type TaskId,
  type TreeDefinition,
  type TreeId,
  type TreeIndex,
  type TreeSubmission,
  type ValidationFacts,
  type Violation,
} from '@coppice/core';
import { detachSubmission } from './detach-submission.ts';
import type { Turn } from '../kernel/turn.ts';

/** Most ids of one query. */
const IDS_PER_QUERY = 10_000;

export interface SubmissionCheck {
  readonly treeId: TreeId;
  readonly reidentify?: boolean | undefined;
  readonly isExecuted?: boolean | undefined;
  readonly maxTasks: number;
  readonly facts: ValidationFacts;
  readonly turn: Turn;
  readonly index: TreeIndex;
  /** Ids of trees that are being created and not stored yet. */
  readonly pendingIds: ReadonlySet<TaskId>;
}

/** Answers the definition to store, or all violations. */
export async function checkSubmission(
  submission: TreeSubmission,
  check: SubmissionCheck,
): Promise<Outcome<TreeDefinition>> {
  const { treeId, reidentify, isExecuted, maxTasks, facts, turn, index, pendingIds } = check;
  const detached = detachSubmission(submission);
  if (!detached.ok) return detached;
  const isTurnOver = (): boolean => turn.isOver;
  const validation = validateInTurns(detached.value, {
    ...facts,
    treeId,
    reidentify,
    isExecuted,
    maxTasks,
    isTurnOver,
  });
  let step = validation.next();
  for (; step.done !== true; step = validation.next()) await turn.free();
  const validated = step.value;
  if (!validated.ok || submission.tasks[0]?.id === undefined || reidentify === true) return validated;
  const ids = validated.value.tasks.map((task) => task.id);
  const taken = new Set<TaskId>(ids.filter((id) => pendingIds.has(id)));
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    for (const id of await index.findExisting(ids.slice(at, at + IDS_PER_QUERY))) taken.add(id);
  }
  return taken.size === 0 ? validated : duplicates(ids, taken);
}

function duplicates(ids: readonly TaskId[], taken: ReadonlySet<TaskId>): Outcome<TreeDefinition> {
  const errors: Violation[] = [];
  ids.forEach((id, index) => {
    if (!taken.has(id)) return;
    const reason = `A task with the id "${id}" is stored already; choose another id, or pass reidentify: true to get new ones`;
    errors.push({ code: 'tree/invalid', path: ['tasks', index, 'id'], reason, actual: id });
  });
  return refuse(
    'tree/invalid',
    `${errors.length === 1 ? 'An id is' : `${errors.length} ids are`} taken: ${(errors[0] as Violation).reason}`,
    { errors },
  );
}

/** The violations of a rejection. A rejection without a list is its only violation. */
export function violationsOf(rejection: Rejection): readonly Violation[] {
  return rejection.errors ?? [{ code: rejection.code, path: [], reason: rejection.message }];
}
