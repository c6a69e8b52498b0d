/** The failures of an ended run: each with what its task printed last, the first that failed first. */
import { ladderTexts } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import type { FailureLadder, TaskError } from '@coppice/protocol';
import colors from 'picocolors';
import { messageAbove, printedLines } from './printed-lines.ts';
import { oneLine } from './task-text.ts';
import { hanging } from '../output/text-width.ts';
import { COPPICE } from '../output/command-name.ts';

/** Failures that are shown; the others are counted. */
const FAILURES_MAX = 10;

/** The first of the failures; the rest can be asked for. */
export function failureBlocks(
  failures: readonly TaskView[],
  treeId: string,
  columns: number | undefined,
): readonly string[] {
  const lines = failures
    .slice(0, FAILURES_MAX)
    .flatMap((task) => failureLines({ ...task, taskId: task.id, name: task.definition.name }, columns));
  const more = failures.length - FAILURES_MAX;
  if (more > 0) lines.push(colors.dim(`… ${more} more failures. See them all: ${COPPICE} tasks failures ${treeId}`));
  return lines;
}

/** The chain of causes, one line each. */
export function causeLines(error: TaskError | undefined): readonly string[] {
  const lines: string[] = [];
  let shown = error?.message ?? '';
  for (let cause = error?.cause; cause !== undefined; cause = cause.cause) {
    // An exhausted retry says what its last attempt said.
    if (!shown.includes(cause.message))
      lines.push(colors.dim(`    ${oneLine(messageAbove(cause.message, { error: cause }))}`));
    shown = cause.message;
  }
  return lines;
}

/** What was done about a failure, below it. One attempt and nothing else is no news. */
export function ladderLines(ladder: FailureLadder | undefined, columns: number | undefined): readonly string[] {
  if (ladder === undefined) return [];
  const texts = ladderTexts(ladder);
  return texts.length === 1 && ladder.attempts <= 1
    ? []
    : hanging(colors.dim(`    ${oneLine(texts.join(' · '), MESSAGE_MAX)}`), columns);
}

/** A failure, as a view of its run or the server tells it. */
export interface ShownFailure extends Pick<TaskView, 'error' | 'ladder' | 'attempt'> {
  readonly taskId: string;
  readonly name: string;
}

/** Characters of the message: what to do stands at its end. */
const MESSAGE_MAX = 600;

/** One failure: its message, its causes, what was done about it, and what the task printed last. */
export function failureLines(failure: ShownFailure, columns: number | undefined): readonly string[] {
  const { error, taskId, name, attempt, ladder } = failure;
  const attempts = attempt > 1 ? ` after ${attempt} attempts` : '';
  const message = oneLine(messageAbove(error?.message ?? 'failed', { error }), MESSAGE_MAX);
  const lines = [...hanging(`${colors.red('✗')} ${colors.bold(oneLine(name))}${attempts}: ${message}`, columns)];
  lines.push(...causeLines(error), ...ladderLines(ladder, columns));
  return [...lines, ...printedLines({ taskId, error })];
}
