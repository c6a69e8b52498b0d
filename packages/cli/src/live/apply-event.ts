/** Folds the events of a run into its view. One event costs O(depth). */
import type { EventOf, RunEvent, RunStatus } from '@coppice/protocol';
import { addTasks, leaveOut, select, setStatus } from './run-view.ts';
import type { RunView, TaskView } from './run-view.ts';

/** Folds one event in; answers the task it is about, if any. */
export function applyEvent(view: RunView, event: RunEvent): TaskView | undefined {
  if ('taskId' in event) return applyTaskEvent(view, event);
  const atMs = Date.parse(event.at);
  switch (event.type) {
    case 'TreeCreated':
      addTasks(view, event.data.definition.tasks);
      break;
    case 'RunStarted':
      view.status = 'running';
      view.startedAtMs = atMs;
      select(view, event.data.selection);
      markReady(view, event.data.ready);
      break;
    case 'RunReopened':
      view.status = 'running';
      view.startedAtMs = atMs;
      view.endedAtMs = undefined;
      view.error = undefined;
      for (const id of event.data.reset) resetTask(view, id);
      select(view, event.data.selection);
      markReady(view, event.data.ready);
      break;
    case 'RunCompleted':
      endRun(view, 'completed', atMs);
      break;
    case 'RunFailed':
      view.error = event.data.error;
      endRun(view, 'failed', atMs);
      break;
    case 'RunCancelled':
      view.reason = event.data.reason.message;
      endRun(view, 'cancelled', atMs);
      break;
    case 'TasksDeleted':
      for (const id of event.data.taskIds) leaveOut(view, view.tasks.get(id));
      break;
  }
  return undefined;
}

type TaskEvent = Extract<RunEvent, { taskId: string }>;

function applyTaskEvent(view: RunView, event: TaskEvent): TaskView | undefined {
  const task = view.tasks.get(event.taskId);
  if (task === undefined) return undefined;
  const atMs = Date.parse(event.at);
  switch (event.type) {
    case 'TaskOpened':
      task.startedAtMs = atMs;
      setStatus(view, task, 'running');
      break;
    case 'TaskStarted':
      applyStart(view, task, event);
      break;
    case 'TaskDelayed':
      task.dueAtMs = Date.parse(event.data.dueAt);
      setStatus(view, task, 'waiting');
      break;
    case 'RetryScheduled':
      task.dueAtMs = Date.parse(event.data.dueAt);
      task.error = event.data.error;
      setStatus(view, task, 'waiting');
      break;
    case 'TaskDue':
    case 'AttemptInterrupted':
      setStatus(view, task, 'ready');
      break;
    case 'TaskProgressed':
      task.progress = event.data.fraction ?? task.progress;
      task.message = event.data.message ?? task.message;
      break;
    case 'TaskUpdated':
      task.name = event.data.definition.name;
      break;
    case 'CallRecorded':
      break;
    default:
      applyEnd(view, task, event);
  }
  if ('ready' in event.data) markReady(view, event.data.ready);
  return task;
}

function applyStart(view: RunView, task: TaskView, event: EventOf<'TaskStarted'>): void {
  task.attempt = event.attempt ?? task.attempt + 1;
  task.startedAtMs = Date.parse(event.at);
  task.endedAtMs = undefined;
  task.dueAtMs = undefined;
  task.progress = undefined;
  task.message = undefined;
  setStatus(view, task, 'running');
}

type EndEvent = EventOf<'TaskCompleted' | 'TaskFailed' | 'TaskSkipped' | 'TaskCancelled'>;

function applyEnd(view: RunView, task: TaskView, event: EndEvent): void {
  task.endedAtMs = Date.parse(event.at);
  task.dueAtMs = undefined;
  switch (event.type) {
    case 'TaskCompleted':
      task.output = event.data.output;
      task.error = undefined;
      setStatus(view, task, 'completed');
      break;
    case 'TaskFailed':
      task.error = event.data.error;
      task.isHandled = event.data.handled;
      setStatus(view, task, 'failed');
      break;
    case 'TaskSkipped':
      task.reason = event.data.reason.message;
      setStatus(view, task, 'skipped');
      break;
    case 'TaskCancelled':
      task.reason = event.data.reason.message;
      setStatus(view, task, 'cancelled');
      break;
  }
}

function resetTask(view: RunView, id: string): void {
  const task = view.tasks.get(id);
  if (task === undefined) return;
  setStatus(view, task, 'pending');
  Object.assign(task, { startedAtMs: undefined, endedAtMs: undefined, error: undefined, reason: undefined });
  Object.assign(task, { output: undefined, isReused: false, isHandled: false });
}

function markReady(view: RunView, ids: readonly string[] | undefined): void {
  for (const id of ids ?? []) {
    const task = view.tasks.get(id);
    if (task !== undefined) setStatus(view, task, 'ready');
  }
}

function endRun(view: RunView, status: RunStatus, atMs: number): void {
  view.status = status;
  view.endedAtMs = atMs;
  view.eta = undefined;
}
