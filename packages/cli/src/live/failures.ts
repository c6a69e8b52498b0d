/** The failures of an ended run: each with what its task printed last, the first that failed first. */
import type { RunView, TaskView } from '@coppice/client';
import colors from 'picocolors';
import { messageAbove, printedLines } from './printed-lines.ts';
import { oneLine } from './task-text.ts';

/** Failures that are shown; the others are counted. */
const FAILURES_MAX = 10;

/** Tasks with an executor whose failure nobody handled, in the order in which they failed. */
export function unhandledFailures(view: RunView): readonly TaskView[] {
  return [...view.tasks.values()]
    .filter((task) => task.status === 'failed' && task.definition.executor !== undefined && !task.isHandled)
    .sort((a, b) => (a.endedSeq ?? 0) - (b.endedSeq ?? 0));
}

export function failureBlocks(failures: readonly TaskView[]): readonly string[] {
  const lines = failures.slice(0, FAILURES_MAX).flatMap((task) => failureBlock(task));
  if (failures.length > FAILURES_MAX) lines.push(colors.dim(`… ${failures.length - FAILURES_MAX} more failures`));
  return lines;
}

function failureBlock(task: TaskView): readonly string[] {
  const { error, id: taskId, definition, attempt } = task;
  const attempts = attempt > 1 ? ` after ${attempt} attempts` : '';
  const message = oneLine(messageAbove(error?.message ?? 'failed', { error }));
  const lines = [`${colors.red('✗')} ${colors.bold(oneLine(definition.name))}${attempts}: ${message}`];
  let shown = error?.message ?? '';
  for (let cause = error?.cause; cause !== undefined; cause = cause.cause) {
    // An exhausted retry says what its last attempt said.
    if (!shown.includes(cause.message)) {
      lines.push(colors.dim(`    ${oneLine(messageAbove(cause.message, { error: cause }))}`));
    }
    shown = cause.message;
  }
  return [...lines, ...printedLines({ taskId, error })];
}
