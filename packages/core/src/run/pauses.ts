/**
 * What is paused of a run (R-CP-08, R-CP-09): a pause closes the gate of a sub-tree; that of the root closes the whole run.
 *
 * 1. A task is paused while a pause of itself or of a task above it holds. Pauses are independent: each ends by its own resume.
 * 2. Spans of time freeze with it: what a back-off still has to wait, the limit of all attempts, limits of tasks and groups in it, the budget
 *    of a run that is paused as a whole. The resume moves them on by exactly the time in which the task was paused. A time that a definition names stays what it is.
 * 3. The pauses that hold a task begin with the earliest of them. So when one ends, what was paused by it alone is the time from its
 *    begin to that of the others, or to now; nothing has to be kept per task.
 */
import type { EventOf } from './event.ts';
import { isExecuting } from './executing.ts';
import { moveDeadlines } from './deadlines.ts';
import type { Pause, Pauses, RunState, TaskState, Waiting } from './state.ts';
import { subTree } from './tree-walk.ts';

/** Pauses of one run that may hold at once. */
export const PAUSES_MAX = 1_000;

/** True when the end of what a task waits for is a span of time after its begin, which freezes. A time that a definition names does not. */
export function isSpan(waiting: Waiting): boolean {
  return waiting.for === 'wait' ? waiting.isSpan : waiting.for !== 'delay';
}

/** The nearest pause that holds a task; undefined: it is not paused. */
export function findPause({ pauses }: RunState, task: TaskState): Pause | undefined {
  if (pauses === undefined) return undefined;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.parent) {
    const pause = pauses.get(at.id);
    if (pause !== undefined) return pause;
  }
  return undefined;
}

/** True while the run is paused as a whole. */
export function isRunPaused(run: RunState): boolean {
  return run.pauses?.has(run.root.id) === true;
}

/** When the budget of the run would end, were it resumed now; Infinity: never. */
export function budgetEndMs({ deadlineAtMs = Infinity, pauses, root }: RunState, nowMs: number): number {
  return deadlineAtMs + nowMs - (pauses?.get(root.id)?.sinceMs ?? nowMs);
}

/** When the time limit of a task would end, were the task resumed now. */
export function endIfResumedMs(
  { pauses }: RunState,
  { of, sinceMs, untilMs }: { readonly of: TaskState; readonly sinceMs: number; readonly untilMs: number },
  nowMs: number,
): number {
  const pausedSinceMs = pauses === undefined ? undefined : earliest(pauses, of);
  return pausedSinceMs === undefined ? untilMs : untilMs + nowMs - Math.max(pausedSinceMs, sinceMs);
}

export function evolvePause(
  run: RunState,
  top: TaskState,
  event: EventOf<'TaskPausing' | 'TaskPaused' | 'TaskResumed'>,
): void {
  switch (event.type) {
    case 'TaskPausing':
      beginPause(run, top, event);
      return;
    case 'TaskPaused':
      reachPause(run, top);
      return;
    case 'TaskResumed':
      endPause(run, top, event.atMs);
      return;
  }
  event satisfies never;
}

/** A pause begins; that of a task which is paused already gets another time for its attempts. */
function beginPause(run: RunState, top: TaskState, { atMs, actor, data }: EventOf<'TaskPausing'>): void {
  const former = run.pauses?.get(top.id);
  const executing = former?.executing ?? (top === run.root ? run.executing : subTree(top).filter(isExecuting).length);
  (run.pauses ??= new Map()).set(top.id, {
    taskId: top.id,
    sinceMs: former?.sinceMs ?? atMs,
    by: former === undefined ? actor : former.by,
    reason: former?.reason ?? data.reason,
    drainUntilMs: data.drainUntilMs,
    executing,
    isReached: false,
  });
  if (top === run.root) run.status = 'pausing';
}

/** The last attempt of a pause has ended. */
function reachPause(run: RunState, top: TaskState): void {
  const pause = run.pauses?.get(top.id);
  if (pause !== undefined) run.pauses?.set(top.id, { ...pause, isReached: true });
  if (top === run.root) run.status = 'paused';
}

/** An attempt has ended. */
export function countAttemptOff({ pauses }: RunState, task: TaskState): void {
  if (pauses === undefined) return;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.parent) {
    const pause = pauses.get(at.id);
    if (pause !== undefined) pauses.set(at.id, { ...pause, executing: pause.executing - 1 });
  }
}

/** A pause ends, and moves on what it has frozen. */
function endPause(run: RunState, top: TaskState, atMs: number): void {
  const pauses = run.pauses as Pauses;
  const { sinceMs } = pauses.get(top.id) as Pause;
  pauses.delete(top.id);
  for (const task of subTree(top)) {
    const began = task.waiting?.sinceMs ?? (task.status === 'ready' ? task.readyAtMs : undefined);
    if (began === undefined && run.deadlines === undefined) continue;
    const untilMs = earliest(pauses, task) ?? atMs;
    const pausedSince = (beganMs: number): number => untilMs - Math.max(sinceMs, beganMs);
    if (began !== undefined && pausedSince(began) > 0) moveOn(task, pausedSince(began));
    moveDeadlines(run, task, pausedSince);
  }
  if (pauses.size === 0) run.pauses = undefined;
  if (top !== run.root) return;
  run.status = 'running';
  if (run.deadlineAtMs !== undefined) run.deadlineAtMs += atMs - sinceMs;
}

/** Begin of what holds a task. */
function earliest(pauses: Pauses, task: TaskState): number | undefined {
  let sinceMs: number | undefined;
  for (let at: TaskState | undefined = pauses.size === 0 ? undefined : task; at !== undefined; at = at.parent) {
    const pause = pauses.get(at.id);
    if (pause !== undefined && pause.sinceMs < (sinceMs ?? Infinity)) sinceMs = pause.sinceMs;
  }
  return sinceMs;
}

function moveOn(task: TaskState, byMs: number): void {
  const { waiting } = task;
  if (waiting !== undefined) task.waiting = movedOn(waiting, byMs);
  if (task.firstStartedAtMs !== undefined) task.firstStartedAtMs += byMs;
}

function movedOn(waiting: Waiting, byMs: number): Waiting {
  if (waiting.for !== 'wait') return isSpan(waiting) ? { ...waiting, untilMs: waiting.untilMs + byMs } : waiting;
  const { untilMs, remindAtMs } = waiting;
  return {
    ...waiting,
    untilMs: untilMs === undefined || !waiting.isSpan ? untilMs : untilMs + byMs,
    remindAtMs: remindAtMs === undefined ? undefined : remindAtMs + byMs,
  };
}
