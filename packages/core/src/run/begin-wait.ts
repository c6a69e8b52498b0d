/** The beginning of a wait: what it says is resolved and stored; a signal that came early ends it at once. */
import { parseDuration, type Json, type JsonObject } from '@coppice/extension';
import { APPROVAL_SIGNAL } from '../task/wait.ts';
import { INSTANT_MS_MAX, isDurationMs } from '../task/time-limits.ts';
import { parseTime } from '../validate/iso-time.ts';
import { emit, type Draft } from './draft.ts';
import { end } from './end.ts';
import { endWait } from './end-wait.ts';
import type { EventData } from './event.ts';
import { findPause } from './pauses.ts';
import { resolveWait } from './resolve-input.ts';
import { unresolved } from './unresolved.ts';
import type { Signal } from './inbox.ts';
import type { TaskState } from './state.ts';
import { endingAtDueTime, issuesText, mismatches } from './wait-ending.ts';

type WaitData = EventData['WaitStarted'];

export function beginWait(draft: Draft, task: TaskState): void {
  let data: WaitData;
  try {
    data = waitData(draft, task);
  } catch (error) {
    const fault = unresolved(task, { what: 'wait', code: 'wait/unresolved', error });
    end(draft, task, { status: 'failed', error: fault });
    return;
  }
  emit(draft, 'WaitStarted', { taskId: task.id, data });
  const early = data.signal === undefined ? undefined : findEarly(draft, task, data.signal);
  if (early !== undefined) endWait(draft, task, { status: 'completed', output: early.payload, signal: early.seq });
  else if (hasPassed(draft, task, data.dueAtMs)) endWait(draft, task, endingAtDueTime(draft, task));
}

/** No wait ends by time while it is paused. */
function hasPassed({ run, atMs }: Draft, task: TaskState, dueAtMs = Infinity): boolean {
  return dueAtMs <= atMs && findPause(run, task) === undefined;
}

/** The oldest unread signal of the name that the wait takes; those before it that do not match its schema are rejected. */
function findEarly(draft: Draft, task: TaskState, name: string): Signal | undefined {
  for (;;) {
    const signal = draft.run.inbox?.boxes.get(name)?.signals[0];
    if (signal === undefined) return undefined;
    const issues = mismatches(draft, task, signal.payload);
    if (issues.length === 0) return signal;
    const reason = `Its payload is not what ${task.definition.name} waits for: ${issuesText(issues)}`;
    emit(draft, 'SignalRejected', { data: { signal: signal.seq, name, reason, task: task.id } });
  }
}

function waitData(draft: Draft, task: TaskState): WaitData {
  const { value, references: secrets } = resolveWait(draft, task);
  const resolved = value as JsonObject;
  const { approval } = task.definition;
  const { atMs } = draft;
  const input: Record<string, Json> = { ...resolved };
  for (const field of ['title', 'text'] as const)
    if (input[field] !== undefined && typeof input[field] !== 'string') input[field] = JSON.stringify(input[field]);
  for (const field of ['forMs', 'timeoutMs'] as const)
    if (input[field] !== undefined) input[field] = durationOf(field, input[field]);
  const signal = approval === undefined ? (resolved['signal'] as string | undefined) : APPROVAL_SIGNAL;
  if (approval?.approvers !== undefined) checkApprovers(input['approvers'] as readonly Json[]);
  const dueAtMs = dueOf(input, atMs);
  const reminderMs = input['reminderMs'] as number | undefined;
  return {
    input,
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(signal === undefined ? {} : { signal }),
    ...(dueAtMs === undefined ? {} : { dueAtMs }),
    ...(reminderMs === undefined ? {} : { remindAtMs: instant(atMs + reminderMs) }),
  };
}

function dueOf({ forMs, timeoutMs, until, deadline }: JsonObject, atMs: number): number | undefined {
  const durationMs = (forMs ?? timeoutMs) as number | undefined;
  if (durationMs !== undefined) return instant(atMs + durationMs);
  const field = until === undefined ? 'deadline' : 'until';
  const time = until === undefined ? deadline : until;
  if (time === undefined) return undefined;
  const timeMs = typeof time === 'string' ? parseTime(time) : undefined;
  if (timeMs === undefined)
    throw new Error(
      `${field} is ${JSON.stringify(time)}, which is no ISO 8601 time with zone, e.g. 2026-11-20T08:00:00Z`,
    );
  return timeMs;
}

function durationOf(field: string, value: Json): number {
  const ms = typeof value === 'string' ? parseDuration(value) : value;
  if (typeof ms === 'number' && isDurationMs(ms)) return ms;
  const written = field.replace(/Ms$/, '');
  throw new Error(`${written} is ${JSON.stringify(value)}, which is neither a number of ms nor a duration such as 5m`);
}

function checkApprovers(approvers: readonly Json[]): void {
  const at = approvers.findIndex((approver) => typeof approver !== 'string' || approver === '');
  if (at >= 0) throw new Error(`approvers.${at} is ${JSON.stringify(approvers[at])}, which is no id of a user`);
}

function instant(atMs: number): number {
  return Math.min(atMs, INSTANT_MS_MAX);
}
