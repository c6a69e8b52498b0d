/** What is paused in the view of a run: the fold of pauses and resumes, as the server folds them. */
import type { Actor, EventOf } from '@coppice/protocol';
import type { RunView, TaskView } from './run-view.ts';

/** A pause of a task with its sub-tree; that of the root is one of the run. */
export interface PauseView {
  /** Epoch ms. */
  readonly sinceMs: number;
  readonly reason: string | undefined;
  /** Undefined: the event does not say. */
  readonly by: Actor | undefined;
  /** None of its attempts runs any more. */
  readonly isReached: boolean;
}

/** The task itself, or the nearest above it, that is paused; undefined: nothing holds the task. */
export function findPaused(task: TaskView): TaskView | undefined {
  let at: TaskView | undefined = task;
  while (at !== undefined && at.pause === undefined) at = at.parent;
  return at;
}

/** The pause that keeps a task still which would do something were it not for that; undefined for any other task. */
export function pauseOf(
  task: TaskView,
): { readonly word: 'paused' | 'pausing'; readonly reason: string | undefined } | undefined {
  if (task.status !== 'ready' && task.status !== 'waiting' && task.pause === undefined) return undefined;
  const pause = findPaused(task)?.pause;
  if (pause === undefined) return undefined;
  return { word: task.pause === undefined || pause.isReached ? 'paused' : 'pausing', reason: pause.reason };
}

/** A pause begins, or that of a task which is paused already gets another time for its attempts. */
export function beginPause(view: RunView, top: TaskView, event: EventOf<'TaskPausing'>): void {
  view.paused.add(top);
  top.pause ??= { sinceMs: Date.parse(event.at), reason: event.data.reason, by: event.actor, isReached: false };
  if (top === view.root) view.status = 'pausing';
  markAll(view, top);
}

export function reachPause(view: RunView, top: TaskView): void {
  if (top.pause !== undefined) top.pause = { ...top.pause, isReached: true };
  if (top === view.root) view.status = 'paused';
}

/** A pause ends. What was frozen by it alone is moved on by as long as that was. */
export function endPause(view: RunView, top: TaskView, atMs: number): void {
  const sinceMs = top.pause?.sinceMs ?? atMs;
  top.pause = undefined;
  view.paused.delete(top);
  if (top === view.root) view.status = 'running';
  for (const task of markAll(view, top)) {
    const { waiting } = task;
    // A time that the definition names stays what it is.
    if (waiting?.untilMs === undefined || !waiting.isSpan) continue;
    const pausedMs = (earliest(task) ?? atMs) - Math.max(sinceMs, waiting.sinceMs);
    if (pausedMs > 0) task.waiting = { ...waiting, untilMs: waiting.untilMs + pausedMs };
  }
}

/** The run has ended. */
export function endPauses(view: RunView): void {
  for (const top of view.paused) {
    top.pause = undefined;
    markAll(view, top);
  }
  view.paused.clear();
}

/** Begin of what holds a task still. */
function earliest(task: TaskView): number | undefined {
  let sinceMs: number | undefined;
  for (let at: TaskView | undefined = task; at !== undefined; at = at.parent) {
    if (at.pause !== undefined && at.pause.sinceMs < (sinceMs ?? Infinity)) sinceMs = at.pause.sinceMs;
  }
  return sinceMs;
}

/** All of a sub-tree look different; answers them. */
function markAll(view: RunView, top: TaskView): readonly TaskView[] {
  const found = [top];
  for (let at = 0; at < found.length; at++) {
    const task = found[at] as TaskView;
    view.changed.add(task);
    for (const child of task.children) found.push(child);
  }
  return found;
}
