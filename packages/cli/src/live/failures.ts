/** The failures of an ended run: each with what its task printed last, the first that failed first. */
import type { TaskView } from '@coppice/client';
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
  const lines = failures.slice(0, FAILURES_MAX).flatMap((task) => failureBlock(task, columns));
  const more = failures.length - FAILURES_MAX;
  if (more > 0) lines.push(colors.dim(`… ${more} more failures. See them all: ${COPPICE} tasks failures ${treeId}`));
  return lines;
}

/** Characters of the message: what to do stands at its end. */
const MESSAGE_MAX = 600;

function failureBlock(task: TaskView, columns: number | undefined): readonly string[] {
  const { error, id: taskId, definition, attempt } = task;
  const attempts = attempt > 1 ? ` after ${attempt} attempts` : '';
  const message = oneLine(messageAbove(error?.message ?? 'failed', { error }), MESSAGE_MAX);
  const lines = [
    ...hanging(`${colors.red('✗')} ${colors.bold(oneLine(definition.name))}${attempts}: ${message}`, columns),
  ];
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
