/**
 * Times at which limits of single tasks end: of a whole task or group (`total`), and of a wait for a start (`queue`). The events that begin
 * them say when they end, so a replay and another process agree.
 *
 * 1. `total` begins with the first attempt of a task, or with the opening of a group, and goes on through every back-off and wait for a gate.
 *    It is over when the task ends or its fallback takes over.
 * 2. `queue` begins whenever the task becomes ready for an attempt, and is over when that starts.
 * 3. A pause freezes both, and the resume moves their ends on by as long as the task was paused.
 */
import { INSTANT_MS_MAX } from '../task/time-limits.ts';
import type { TaskPolicies } from '../task/task.ts';
import { isLast } from './comes-last.ts';
import { policyOf } from './inherited-policy.ts';
import type { Deadline, Deadlines, RunState, TaskState } from './state.ts';

/** What an event says of a deadline that it begins. */
export interface DeadlineData {
  readonly deadlineAtMs?: number;
}

const NONE: DeadlineData = {};

/** True for a task that must start within a time of becoming ready. Trees without such a policy pay one comparison. */
export function hasQueueLimit(run: RunState, task: TaskState): boolean {
  return run.hasQueueLimits && queueLimitOf(run, task) !== undefined;
}

/** True for definitions of which one limits how long it waits for a start. */
export function limitQueues(definitions: readonly { readonly policies: TaskPolicies }[]): boolean {
  return definitions.some(({ policies }) => policies.queueTimeoutMs !== undefined);
}

export function queueLimitOf(run: RunState, task: TaskState): number | undefined {
  const limitMs = policyOf(run, task, 'queueTimeoutMs');
  return limitMs === 0 ? undefined : limitMs;
}

/** Until when a task that becomes ready now must have started, as data of the event; empty: as late as it likes. */
export function queueDeadline(run: RunState, task: TaskState, nowMs: number): DeadlineData {
  if (!run.hasQueueLimits) return NONE;
  return deadlineAfter(queueLimitOf(run, task), nowMs);
}

/** Until when a task that begins now must have ended, as data of the event; empty: as late as it likes, or the limit has begun before. */
export function totalDeadline(run: RunState, task: TaskState, nowMs: number): DeadlineData {
  const { totalTimeoutMs } = task.definition.policies;
  if (totalTimeoutMs === undefined || run.deadlines?.get(task)?.total !== undefined) return NONE;
  return deadlineAfter(totalTimeoutMs, nowMs);
}

function deadlineAfter(limitMs: number | undefined, nowMs: number): DeadlineData {
  return limitMs === undefined ? NONE : { deadlineAtMs: Math.min(nowMs + limitMs, INSTANT_MS_MAX) };
}

/** A limit begins, if the event says so. */
export function beginDeadline(
  run: RunState,
  task: TaskState,
  {
    kind,
    event: { atMs, data },
  }: { readonly kind: keyof Deadlines; readonly event: { readonly atMs: number; readonly data: DeadlineData } },
): void {
  if (data.deadlineAtMs === undefined) return;
  const former = run.deadlines?.get(task);
  (run.deadlines ??= new Map()).set(task, { ...former, [kind]: { sinceMs: atMs, untilMs: data.deadlineAtMs } });
}

/** Limits of a task are over; `kind` absent: all of them. */
export function endDeadline(run: RunState, task: TaskState, kind?: keyof Deadlines): void {
  const former = run.deadlines?.get(task);
  if (run.deadlines === undefined || former === undefined) return;
  const { [kind ?? 'total']: _over, ...left } = former;
  if (kind === undefined || Object.keys(left).length === 0) run.deadlines.delete(task);
  else run.deadlines.set(task, left);
  if (run.deadlines.size === 0) run.deadlines = undefined;
}

/** Moves the ends of a task's limits on; `pausedSince`: how long the task was paused since a moment, ms. */
export function moveDeadlines(run: RunState, task: TaskState, pausedSince: (beganMs: number) => number): void {
  const former = run.deadlines?.get(task);
  if (run.deadlines === undefined || former === undefined) return;
  const moved: { -readonly [Kind in keyof Deadlines]: Deadlines[Kind] } = {};
  for (const kind of ['total', 'queue'] as const) {
    const deadline = former[kind];
    if (deadline === undefined) continue;
    const byMs = Math.max(pausedSince(deadline.sinceMs), 0);
    moved[kind] = { ...deadline, untilMs: deadline.untilMs + byMs };
  }
  run.deadlines.set(task, moved);
}

/** The limit of a task that is over first; undefined: it has none. */
export function nextDeadline(
  { deadlines }: RunState,
  task: TaskState,
): (Deadline & { readonly kind: keyof Deadlines }) | undefined {
  const of = deadlines?.get(task);
  if (of === undefined) return undefined;
  const { total, queue } = of;
  if (total === undefined) return queue === undefined ? undefined : { ...queue, kind: 'queue' };
  return queue === undefined || total.untilMs <= queue.untilMs
    ? { ...total, kind: 'total' }
    : { ...queue, kind: 'queue' };
}

/** The first end of a limit that holds for a whole task: its own, or that of a group around it. What comes last in a group outlives the group's. */
export function tightestDeadline(
  { deadlines }: RunState,
  task: TaskState,
): (Deadline & { readonly of: TaskState }) | undefined {
  if (deadlines === undefined) return undefined;
  let first: (Deadline & { readonly of: TaskState }) | undefined;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.parent) {
    const total = deadlines.get(at)?.total;
    if (total !== undefined && total.untilMs < (first?.untilMs ?? Infinity)) first = { ...total, of: at };
    if (isLast(at)) break;
  }
  return first;
}
