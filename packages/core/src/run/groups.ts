/** How groups open and close, and what becomes of one that can not open (rules 1, 7). */
import type { JsonObject, TaskError } from '@coppice/extension';
import { makesOutput } from '../task/group-output.ts';
import type { Multiplier } from '../task/task.ts';
import type { CompletedOutcome } from './command.ts';
import { cancellationOf, cancelledBelow, findCancelled } from './cancelled.ts';
import { compensationOf, compensationText } from './compensation-result.ts';
import type { Draft } from './draft.ts';
import { totalDeadline } from './deadlines.ts';
import { activate, end, isStartable } from './end.ts';
import type { EventData, SkipReason } from './event.ts';
import { failuresOf } from './failures.ts';
import { isExpanded } from './expanded.ts';
import { GroupFault } from './group-fault.ts';
import { copiesOf, nextCopy } from './multiply.ts';
import { emitOpened } from './open.ts';
import { resolveGroupInputs, resolveGroupOutput } from './resolve-group.ts';
import type { Cancellation, Scope, TaskState } from './state.ts';
import { subTree, subTreeUpwards } from './tree-walk.ts';
import { unresolved } from './unresolved.ts';
import { leftWrites, writesOf } from './writes.ts';

/** Opens a group. Its activation rule holds, and its `notBefore` has passed. */
export function open(draft: Draft, task: TaskState): void {
  const scope = task.group as Scope;
  let opening: EventData['TaskOpened'];
  try {
    opening = openingOf(draft, task);
  } catch (error) {
    return failUnopened(draft, task, faultOf(task, error));
  }
  const { ready } = activate(draft, scope.members.filter(isStartable), ({ definition }) => definition.finally !== true);
  const deadline = totalDeadline(draft.run, task, draft.atMs);
  emitOpened(draft, task, { ...opening, ...deadline, ...(ready === undefined ? {} : { ready }) });
  if (scope.open === 0) closeGroup(draft, task, scope);
}

/** The inputs that a group opens with, and the members that it makes. */
function openingOf(draft: Draft, task: TaskState): EventData['TaskOpened'] {
  const { multiplier, left } = task.definition;
  const before = left === undefined ? {} : { left };
  if (multiplier !== undefined) {
    const isMade = task.group?.members.length !== 0;
    return isMade ? before : { added: copiesOf(draft, task, multiplier) };
  }
  const inputs = isExpanded(task) ? undefined : resolveGroupInputs(draft, task);
  if (inputs === undefined) return before;
  const input = inputs.value as JsonObject;
  return { ...before, input, ...(inputs.references.length === 0 ? {} : { secrets: inputs.references }) };
}

function faultOf(task: TaskState, error: unknown): TaskError {
  if (error instanceof GroupFault) return error.fault;
  const [what, code] =
    task.definition.multiplier === undefined
      ? ['inputs', 'inputs/unresolved']
      : ['multiplier', 'multiplier/unresolved'];
  return unresolved(task, { what, code, error });
}

/** Fails a task that never started; of a group the members are skipped. */
export function failUnopened(draft: Draft, task: TaskState, error: TaskError): void {
  giveUpBelow(draft, task, 'failed before it began');
  end(draft, task, { status: 'failed', error });
}

export function giveUpBelow(draft: Draft, task: TaskState, what: string): void {
  for (const member of unstartedBelow(task)) giveUp(draft, member, within(task, what));
}

/** Skips all members of a group that is not wanted. `mustRun` does not count in it. */
export function skipBelow(draft: Draft, task: TaskState): void {
  for (const member of unstartedBelow(task))
    end(draft, member, { status: 'skipped', reason: within(task, 'was skipped') });
}

function unstartedBelow(task: TaskState): readonly TaskState[] {
  if (task.group === undefined) return [];
  return subTreeUpwards(task).filter((member) => member !== task && isStartable(member));
}

function within({ id, definition }: TaskState, what: string): SkipReason {
  return { code: 'scope', message: `The group ${definition.name} ${what}`, tasks: [id] };
}

/** Skips a task. A task that must run fails instead, and so does a group with such a member. */
export function giveUp(draft: Draft, task: TaskState, reason: SkipReason): void {
  const { definition, group } = task;
  if (definition.mustRun === true) end(draft, task, { status: 'failed', error: notRun(task, reason) });
  else if (group === undefined || group.unhandled === 0) end(draft, task, { status: 'skipped', reason });
  else end(draft, task, { status: 'failed', error: groupFailure(task, failedIn(draft, task, group)) });
}

function notRun({ definition }: TaskState, { message, tasks }: SkipReason): TaskError {
  return {
    code: 'dependencies/unmet',
    message: `${definition.name} must run. ${message}. Mend the cause and retry from failure, or take mustRun away`,
    retryable: false,
    data: { tasks: tasks.slice(0, 100) },
  };
}

/**
 * The members with a failure that no task handles. The root closes last, so only the root sees a task that should have handled a failure
 * and never ran.
 */
function failedIn({ run }: Draft, group: TaskState, scope: Scope): readonly TaskState[] {
  if (scope.unhandled > 0)
    return scope.members.filter((member) => member.selected && member.status === 'failed' && !member.handled);
  return group === run.root ? failuresOf(run).unhandled : [];
}

/** Ends a group whose members have all ended. */
export function closeGroup(draft: Draft, group: TaskState, scope: Scope): void {
  const noted = cancellationOf(scope);
  if (noted !== undefined) return cancelAfterCleanUp(draft, group, noted);
  if (scope.closing?.failed !== undefined)
    return end(draft, group, { status: 'failed', error: withCompensation(scope.closing.failed, group) });
  const failed = failedIn(draft, group, scope);
  if (failed.length === 0) {
    const cancelled = findCancelled(draft.run, scope);
    if (cancelled === undefined) complete(draft, group);
    else end(draft, group, { status: 'cancelled', reason: { code: 'scope', message: cancelledBelow(cancelled) } });
    return;
  }
  end(draft, group, { status: 'failed', error: groupFailure(group, failed) });
}

/** By whom it is cancelled was noted when that was wanted. */
function cancelAfterCleanUp(draft: Draft, group: TaskState, { code, message, by }: Cancellation): void {
  draft.actor = by;
  end(draft, group, { status: 'cancelled', reason: { code, message } });
  draft.actor = undefined;
}

/** Completes a group; its output is what its template says. */
function complete(draft: Draft, group: TaskState): void {
  const { multiplier } = group.definition;
  if (multiplier?.repeat !== undefined) return goOn(draft, group, multiplier);
  if (isExpanded(group)) return completeWith(draft, group, returnedBy(group));
  if (!makesOutput(group.definition) || isPart(draft, group)) return completeWith(draft, group, { output: null });
  try {
    const { value, references } = resolveGroupOutput(draft, group);
    const secrets = references.length === 0 ? undefined : references;
    completeWith(draft, group, { output: value, secrets });
  } catch (error) {
    const fault = unresolved(group, { what: 'output', code: 'output/unresolved', error });
    end(draft, group, { status: 'failed', error: fault });
  }
}

/** A run of a part of the tree leaves members out: nobody waits for the group, and its output is made of all of them. */
function isPart({ run }: Draft, group: TaskState): boolean {
  return run.selectedCount < run.byId.size && subTree(group).some(({ selected, deleted }) => !selected && !deleted);
}

/** What the executor returned that added the members. */
function returnedBy({ output, port, outputSecrets, cut }: TaskState): CompletedOutcome {
  return { output, port, secrets: outputSecrets, cut };
}

/** Adds the next copy of a repetition, or ends it. */
function goOn(draft: Draft, group: TaskState, multiplier: Multiplier): void {
  let opening: EventData['TaskOpened'] | undefined;
  try {
    const added = nextCopy(draft, group, multiplier);
    opening = added === undefined ? undefined : { added, ...leavingOf(draft, group) };
  } catch (error) {
    return end(draft, group, { status: 'failed', error: faultOf(group, error) });
  }
  if (opening === undefined) return completeWith(draft, group, { output: null });
  emitOpened(draft, group, opening);
}

/** The oldest copies, which leave, and what is still needed of them. */
function leavingOf(draft: Draft, group: TaskState): Pick<EventData['TaskOpened'], 'removed' | 'left'> {
  const { members } = group.group as Scope;
  if (members.length < 2 * COPIES_KEPT) return {};
  const leaving = members.slice(0, -COPIES_KEPT).flatMap(subTree);
  const left = leftWrites(draft, group, leaving);
  return { removed: leaving.map(({ id }) => id), ...(left === undefined ? {} : { left }) };
}

/** Copies of a repetition that stay in the state at least; at most twice as many. Of all others the log knows. */
export const COPIES_KEPT = 100;

/** Completes a group with its output, and with what it writes to variables. */
function completeWith(draft: Draft, group: TaskState, outcome: CompletedOutcome): void {
  const writes = writesOf(draft, group, outcome);
  if (writes === undefined) end(draft, group, { status: 'completed', ...outcome });
  else if ('fault' in writes) end(draft, group, { status: 'failed', error: writes.fault });
  else end(draft, group, { status: 'completed', ...outcome, patch: writes.patch });
}

function groupFailure(group: TaskState, failed: readonly TaskState[]): TaskError {
  const names = failed.slice(0, 3).map((member) => member.definition.name);
  const more = failed.length > 3 ? ` and ${failed.length - 3} more` : '';
  const error: TaskError = {
    code: 'group/failed',
    message: `${names.join(', ')}${more} failed in group ${group.definition.name}`,
    retryable: false,
    data: { failed: failed.slice(0, 100).map((member) => member.id) },
  };
  return withCompensation(error, group);
}

/** What a group fails with, and how its compensation has ended if it had one. */
function withCompensation(error: TaskError, group: TaskState): TaskError {
  const { closing, members } = group.group as Scope;
  const undone = closing?.isCompensating === true ? compensationOf(members) : undefined;
  if (undone === undefined) return error;
  const { result, failures } = undone;
  return {
    ...error,
    message: `${error.message}${compensationText(undone)}`,
    data: {
      ...(error.data as JsonObject | undefined),
      compensation: result,
      compensationFailures: failures.map(({ taskId }) => taskId),
    },
  };
}
