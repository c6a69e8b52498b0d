/**
 * What follows from a task's end: its edges settle, dependents become ready or are skipped, groups open and close, failures reach
 * their scope, the run ends (rules 1, 2, 3, 7). One worklist, no recursion; each step is an event.
 */
import type { TaskError, TaskId } from '@coppice/extension';
import { dealsWithFailure } from '../task/failure-edge.ts';
import { isRunTerminal, isTerminal } from '../task/status.ts';
import type { CompletedOutcome } from './command.ts';
import type { Ending } from './conditions.ts';
import { activation, activationWith, isScopeOpen, whyDead } from './edges.ts';
import { emit, follow, partialOutputOf, type Draft, type Work } from './draft.ts';
import type { CancelReason, Consequences, DeadEdge, EventData, SkipReason } from './event.ts';
import { failuresOf } from './failures.ts';
import { cancelledBelow, findCancelled, finishRun } from './finish.ts';
import { deadData } from './settled.ts';
import type { Edge, Scope, TaskState } from './state.ts';
import { subTreeUpwards } from './tree-walk.ts';
import { faultBehind, unmetReason } from './unmet.ts';

/** Ends a task: emits its last event with all consequences, and queues what follows from it. */
export function end(draft: Draft, task: TaskState, ending: End): void {
  const taskId = task.id;
  const attempt = task.group === undefined && task.status === 'running' ? task.attempt : undefined;
  const found = consequencesOf(draft, task, ending);
  switch (ending.status) {
    case 'completed':
      emit(draft, 'TaskCompleted', { taskId, attempt, data: withConsequences(completedData(ending), found) });
      break;
    case 'failed': {
      const handled = found.isDealtWith || task.definition.allowFailure;
      emit(draft, 'TaskFailed', { taskId, attempt, data: withConsequences({ error: ending.error, handled }, found) });
      break;
    }
    case 'skipped':
      emit(draft, 'TaskSkipped', { taskId, attempt, data: withConsequences({ reason: ending.reason }, found) });
      break;
    case 'cancelled':
      emit(draft, 'TaskCancelled', {
        taskId,
        attempt,
        data: withConsequences(cancelledData(draft, task, ending), found),
      });
      break;
  }
  follow(draft, { do: 'ended', task });
}

/** The ways in which a task ends. */
export type End =
  | ({ readonly status: 'completed' } & CompletedOutcome)
  | { readonly status: 'failed'; readonly error: TaskError }
  | { readonly status: 'skipped'; readonly reason: SkipReason }
  | { readonly status: 'cancelled'; readonly reason: CancelReason };

function completedData({ output, port, secrets, cut }: CompletedOutcome): EventData['TaskCompleted'] {
  const data: Pick<CompletedOutcome, 'output'> & {
    -readonly [Field in 'port' | 'secrets' | 'cut']?: NonNullable<CompletedOutcome[Field]>;
  } = { output };
  if (port !== undefined) data.port = port;
  if (secrets !== undefined) data.secrets = secrets;
  if (cut !== undefined && cut.length > 0) data.cut = cut;
  return data;
}

function cancelledData(
  draft: Draft,
  task: TaskState,
  { reason }: Extract<End, { readonly status: 'cancelled' }>,
): EventData['TaskCancelled'] {
  const output = partialOutputOf(draft, task);
  return output === undefined ? { reason } : { reason, output };
}

interface Findings {
  readonly ready: readonly TaskId[] | undefined;
  readonly dead: readonly DeadEdge[] | undefined;
  readonly isDealtWith: boolean;
}

/** Adds the consequences to the data of an event, in place. */
function withConsequences<T extends object>(data: T, { ready, dead }: Findings): T & Consequences {
  const into: T & { ready?: readonly TaskId[]; dead?: readonly DeadEdge[] } = data;
  if (ready !== undefined) into.ready = ready;
  if (dead !== undefined) into.dead = dead;
  return into;
}

/**
 * Looks one step ahead: finds the edges that become dead and the targets that become ready. Targets that are skipped, opened or delayed
 * are queued.
 */
function consequencesOf(draft: Draft, source: TaskState, end: End): Findings {
  let dead: DeadEdge[] | undefined;
  let ready: TaskId[] | undefined;
  let isDealtWith = false;
  const ending = endingOf(end);
  const { outgoing } = source;
  for (let at = 0; at < outgoing.length; at++) {
    const { target } = outgoing[at] as Edge;
    let settling = 0;
    let firing = 0;
    let isFaulty = false;
    for (let edge = outgoing[at]; edge !== undefined; edge = edge.next) {
      settling++;
      const because = whyDead(edge, ending, draft);
      if (because === undefined) {
        firing++;
        if (ending.status === 'failed' && target.selected && dealsWithFailure(edge.dependency)) isDealtWith = true;
      } else {
        (dead ??= []).push(deadData(edge, because, draft));
        if (draft.judged?.get(edge) !== undefined) isFaulty = true;
      }
    }
    if (!isStartable(target)) continue;
    const next = activationWith(target, target.unsettled - settling, target.fired + firing);
    if (isFaulty || next === 'skip') follow(draft, { do: 'skip', task: target });
    else if (next === 'ready' && isScopeOpen(target) && activates(draft, target)) (ready ??= []).push(target.id);
  }
  return { ready, dead, isDealtWith };
}

/** How the task ended, as its outgoing edges see it. */
function endingOf(end: End): Ending {
  const { status } = end;
  if (status === 'completed') return { status, output: end.output, cut: end.cut, port: end.port, error: undefined };
  return { status, output: null, cut: undefined, port: undefined, error: status === 'failed' ? end.error : undefined };
}

function isStartable(task: TaskState): boolean {
  return task.status === 'pending' && task.selected;
}

/** True when the event that is being made makes the task ready. A group or a delayed task is queued instead. */
function activates(draft: Draft, task: TaskState): boolean {
  if ((task.definition.notBeforeMs ?? 0) > draft.atMs) follow(draft, { do: 'delay', task });
  else if (task.group !== undefined) follow(draft, { do: 'open', task });
  else return true;
  return false;
}

/**
 * Returns, as data of an event, the given tasks that become ready now. Tasks that are skipped, opened or delayed are queued. All given
 * tasks must be selected and pending.
 */
export function activate(
  draft: Draft,
  tasks: Iterable<TaskState>,
  isOpen: (task: TaskState) => boolean,
): { ready?: readonly TaskId[] } {
  const ready: TaskId[] = [];
  for (const task of tasks) {
    const next = activation(task);
    if (next === 'skip') follow(draft, { do: 'skip', task });
    else if (next === 'ready' && isOpen(task) && activates(draft, task)) ready.push(task.id);
  }
  return ready.length === 0 ? {} : { ready };
}

/** Works until the queue of consequences is empty. */
export function cascade(draft: Draft): void {
  // The loop goes by index, because removing the first element of an array moves all others.
  for (let at = 0; at < draft.work.length; at++) {
    const work = draft.work[at] as Work;
    const { task } = work;
    if (work.do === 'ended') settleScope(draft, task);
    else if (!isStartable(task) || isRunTerminal(draft.run.status)) continue;
    else if (work.do === 'skip') skip(draft, task);
    else if (work.do === 'open') open(draft, task);
    else emit(draft, 'TaskDelayed', { taskId: task.id, data: { dueAtMs: task.definition.notBeforeMs as number } });
  }
}

/** Ends a task that can not start any more. The task is skipped, or it fails when the evaluation of a condition failed. */
function skip(draft: Draft, task: TaskState): void {
  const fault = faultBehind(task, draft);
  const within: SkipReason = {
    code: 'scope',
    message: `The group ${task.definition.name} ${fault === undefined ? 'was skipped' : 'failed before it began'}`,
    tasks: [task.id],
  };
  for (const member of task.group === undefined ? [] : subTreeUpwards(task)) {
    if (member !== task && isStartable(member)) giveUp(draft, member, within);
  }
  if (fault === undefined) giveUp(draft, task, unmetReason(task, draft));
  else end(draft, task, { status: 'failed', error: fault });
}

/** Skips a task. A task that must run fails instead, and so does a group with such a member. */
function giveUp(draft: Draft, task: TaskState, reason: SkipReason): void {
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

/** Opens a group. Its activation rule holds, and its `notBefore` has passed. */
export function open(draft: Draft, task: TaskState): void {
  const scope = task.group as Scope;
  const members = scope.members.filter(isStartable);
  const ready = activate(draft, members, () => true);
  emit(draft, 'TaskOpened', { taskId: task.id, data: ready });
  if (scope.open === 0) closeGroup(draft, task, scope);
}

/** Handles the end of a member: applies the failure policy of its scope, and ends the scope when it was the last open member. */
function settleScope(draft: Draft, task: TaskState): void {
  const { scope } = task;
  if (task.status === 'failed' && !task.handled && task.selected) applyFailurePolicy(draft, scope, task);
  if (scope.open > 0) return;
  if (scope.owner === undefined) finishRun(draft);
  else if (scope.owner.status === 'running') closeGroup(draft, scope.owner, scope);
}

function applyFailurePolicy(draft: Draft, scope: Scope, failed: TaskState): void {
  const policy = scope.owner?.definition.policies.onFailure ?? draft.run.policies.onFailure ?? 'finishIndependent';
  if (policy !== 'failFast' || scope.open === 0) return;
  const reason: CancelReason = {
    code: 'failFast',
    message: `${failed.definition.name} failed and the scope fails fast`,
  };
  cancelBelow(draft, scope.owner ?? draft.run.root, { reason, sparing: scope.owner });
}

/** Cancels all tasks of a sub-tree that have not ended, members before their groups. The task `sparing` is left as it is. */
export function cancelBelow(
  draft: Draft,
  top: TaskState,
  how: { readonly reason: CancelReason; readonly sparing?: TaskState | undefined },
): void {
  const isActive = draft.run.status !== 'created' && !isRunTerminal(draft.run.status);
  for (const task of subTreeUpwards(top)) {
    if (task === how.sparing || isTerminal(task.status) || (isActive && !task.selected && task !== top)) continue;
    end(draft, task, { status: 'cancelled', reason: how.reason });
  }
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

function closeGroup(draft: Draft, group: TaskState, scope: Scope): void {
  const failed = failedIn(draft, group, scope);
  if (failed.length === 0) {
    const cancelled = findCancelled(draft.run, scope);
    if (cancelled === undefined) end(draft, group, { status: 'completed', output: null });
    else end(draft, group, { status: 'cancelled', reason: { code: 'scope', message: cancelledBelow(cancelled) } });
    return;
  }
  end(draft, group, { status: 'failed', error: groupFailure(group, failed) });
}

function groupFailure(group: TaskState, failed: readonly TaskState[]): TaskError {
  const names = failed.slice(0, 3).map((member) => member.definition.name);
  const more = failed.length > 3 ? ` and ${failed.length - 3} more` : '';
  return {
    code: 'group/failed',
    message: `${names.join(', ')}${more} failed in group ${group.definition.name}`,
    retryable: false,
    data: { failed: failed.slice(0, 100).map((member) => member.id) },
  };
}
