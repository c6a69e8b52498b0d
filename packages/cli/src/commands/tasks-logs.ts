/** `coppice tasks logs`: what a task printed, both streams, so that it can be read, searched and passed on. */
import { isGroup, lastOutputLines } from '@coppice/client';
import type { AttemptEnd } from '@coppice/client';
import type { Attempt, Json, Task } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { PRINTED_LINES_DEFAULT } from '../live/printed-lines.ts';
import { oneLine } from '../live/task-text.ts';
import { plainLine } from '../output/harmless.ts';
import { UsageError } from '../output/report-error.ts';

export interface LogsOptions {
  /** Default 20. */
  readonly lines?: number;
  readonly all?: boolean;
  /** Default: the last one that has ended. */
  readonly attempt?: number;
}

export async function logs({ output, open }: CommandContext, reference: string, options: LogsOptions): Promise<void> {
  const { client, task: find } = await open('read');
  const taskId = await find(reference);
  const [task, { items }] = await Promise.all([client.tasks.get({ taskId }), client.tasks.attempts({ taskId })]);
  const attempt = chosenAttempt(items, options.attempt);
  const max = options.all === true ? Infinity : (options.lines ?? PRINTED_LINES_DEFAULT);
  const { lines, earlier, isCut } = lastOutputLines(asPrinted(attempt ?? endOf(task)), max);
  if (output.isJson) {
    output.json({ taskId, attempt: attempt?.attempt ?? null, lines, earlier, truncated: isCut });
    return;
  }
  for (const { line } of lines) output.line(plainLine(line));
  if (lines.length === 0) output.note(silenceOf(task, attempt));
  if (earlier > 0) output.note(`${earlier} earlier ${earlier === 1 ? 'line' : 'lines'} with: --all`);
  else if (isCut)
    output.note('Its output was over the limit and was cut. Let the task write a file to keep all of it.');
}

/** Undefined: the task was never tried. */
function chosenAttempt(items: readonly Attempt[], number: number | undefined): Attempt | undefined {
  if (number === undefined) return items.findLast(({ status }) => status !== 'running') ?? items.at(-1);
  const found = items.find(({ attempt }) => attempt === number);
  if (found !== undefined) return found;
  const there = items.length === 0 ? 'none' : items.map(({ attempt }) => attempt).join(', ');
  throw new UsageError(`--attempt ${number}: there is no such attempt. There are: ${there}.`);
}

/** The output of a task that a copy took over. Such a task has no attempt. */
function endOf({ output, error }: Task): AttemptEnd {
  return { output, error };
}

/** What was printed and parsed is shown as it was printed, nearly: the text itself is not kept. */
function asPrinted({ output, error }: AttemptEnd): AttemptEnd {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return { output, error };
  const fields = output as Readonly<Record<string, Json>>;
  const { value } = fields;
  if (value === undefined || fields['exitCode'] === undefined || fields['stdout'] !== undefined)
    return { output, error };
  const isLines = Array.isArray(value) && value.every((line) => typeof line === 'string');
  return { output: { ...fields, stdout: isLines ? value.join('\n') : JSON.stringify(value, null, 2) }, error };
}

function silenceOf(task: Task, attempt: Attempt | undefined): string {
  const name = oneLine(task.name);
  if (isGroup(task)) return `${name} is a group: ask for one of its members.`;
  if (attempt === undefined) return task.reused ? `${name} printed nothing.` : `${name} has not started yet.`;
  if (attempt.status === 'running') return `${name} is running: what it prints is stored when the attempt has ended.`;
  return `Attempt ${attempt.attempt} of ${name} printed nothing, or nothing that is kept (${attempt.status}).`;
}
