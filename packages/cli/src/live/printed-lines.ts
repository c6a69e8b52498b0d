/** What a task printed, as lines below its failure or its fields. */
import { lastOutputLines } from '@coppice/client';
import type { AttemptEnd, OutputLine } from '@coppice/client';
import colors from 'picocolors';
import { plainLine } from '../output/harmless.ts';
import { COPPICE } from '../output/command-name.ts';

/** Lines that are shown by default. */
export const PRINTED_LINES_DEFAULT = 20;

const BARS: Readonly<Record<OutputLine['stream'], string>> = { stdout: colors.dim('│'), stderr: colors.yellow('│') };

export interface PrintedOptions extends AttemptEnd {
  readonly taskId: string;
  /** Number of the attempt. Default: the last. */
  readonly attempt?: number;
  /** Default 20. */
  readonly max?: number;
}

/** The last lines of both streams behind bars, and where the others are; empty for a task that printed nothing. */
export function printedLines({
  taskId,
  attempt,
  max = PRINTED_LINES_DEFAULT,
  ...end
}: PrintedOptions): readonly string[] {
  const { lines, earlier, isCut } = lastOutputLines(end, max);
  if (lines.length === 0) return [];
  const shown = lines.map(({ stream, line }) => `  ${BARS[stream]} ${plainLine(line)}`);
  if (earlier > 0) {
    const what = `${earlier} earlier ${earlier === 1 ? 'line' : 'lines'}`;
    shown.push(
      colors.dim(
        `  ${what}: ${COPPICE} tasks logs ${taskId}${attempt === undefined ? '' : ` --attempt ${attempt}`} --all`,
      ),
    );
  } else if (isCut) shown.push(colors.dim('  Its output was over the limit and was cut.'));
  return shown;
}

/** The message of a failure without the line that it repeats of what is shown below it. */
export function messageAbove(message: string, end: AttemptEnd): string {
  const last = plainLine(lastOutputLines(end, 1).lines[0]?.line ?? '').trim();
  if (last === '') return message;
  const colon = message.indexOf(': ');
  for (let at = colon; at !== -1; at = message.indexOf(': ', at + 1)) {
    const rest = plainLine(message.slice(at + 2)).trim();
    if (rest !== '' && last.startsWith(rest)) return message.slice(0, at);
  }
  return message;
}
