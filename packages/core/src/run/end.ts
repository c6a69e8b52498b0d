/**
 * How a task ends: its terminal event with what follows from it for the tasks that depend on it (rules 1, 2, 3), looked up one step ahead.
 */
import type { TaskError, TaskId } from '@coppice/extension';
import { dealsWithFailure } from '../task/failure-edge.ts';
import { isWait } from '../task/wait.ts';
import type { CompletedOutcome } from './command.ts';
import type { Ending } from './conditions.ts';
import { activation, activationWith, isScopeOpen, whyDead } from './edges.ts';
import { comesLast } from './comes-last.ts';
import { hasQueueLimit } from './deadlines.ts';
import { isUnresolved } from './demands.ts';
import { emit, follow, partialOutputOf, type Draft } from './draft.ts';
import type { CancelReason, Consequences, DeadEdge, EventData, HandReason, SkipReason } from './event.ts';
import { isRace } from './race.ts';
import { isExecuting } from './executing.ts';
import { firesFirstOnly, routeFirst } from './route-first.ts';
import { deadData } from './settled.ts';
import type { Edge, TaskState } from './state.ts';

/** Ends a task: emits its last event with all consequences, and queues what follows from it. */
export function end(draft: Draft, task: TaskState, ending: End): void {
  const taskId = task.id;
  const attempt = isExecuting(task) ? task.attempt : undefined;
  const found = consequencesOf(draft, task, ending);
  switch (ending.status) {
    case 'completed':
      emit(draft, 'TaskCompleted', { taskId, attempt, data: withConsequences(completedData(ending), found) });
      break;
    case 'failed': {
      const handled = !found.isFatal && (found.isDealtWith || task.definition.allowFailure);
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
  | ({ readonly status: 'completed'; readonly reason?: HandReason | undefined } & CompletedOutcome)
  | { readonly status: 'failed'; readonly error: TaskError }
  | { readonly status: 'skipped'; readonly reason: SkipReason }
  | { readonly status: 'cancelled'; readonly reason: CancelReason };

function completedData({
  output,
  port,
  secrets,
  cut,
  signal,
  patch,
  reason,
}: Extract<End, { readonly status: 'completed' }>): EventData['TaskCompleted'] {
  const data: Pick<CompletedOutcome, 'output'> & {
    -readonly [Field in 'port' | 'secrets' | 'cut' | 'signal' | 'patch']?: NonNullable<CompletedOutcome[Field]>;
  } & { reason?: HandReason } = { output };
  if (port !== undefined) data.port = port;
  if (secrets !== undefined) data.secrets = secrets;
  if (cut !== undefined && cut.length > 0) data.cut = cut;
  if (signal !== undefined) data.signal = signal;
  if (patch !== undefined) data.patch = patch;
  if (reason !== undefined) data.reason = reason;
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
  /** It ends the run: nothing deals with it. */
  readonly isFatal: boolean;
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
  const isFatal = end.status === 'failed' && end.error.fatal === true && !comesLast(source);
  const route = firesFirstOnly(source) ? routeFirst(source, ending, draft) : undefined;
  const { outgoing } = source;
  for (let at = 0; at < outgoing.length; at++) {
    const { target } = outgoing[at] as Edge;
    let settling = 0;
    let firing = 0;
    let isFaulty = false;
    for (let edge = outgoing[at]; edge !== undefined; edge = edge.next) {
      settling++;
      const because = route === undefined ? whyDead(edge, ending, draft) : route.get(edge);
      if (because === undefined) {
        firing++;
        if (ending.status === 'failed' && target.selected && dealsWithFailure(edge.dependency)) isDealtWith = true;
      } else {
        (dead ??= []).push(deadData(edge, because, draft));
        if (draft.judged?.get(edge) !== undefined) isFaulty = true;
      }
    }
    if (!isStartable(target)) continue;
    if (firing > 0 && target.fired === 0 && isRace(target)) follow(draft, { do: 'race', task: target });
    const next = activationWith(target, target.unsettled - settling, target.fired + firing);
    if (isFaulty || next === 'skip') follow(draft, { do: 'skip', task: target });
    else if (next === 'ready' && isScopeOpen(target) && activates(draft, target)) (ready ??= []).push(target.id);
  }
  return { ready, dead, isDealtWith, isFatal };
}

/** How the task ended, as its outgoing edges see it. */
function endingOf(end: End): Ending {
  const { status } = end;
  if (status === 'completed') return { status, output: end.output, cut: end.cut, port: end.port, error: undefined };
  return { status, output: null, cut: undefined, port: undefined, error: status === 'failed' ? end.error : undefined };
}

/** True for a task that the run executes and that has not begun. */
export function isStartable(task: TaskState): boolean {
  return task.status === 'pending' && task.selected;
}

/** True when the event that is being made makes the task ready. A group, a wait, a delayed task, one with expressions to evaluate first or with a limit of its wait for a start is queued instead. */
export function activates(draft: Draft, task: TaskState): boolean {
  if (task.definition.when === undefined && !isUnresolved(task) && !hasQueueLimit(draft.run, task))
    return mayGo(draft, task);
  follow(draft, { do: 'when', task });
  return false;
}

/** The same for a task whose `when`, if it has one, is true. */
export function mayGo(draft: Draft, task: TaskState): boolean {
  if ((task.definition.notBeforeMs ?? 0) > draft.atMs) follow(draft, { do: 'delay', task });
  else if (task.group !== undefined) follow(draft, { do: 'open', task });
  else if (isWait(task.definition)) follow(draft, { do: 'wait', task });
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
    if (task.winner !== undefined && isRace(task)) follow(draft, { do: 'race', task });
    const next = activation(task);
    if (next === 'skip') follow(draft, { do: 'skip', task });
    else if (next === 'ready' && isOpen(task) && activates(draft, task)) ready.push(task.id);
  }
  return ready.length === 0 ? {} : { ready };
}
