/** The time of a waiting task has come: it becomes ready, its group opens, its wait ends or people are reminded of it. */
import type { TaskId } from '@coppice/extension';
import { INSTANT_MS_MAX } from '../task/time-limits.ts';
import { isWait, REMINDERS_MAX } from '../task/wait.ts';
import { becomeReady } from './become-ready.ts';
import { beginWait } from './begin-wait.ts';
import { endWait } from './end-wait.ts';
import { open } from './groups.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { findPause } from './pauses.ts';
import type { TaskState, WaitingAsBody } from './state.ts';
import { endingAtDueTime } from './wait-ending.ts';
import { wakeAtMs } from './wake-time.ts';

export function decideDue(draft: Draft, taskId: TaskId): Refusal {
  const task = draft.run.byId.get(taskId);
  if (task?.waiting === undefined) return undefined;
  const dueMs = wakeAtMs(task.waiting);
  if (dueMs === undefined || dueMs > draft.atMs) return undefined;
  if (findPause(draft.run, task) !== undefined) return undefined;
  if (task.waiting.for === 'wait') goOn(draft, task, task.waiting);
  else if (task.group !== undefined) open(draft, task);
  else if (isWait(task.definition)) beginWait(draft, task);
  else becomeReady(draft, task);
  return undefined;
}

function goOn(draft: Draft, task: TaskState, { untilMs, reminders }: WaitingAsBody): void {
  if (untilMs !== undefined && untilMs <= draft.atMs) {
    endWait(draft, task, endingAtDueTime(draft, task));
    return;
  }
  const reminderMs = task.input?.['reminderMs'] as number;
  const nextMs = Math.min(draft.atMs + reminderMs, INSTANT_MS_MAX);
  const next = reminders + 1 < REMINDERS_MAX ? { remindAtMs: nextMs } : {};
  emit(draft, 'WaitReminded', {
    taskId: task.id,
    data: { ...(untilMs === undefined ? {} : { dueAtMs: untilMs }), ...next },
  });
}
