/**
 * Compensation (R-SG-01 to R-SG-07): when a group fails, what its tasks have done is undone, the last first. The tasks that undo it are
 * members which the group adds when all others have ended; each depends on the end of the one before. The group fails after them.
 *
 * 1. The scope in which the failure began compensates what was done in it. Where the policy says `run`, the root does that for the whole run.
 * 2. A task is compensated once. What a group compensates by itself is not compensated again task by task.
 * 3. A compensation that fails is noted, and the next one goes on.
 */
import type { TaskId } from '@coppice/extension';
import type { Compensation, TaskDefinition } from '../task/task.ts';
import { cancellationOf, findCancelled } from './cancelled.ts';
import type { Draft } from './draft.ts';
import type { CancelReason } from './event.ts';
import { failuresOf, hasFailedItself } from './failures.ts';
import { policyOf } from './inherited-policy.ts';
import { emitOpened } from './open.ts';
import { idempotencyKeyOf } from './resolve-input.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { isBelow } from './undoable.ts';

/** Adds the compensations that a group owes before it ends. Answers false when there are none. All its work must have ended. */
export function compensate(draft: Draft, group: TaskState): boolean {
  const { run } = draft;
  const due = dueFor(run, group);
  if (due.length === 0) return false;
  emitOpened(draft, group, { closing: { compensation: true }, added: compensationsFor(run, group, due) });
  return true;
}

/** The tasks to compensate, the last that completed first. */
function dueFor(run: RunState, group: TaskState): readonly TaskState[] {
  const scope = group.group as Scope;
  const done = run.compensation?.undoable ?? NONE;
  if (done.length === 0 || scope.closing?.isCompensating === true || !isOwed(run, group, scope)) return NONE;
  return undoneBy(done, group);
}

const NONE: readonly TaskState[] = [];

function isOwed(run: RunState, group: TaskState, scope: Scope): boolean {
  const noted = cancellationOf(scope);
  const policy = policyOf(run, group, 'compensation') ?? {};
  if (noted !== undefined) return isFailing(noted.code) || policy.onCancel === true;
  if (scope.closing?.failed !== undefined) return group === run.root || policy.level !== 'run';
  if (scope.unhandled === 0) return policy.onCancel === true && findCancelled(run, scope) !== undefined;
  if (group === run.root && (isOrigin(scope) || isOfRun(run))) return true;
  return isOrigin(scope) && policy.level !== 'run';
}

/** True for a group that is to be cancelled and owes compensations before. */
export function owesOnCancel(run: RunState, group: TaskState, code: CancelReason['code']): boolean {
  const done = run.compensation?.undoable ?? NONE;
  if (done.length === 0 || group.group?.closing?.isCompensating === true) return false;
  const isWanted = isFailing(code) || policyOf(run, group, 'compensation')?.onCancel === true;
  return isWanted && undoneBy(done, group).length > 0;
}

/** True when what is around the cancelled group fails: its time is over, or a task ended the run. */
function isFailing(code: CancelReason['code']): boolean {
  return code === 'runTimeout' || code === 'timeout' || code === 'fatal';
}

/** True for the scope in which a failure began. A group whose time was over is a scope of its own. */
function isOrigin({ members }: Scope): boolean {
  return members.some(
    (task) => task.selected && !task.handled && hasFailedItself(task) && task.group?.closing?.failed === undefined,
  );
}

/** True when a failure began in a scope that leaves the compensation to the run. */
function isOfRun(run: RunState): boolean {
  return failuresOf(run).unhandled.some((task) => {
    const group = task.group?.closing?.failed === undefined ? task.scope.owner : task;
    return group !== undefined && policyOf(run, group, 'compensation')?.level === 'run';
  });
}

function undoneBy(done: readonly TaskState[], group: TaskState): readonly TaskState[] {
  const inside = done.filter((task) => isBelow(task, group));
  const groups = inside.filter((task) => task.group !== undefined);
  return inside.filter((task) => !groups.some((each) => isBelow(task, each))).toReversed();
}

/** The members that undo the tasks, each after the end of the one before. */
function compensationsFor(run: RunState, group: TaskState, tasks: readonly TaskState[]): readonly TaskDefinition[] {
  const { made } = group.group as Scope;
  let before: { readonly id: TaskId; readonly key: string } | undefined;
  return tasks.map((task, index) => {
    const { definition } = task;
    const { executor, inputs = {}, policies = {} } = definition.compensate as Compensation;
    // Declared members may have the id of the group and a number.
    const id = `${group.id}:undo.${made + index}` as TaskId;
    const key = `${definition.key}.compensate`;
    const dependencies =
      before === undefined
        ? []
        : [
            {
              task: before.id,
              ref: before.key,
              required: false,
              on: ['success' as const],
              enabled: true,
              handles: false,
            },
          ];
    before = { id, key };
    return {
      id,
      key,
      name: `Compensation of ${definition.name}`,
      parentId: group.id,
      kind: 'executor' as const,
      executor,
      inputs,
      dependencies,
      join: 'all' as const,
      priority: definition.priority,
      policies: { ...policies, idempotencyKey: `${idempotencyKeyOf(run, task)}/compensate` },
      // The group fails already. What fails here is told with that.
      allowFailure: true,
      capabilities: [],
      tags: [],
      metadata: {},
      compensates: task.id,
    };
  });
}
