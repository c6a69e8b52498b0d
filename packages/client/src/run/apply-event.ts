/** Folds the events of a run into its view. One event costs O(depth). */
import type { Actor, EventOf, RunEvent, RunStatus } from '@coppice/protocol';
import { beginPause, endPause, endPauses, reachPause } from './pauses.ts';
import {
  addTasks,
  createRunView,
  grow,
  leaveOut,
  selectOnly,
  selectToo,
  setExpanded,
  setStatus,
  takeOut,
} from './run-view.ts';
import type { Reason, RunView, TaskView } from './run-view.ts';

/** The view after all of these events. */
export function foldEvents(events: Iterable<RunEvent>): RunView {
  const view = createRunView();
  for (const event of events) applyEvent(view, event);
  return view;
}

/**
 * Folds one event in; answers the task it is about, if any.
 * One that the view has seen already changes nothing. Events must not be left out: who receives them compares their `seq`.
 */
export function applyEvent(view: RunView, event: RunEvent): TaskView | undefined {
  const task = 'taskId' in event ? view.tasks.get(event.taskId) : undefined;
  if (event.seq <= view.seq) return task;
  const atMs = Date.parse(event.at);
  view.seq = event.seq;
  view.atMs = atMs;
  if (!('taskId' in event)) applyRunEvent(view, event, atMs);
  else if (task !== undefined) {
    view.changed.add(task);
    applyTaskEvent(view, { task, event, atMs });
  }
  if ('ready' in event.data) markReady(view, event.data.ready, atMs);
  return task;
}

type OfTask = Extract<RunEvent, { taskId: string }>;

function applyRunEvent(view: RunView, event: Exclude<RunEvent, OfTask>, atMs: number): void {
  switch (event.type) {
    case 'TreeCreated':
      view.createdAtMs = atMs;
      view.definition = event.data.definition;
      view.inputs = event.data.definition.inputs;
      addTasks(view, event.data.definition.tasks);
      return;
    case 'RunStarted':
      view.status = 'running';
      view.startedAtMs = atMs;
      view.inputs = event.data.inputs ?? view.inputs;
      if (event.data.selection !== undefined) selectOnly(view, event.data.selection);
      return;
    case 'RunReopened':
      if (event.data.selection !== undefined) selectMore(view, event.data.selection);
      view.status = 'running';
      view.startedAtMs ??= atMs;
      view.closedMs += atMs - (view.endedAtMs ?? atMs);
      view.endedAtMs = undefined;
      view.error = undefined;
      view.reason = undefined;
      view.compensation = undefined;
      view.tolerated = undefined;
      view.unread = undefined;
      view.result = undefined;
      view.inputs = event.data.inputs ?? view.inputs;
      if (event.data.removed !== undefined) takeOut(view, event.data.removed);
      for (const id of event.data.reset) resetTask(view, id);
      return;
    case 'RunCompleted':
      view.tolerated = event.data.tolerated;
      view.unread = event.data.unread;
      endRun(view, 'completed', event);
      return;
    case 'RunFailed':
      view.error = event.data.error;
      view.compensation = event.data.compensation;
      view.tolerated = event.data.tolerated;
      view.unread = event.data.unread;
      for (const { taskId, ladder } of event.data.failures) noteFailure(view, taskId, ladder);
      endRun(view, 'failed', event);
      return;
    case 'RunCancelled':
      view.reason = withActor(event.data.reason, event.actor);
      view.compensation = event.data.compensation;
      view.unread = event.data.unread;
      endRun(view, 'cancelled', event);
      return;
    case 'TasksDeleted':
      for (const id of event.data.taskIds) deleteTask(view, id);
      return;
    case 'SignalReceived':
    case 'SignalRejected':
      return;
  }
  event satisfies never;
}

/** Nobody dealt with the failure: who was to do so may never have run. */
function noteFailure(view: RunView, id: string, ladder: TaskView['ladder']): void {
  const task = view.tasks.get(id);
  if (task === undefined || (!task.isHandled && ladder === undefined)) return;
  task.isHandled = false;
  task.ladder = ladder;
  view.changed.add(task);
}

/** A tree that was cancelled before any run has selected nothing yet. */
function selectMore(view: RunView, selection: readonly string[]): void {
  if (view.startedAtMs === undefined) selectOnly(view, selection);
  else selectToo(view, selection);
}

interface Happening<Event extends OfTask = OfTask> {
  readonly task: TaskView;
  readonly event: Event;
  readonly atMs: number;
}

function applyTaskEvent(view: RunView, { task, event, atMs }: Happening): void {
  switch (event.type) {
    case 'TaskOpened':
      applyOpened(view, { task, event, atMs });
      break;
    case 'TaskStarted':
      applyStart(view, { task, event, atMs });
      break;
    case 'TaskDelayed':
      wait(view, task, { for: 'delay', isSpan: false, sinceMs: atMs, untilMs: Date.parse(event.data.dueAt) });
      break;
    case 'RetryScheduled':
      task.error = event.data.error;
      wait(view, task, { for: 'retry', isSpan: true, sinceMs: atMs, untilMs: Date.parse(event.data.dueAt) });
      break;
    case 'TaskDue':
      makeReady(view, task, atMs);
      break;
    case 'AttemptInterrupted':
      if (event.data.dueAt === undefined) makeReady(view, task, atMs);
      else wait(view, task, { for: 'restart', isSpan: true, sinceMs: atMs, untilMs: Date.parse(event.data.dueAt) });
      break;
    case 'WaitStarted':
      applyWait(view, { task, event, atMs });
      break;
    case 'WaitReminded':
      if (task.waiting !== undefined) task.waiting = { ...task.waiting, reminders: (task.waiting.reminders ?? 0) + 1 };
      break;
    case 'TaskProgressed':
      task.progress = event.data.fraction ?? task.progress;
      task.message = event.data.message ?? task.message;
      break;
    case 'TaskUpdated':
      task.definition = event.data.definition;
      break;
    case 'TaskPausing':
      beginPause(view, task, event);
      break;
    case 'TaskPaused':
      reachPause(view, task);
      break;
    case 'TaskResumed':
      endPause(view, task, atMs);
      break;
    case 'CallRecorded':
      break;
    default:
      applyEnd(view, { task, event, atMs });
  }
}

function applyOpened(view: RunView, { task, event, atMs }: Happening<EventOf<'TaskOpened'>>): void {
  const { input, outcome, added, removed, closing } = event.data;
  if (outcome !== undefined) expand(view, task, outcome);
  if (removed !== undefined) takeOut(view, removed);
  if (added !== undefined) grow(view, added, task.isLeftOut);
  // It was open before: a repetition opens its group again for each copy.
  if (task.status === 'running' || closing !== undefined) return;
  task.input = input ?? task.input;
  task.startedAtMs = atMs;
  task.waiting = undefined;
  setStatus(view, task, 'running');
}

/** Its attempt has ended, and the task goes on as a group. */
function expand(
  view: RunView,
  task: TaskView,
  { output, cut, port }: NonNullable<EventOf<'TaskOpened'>['data']['outcome']>,
): void {
  setExpanded(view, task, true);
  task.output = output;
  task.cut = cut;
  task.port = port;
  task.error = undefined;
}

function applyWait(view: RunView, { task, event, atMs }: Happening<EventOf<'WaitStarted'>>): void {
  const { input, dueAt, signal } = event.data;
  task.input = input;
  task.startedAtMs = atMs;
  const isSpan = input['forMs'] !== undefined || input['timeoutMs'] !== undefined;
  wait(view, task, { for: 'wait', isSpan, sinceMs: atMs, untilMs: timeOf(dueAt), signal, reminders: 0 });
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function applyStart(view: RunView, { task, event, atMs }: Happening<EventOf<'TaskStarted'>>): void {
  task.attempt = event.attempt ?? task.attempt + 1;
  // It will end on this port.
  if (event.data.fallback === true) task.port = 'fallback';
  task.input = event.data.input;
  task.startedAtMs = atMs;
  task.endedAtMs = undefined;
  task.endedSeq = undefined;
  task.waiting = undefined;
  task.progress = undefined;
  task.message = undefined;
  setStatus(view, task, 'running');
}

type EndEvent = EventOf<'TaskCompleted' | 'TaskFailed' | 'TaskSkipped' | 'TaskCancelled'>;

function applyEnd(view: RunView, { task, event, atMs }: Happening<EndEvent>): void {
  task.endedAtMs = atMs;
  task.endedSeq = event.seq;
  task.waiting = undefined;
  switch (event.type) {
    case 'TaskCompleted':
      task.output = event.data.output;
      task.cut = event.data.cut;
      task.port = event.data.port;
      task.error = undefined;
      if (event.data.reason !== undefined) task.reason = withActor(event.data.reason, event.actor);
      setStatus(view, task, 'completed');
      break;
    case 'TaskFailed':
      task.error = event.data.error;
      task.isHandled = event.data.handled;
      setStatus(view, task, 'failed');
      break;
    case 'TaskSkipped':
      task.reason = withActor(event.data.reason, event.actor);
      setStatus(view, task, 'skipped');
      break;
    case 'TaskCancelled':
      task.reason = withActor(event.data.reason, event.actor);
      setStatus(view, task, 'cancelled');
      break;
  }
}

/** The task is as if it had never run, but the numbers of its attempts go on. */
function resetTask(view: RunView, id: string): void {
  const task = view.tasks.get(id);
  if (task === undefined) return;
  setStatus(view, task, 'pending');
  task.error = undefined;
  task.isHandled = false;
  task.ladder = undefined;
  task.reason = undefined;
  task.endedAtMs = undefined;
  task.endedSeq = undefined;
  // With members it goes on as a group, and keeps what its attempt returned.
  if (task.isExpanded && task.children.length > 0) return;
  setExpanded(view, task, false);
  task.input = undefined;
  task.output = undefined;
  task.cut = undefined;
  task.port = undefined;
  task.readyAtMs = undefined;
  task.startedAtMs = undefined;
  task.waiting = undefined;
  task.progress = undefined;
  task.message = undefined;
  task.isReused = false;
}

function deleteTask(view: RunView, id: string): void {
  const task = view.tasks.get(id);
  if (task === undefined) return;
  leaveOut(view, task);
  task.isDeleted = true;
}

function markReady(view: RunView, ids: readonly string[] | undefined, atMs: number): void {
  for (const id of ids ?? []) {
    const task = view.tasks.get(id);
    if (task !== undefined) makeReady(view, task, atMs);
  }
}

function wait(view: RunView, task: TaskView, waiting: TaskView['waiting']): void {
  task.waiting = waiting;
  setStatus(view, task, 'waiting');
}

function makeReady(view: RunView, task: TaskView, atMs: number): void {
  task.readyAtMs = atMs;
  task.waiting = undefined;
  setStatus(view, task, 'ready');
}

type RunEnd = EventOf<'RunCompleted' | 'RunFailed' | 'RunCancelled'>;

function endRun(view: RunView, status: RunStatus, event: RunEnd): void {
  view.status = status;
  view.endedAtMs = Date.parse(event.at);
  view.result = event.data.result;
  view.eta = undefined;
  endPauses(view);
}

/** Why it ended, and by whom. */
function withActor({ code, message }: Reason, by: Actor | undefined): Reason {
  return by === undefined ? { code, message } : { code, message, by };
}
