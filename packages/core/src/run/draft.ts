/**
 * A decision in the making. Each emitted event is folded in at once, so that the next step of a cascade reads the state it leads to;
 * after `decide`, the state equals the fold of the former state with the returned events.
 */
import type { Json, TaskError, TaskId } from '@coppice/extension';
import type { Refused } from '../errors/rejection.ts';
import { noExpressionUse } from '../ports/expressions.ts';
import type { DecideContext } from './command.ts';
import type { ConditionContext } from './conditions.ts';
import { evolve } from './evolve.ts';
import type { CancelReason, EventData, EventType, RunEvent } from './event.ts';
import type { RunState, TaskState } from './state.ts';

/** What is still to be done in a cascade. */
export type Work =
  | { readonly do: 'skip'; readonly task: TaskState }
  | { readonly do: 'open'; readonly task: TaskState }
  | { readonly do: 'delay'; readonly task: TaskState }
  | { readonly do: 'ended'; readonly task: TaskState };

/** A refusal of a command; undefined: accepted. */
export type Refusal = Refused | undefined;

export interface Draft extends ConditionContext {
  readonly run: RunState;
  /** Time of all events of the decision: never before the last event. */
  readonly atMs: number;
  events: RunEvent[];
  work: Work[];
  /** Set when this decision ends the run otherwise than its tasks' outcomes say. */
  ending: { readonly cancelled: CancelReason } | { readonly failed: TaskError } | undefined;
}

/** Never pushed to: replaced by the first that comes. */
const NONE: never[] = [];

export function newDraft(run: RunState, context: DecideContext): Draft {
  return {
    run,
    context,
    atMs: Math.max(context.nowMs, run.atMs),
    events: NONE,
    work: NONE,
    ending: undefined,
    use: noExpressionUse(),
    judged: undefined,
  };
}

/** What an event says, and which task (and attempt) it belongs to. */
export interface Fact<T extends EventType> {
  readonly taskId?: TaskId | undefined;
  readonly attempt?: number | undefined;
  readonly data: EventData[T];
}

/** Adds an event and folds it in. */
export function emit<T extends EventType>(draft: Draft, type: T, { taskId, attempt, data }: Fact<T>): void {
  const event = { type, seq: draft.run.seq + 1, atMs: draft.atMs, taskId, attempt, data } as unknown as RunEvent;
  // Most decisions are one event, and a list that grows by pushing has room for 16 more.
  if (draft.events.length === 0) draft.events = [event];
  else draft.events.push(event);
  evolve(draft.run, event);
}

/** What a running attempt has produced so far. */
export function partialOutputOf({ run, context }: Draft, task: TaskState): Json | undefined {
  return task.status === 'running' && task.group === undefined
    ? context.partialOutput?.(run.treeId, task.id)
    : undefined;
}

/** Queues what follows from what was just decided. */
export function follow(draft: Draft, work: Work): void {
  if (draft.work.length === 0) draft.work = [work];
  else draft.work.push(work);
}
