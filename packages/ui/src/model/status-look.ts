/** How statuses look and read, wherever one is shown: a symbol beside every colour, so that none is told by colour alone. */
import { durationText, membersText, reasonText, roleWords, stillOf, tolerationText, waitText } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import type { RunStatus, TaskStatus } from '@coppice/protocol';

export type AnyStatus = TaskStatus | RunStatus;

/** One character for each status. */
export const STATUS_SYMBOLS: Readonly<Record<AnyStatus, string>> = {
  created: '○',
  pending: '·',
  ready: '○',
  running: '▶',
  waiting: '↻',
  completed: '✓',
  failed: '✕',
  skipped: '↷',
  cancelled: '⊘',
  pausing: '‖',
  paused: '‖',
  continued: '→',
};

/** The status that a task looks like: its own, or that of what keeps it still. A hold looks like a pause. */
export function shownStatus(task: TaskView): AnyStatus {
  const still = stillOf(task);
  if (still === undefined) return task.status;
  return still.word === 'held' ? 'paused' : still.word;
}

/** The symbol of a task. */
export function symbolOf(task: TaskView): string {
  return STATUS_SYMBOLS[shownStatus(task)];
}

/** How long a task ran, or has been running; undefined before its start and for what did not run. */
export function taskDurationMs(task: TaskView, nowMs: number): number | undefined {
  if (task.isReused || task.startedAtMs === undefined) return undefined;
  if (task.status === 'ready' || task.status === 'waiting' || task.status === 'pending') return undefined;
  return Math.max(0, (task.endedAtMs ?? nowMs) - task.startedAtMs);
}

/** What stands beside a task's name: `running · 3.2s · attempt 2 · 45 % · half way`. */
export function taskDetail(task: TaskView, nowMs: number): string {
  const durationMs = taskDurationMs(task, nowMs);
  const still = stillOf(task);
  const waits = still === undefined ? oneLine(waitText(task, nowMs)) : '';
  const parts: string[] = [task.isReused ? 'reused' : (still?.word ?? (waits || statusWord(task)))];
  parts.push(...roleWords(task));
  // Of a group the counts matter most: in a box the end of the text may not fit.
  if (task.inside.total > 0) parts.push(membersText(task));
  if (durationMs !== undefined) parts.push(durationText(durationMs));
  if (task.attempt > 1) parts.push(`attempt ${task.attempt}`);
  if (task.status === 'running' && task.progress !== undefined && task.progress > 0)
    parts.push(`${Math.floor(task.progress * 100)} %`);
  if (still?.reason !== undefined) parts.push(oneLine(still.reason));
  if (still === undefined && waits === '' && task.waiting !== undefined)
    parts.push(`next in ${durationText(Math.max(0, (task.waiting.untilMs ?? nowMs) - nowMs))}`);
  return parts.join(' · ');
}

function statusWord(task: TaskView): string {
  const toleration = tolerationText(task);
  if (toleration !== '') return `failed, ${toleration}`;
  return task.isLeftOut && task.status === 'pending' ? 'not part of the run' : task.status;
}

/** What went wrong or why nothing happened, in one line; undefined: nothing to say. */
export function taskProblem(task: TaskView): string | undefined {
  const text = task.error?.message ?? (task.reason === undefined ? undefined : reasonText(task.reason));
  return text === undefined ? undefined : oneLine(text);
}

/** What a screen reader says of a task: everything that its look tells. */
export function spokenTask(task: TaskView, nowMs: number): string {
  const problem = taskProblem(task);
  const name = oneLine(task.definition.name);
  return [name, taskDetail(task, nowMs).replaceAll(' · ', ', '), ...(problem === undefined ? [] : [problem])].join(
    ', ',
  );
}

const LINE_MAX = 200;

/** Text of others on one line: cut, without control characters and without those that turn the direction of what follows. */
export function oneLine(text: string): string {
  return text
    .slice(0, LINE_MAX)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .trim();
}
