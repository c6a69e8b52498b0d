/** One line per happening of a run, for output that is no terminal. */
import type { RunEvent } from '@coppice/protocol';
import colors from 'picocolors';
import { pad } from '../output/table.ts';
import { paintAs, symbolOf } from '../output/theme.ts';
import { durationText, isGroup, runDurationMs, runTally } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import { oneLine, taskDetail, taskDuration } from './task-text.ts';

const CLOCK_WIDTH = 7;

/** Kinds of task events that get a line. */
const IS_TOLD: Readonly<Record<Extract<RunEvent, { taskId: string }>['type'], boolean>> = {
  TaskOpened: false,
  TaskDelayed: false,
  TaskDue: false,
  WaitStarted: true,
  WaitReminded: true,
  TaskStarted: true,
  CallRecorded: false,
  TaskProgressed: false,
  RetryScheduled: true,
  AttemptInterrupted: true,
  TaskCompleted: true,
  TaskFailed: true,
  TaskSkipped: true,
  TaskCancelled: true,
  TaskUpdated: false,
  TaskPausing: true,
  TaskPaused: true,
  TaskResumed: true,
};

const PAUSE_VERBS = {
  TaskPausing: ['pausing', 'is being paused'],
  TaskPaused: ['paused', 'is paused'],
  TaskResumed: ['running', 'was resumed'],
} as const;

/** Undefined for an event that needs no line. `view` holds the event already; `task` is the task that the event is about. */
export function eventLine(view: RunView, event: RunEvent, task: TaskView | undefined): string | undefined {
  const atMs = Date.parse(event.at);
  const clock = colors.dim(
    pad(durationText(runDurationMs({ ...view, endedAtMs: atMs }, atMs) ?? 0), CLOCK_WIDTH, 'right'),
  );
  if (event.type === 'RunStarted' || event.type === 'RunReopened') {
    const verb = event.type === 'RunStarted' ? 'started' : 'opened again';
    const { total } = runTally(view);
    const name = colors.bold(oneLine(view.root?.definition.name ?? event.treeId));
    return `${clock}  ${symbolOf('running')} ${name} ${verb}${colors.dim(` · ${total} ${total === 1 ? 'task' : 'tasks'} · ${event.treeId}`)}`;
  }
  if (event.type === 'TaskPausing' || event.type === 'TaskPaused' || event.type === 'TaskResumed') {
    const [status, verb] = PAUSE_VERBS[event.type];
    const reason = 'reason' in event.data && event.data.reason !== undefined ? ` · ${oneLine(event.data.reason)}` : '';
    return `${clock}  ${symbolOf(status)} ${oneLine(task?.definition.name ?? event.taskId)} ${verb}${colors.dim(reason)}`;
  }
  // A group needs no lines: its members have them.
  if (task === undefined || isGroup(task.definition) || !('taskId' in event) || !IS_TOLD[event.type]) return undefined;
  const duration = event.type === 'TaskStarted' ? '' : taskDuration(task, atMs);
  const detail = event.type === 'TaskStarted' && task.attempt === 1 ? '' : taskDetail(task, atMs);
  // One that waits says so itself.
  const goesOn = event.type === 'AttemptInterrupted' && task.waiting === undefined;
  const interrupted = goesOn ? paintAs('waiting', 'interrupted, will run again') : '';
  const rest = [duration === '' ? '' : colors.dim(duration), detail, interrupted]
    .filter((text) => text !== '')
    .join('  ');
  return `${clock}  ${symbolOf(task.status)} ${oneLine(task.definition.name)}${rest === '' ? '' : `  ${rest}`}`;
}
