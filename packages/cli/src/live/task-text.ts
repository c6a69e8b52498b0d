/** One task in words: what stands beside its name while it runs and after. */
import type { Json } from '@coppice/protocol';
import colors from 'picocolors';
import {
  cutText,
  durationText,
  membersText,
  reasonText,
  roleWords,
  stillText,
  tolerationText,
  waitText,
} from '@coppice/client';
import type { TaskView } from '@coppice/client';
import { plain } from '../output/harmless.ts';

const PREVIEW_MAX = 200;

/** How long it ran, or has been running; empty before its start and for what did not run. */
export function taskDuration(task: TaskView, nowMs: number): string {
  if (task.isReused || task.startedAtMs === undefined || task.status === 'ready' || task.status === 'waiting')
    return '';
  return durationText((task.endedAtMs ?? nowMs) - task.startedAtMs);
}

/** The rest of the line: progress, retry, failure, reason or a glance at the output. One line, not yet cut. */
export function taskDetail(task: TaskView, nowMs: number): string {
  const attempt = task.attempt > 1 ? `attempt ${task.attempt}` : '';
  const paused = painted(colors.yellow, oneLine(stillText(task)));
  switch (task.status) {
    case 'running':
      return join(...roleWords(task), groupText(task), attempt, progressText(task), paused);
    case 'waiting':
      return colors.yellow(
        join(
          paused === '' ? dueText(task, nowMs) : paused,
          task.error === undefined ? '' : oneLine(task.error.message),
        ),
      );
    case 'failed':
      return colors.red(join(...roleWords(task), attempt, oneLine(task.error?.message ?? ''), tolerationText(task)));
    case 'completed':
      return join(
        painted(colors.yellow, oneLine(cutText(task.cut))),
        // Set when a person completed it by hand.
        painted(colors.dim, task.reason === undefined ? '' : oneLine(reasonText(task.reason))),
        painted(
          colors.dim,
          join(...roleWords(task), groupText(task), task.isReused ? 'reused' : attempt, preview(task.output)),
        ),
      );
    case 'skipped':
    case 'cancelled':
      return colors.dim(task.reason === undefined ? '' : oneLine(reasonText(task.reason)));
    default:
      return paused;
  }
}

/** `3/10 (30 %)`, for what has children. */
function groupText(task: TaskView): string {
  const { total, ended, failed } = task.inside;
  if (total === 0) return '';
  if (ended === total && failed === 0) return `${total} ${total === 1 ? 'task' : 'tasks'}`;
  return membersText(task);
}

function progressText(task: TaskView): string {
  // An executor that can not tell how far it is reports 0 with its messages.
  const percent = task.progress === undefined || task.progress === 0 ? '' : `${Math.floor(task.progress * 100)} %`;
  return join(percent, oneLine(task.message ?? ''));
}

type ToStart = Exclude<NonNullable<TaskView['waiting']>['for'], 'wait'>;

const WAITING_TEXTS: Readonly<Record<ToStart, (attempt: number) => string>> = {
  retry: (attempt) => `attempt ${attempt} failed, next`,
  delay: () => 'starts',
  restart: (attempt) => `attempt ${attempt} was interrupted, next`,
};

function dueText(task: TaskView, nowMs: number): string {
  if (task.waiting === undefined) return '';
  const { for: reason, untilMs = nowMs } = task.waiting;
  if (reason === 'wait') return oneLine(waitText(task, nowMs));
  return `${WAITING_TEXTS[reason](task.attempt)} in ${durationText(Math.max(0, untilMs - nowMs))}`;
}

/** A glance at an output that can be read at a glance: the first line of a text, a number, a truth. */
export function preview(output: Json | undefined): string {
  if (output === undefined || output === null) return '';
  if (typeof output === 'string') return firstLine(output);
  if (typeof output !== 'object') return String(output);
  const { stdout } = output as { readonly stdout?: Json };
  return typeof stdout === 'string' ? firstLine(stdout) : '';
}

/** The beginning of a value as JSON; empty for an empty one. */
export function compactJson(value: object): string {
  const text = JSON.stringify(value);
  return text === '{}' || text === '[]' ? '' : text.slice(0, PREVIEW_MAX);
}

function firstLine(text: string): string {
  return oneLine(text.trimStart().split('\n', 1)[0] ?? '');
}

/** Escape sequences and controls of a task's own text must not reach the terminal. */
export function oneLine(text: string, max = PREVIEW_MAX): string {
  // Looks only at the part of a long text that may be shown.
  return plain(text.slice(0, 4 * max))
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, max);
}

/** A colour around nothing would be a part of its own. */
function painted(paint: (text: string) => string, text: string): string {
  return text === '' ? '' : paint(text);
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
