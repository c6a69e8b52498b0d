/**
 * A decision that is being made. Each emitted event is folded into the state at once, so that the next step of a cascade reads the new
 * state. After `decide` the state equals the fold of the former state with the returned events.
 */
import type { Json, TaskError, TaskId } from '@coppice/extension';
import type { RefusedOutcome } from '../errors/rejection.ts';
import { noExpressionUse } from '../ports/expressions.ts';
import type { Actor } from './actor.ts';
import type { DecideContext } from './command.ts';
import type { ConditionContext } from './conditions.ts';
import { evolve } from './evolve.ts';
import { isExecuting } from './executing.ts';
import type { CancelReason, EventData, EventType, RunEvent } from './event.ts';
import type { RunState, TaskState } from './state.ts';

/** What is still to be done in a cascade. */
export type Work =
  | { readonly do: 'skip'; readonly task: TaskState }
  | { readonly do: 'open'; readonly task: TaskState }
  | { readonly do: 'delay'; readonly task: TaskState }
  /** Its dependencies are met: its `when` decides, the names of its locks and rates are worked out, and its wait for a start begins. */
  | { readonly do: 'when'; readonly task: TaskState }
  /** The first of its edges has fired: the others are cancelled. */
  | { readonly do: 'race'; readonly task: TaskState }
  | { readonly do: 'wait'; readonly task: TaskState }
  /** A group: its clean-up begins if nothing else of it is open. */
  | { readonly do: 'closing'; readonly task: TaskState }
  | { readonly do: 'ended'; readonly task: TaskState };

/** A refusal of a command; undefined: accepted. */
export type Refusal = RefusedOutcome | undefined;

export interface Draft extends ConditionContext {
  readonly run: RunState;
  /** Time of all events of the decision: never before the last event. */
  readonly atMs: number;
  events: RunEvent[];
  work: Work[];
  /** Who sent the command, while the events are emitted that the command itself asks for; undefined for all that follows from them. */
  actor: Actor | undefined;
  /** How the run ends, when that does not follow from the outcomes of its tasks. */
  ending:
    { readonly cancelled: CancelReason; readonly by: Actor | undefined } | { readonly failed: TaskError } | undefined;
}

/** The shared empty list. Nobody pushes to it: the first element comes in a new list. */
const NONE: never[] = [];

export function newDraft(run: RunState, context: DecideContext): Draft {
  return {
    run,
    context,
    atMs: Math.max(context.nowMs, run.atMs),
    events: NONE,
    work: NONE,
    actor: undefined,
    ending: undefined,
    use: noExpressionUse(),
    judged: undefined,
    answer: undefined,
  };
}

/** The data of an event, with the task and the attempt that the event belongs to. */
export interface Fact<T extends EventType> {
  readonly taskId?: TaskId | undefined;
  readonly attempt?: number | undefined;
  readonly data: EventData[T];
}

/** Adds an event and folds it in. */
export function emit<T extends EventType>(draft: Draft, type: T, { taskId, attempt, data }: Fact<T>): void {
  const event = { type, seq: draft.run.seq + 1, atMs: draft.atMs, taskId, attempt, data } as unknown as RunEvent;
  if (draft.actor !== undefined) (event as { actor?: Actor }).actor = draft.actor;
  // Most decisions are one event. A pushed-to list would reserve room for 16 more.
  if (draft.events.length === 0) draft.events = [event];
  else draft.events.push(event);
  evolve(draft.run, event);
}

/** The output that a running attempt has produced so far. */
export function partialOutputOf({ run, context }: Draft, task: TaskState): Json | undefined {
  return isExecuting(task) ? context.partialOutput?.(run.treeId, task.id) : undefined;
}

/** Queues a consequence of what was just decided. */
export function follow(draft: Draft, work: Work): void {
  if (draft.work.length === 0) draft.work = [work];
  else draft.work.push(work);
}
