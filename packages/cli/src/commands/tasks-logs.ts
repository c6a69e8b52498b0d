/** `coppice tasks logs`: what a task writes, so that it can be read, followed, searched and passed on. */
import { colouredLine, isGroup, lastOutputLines } from '@coppice/client';
import type { AttemptEnd, Client } from '@coppice/client';
import type { Attempt, Json, LogLine, Task } from '@coppice/protocol';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { PRINTED_LINES_DEFAULT } from '../live/printed-lines.ts';
import { oneLine } from '../live/task-text.ts';
import { plainLine } from '../output/harmless.ts';
import type { Output } from '../output/output.ts';
import { UsageError } from '../output/report-error.ts';
import { TaskNames } from './task-names.ts';

export interface LogsOptions {
  /** Default 20. */
  readonly lines?: number;
  readonly all?: boolean;
  /** Default: the last one. Of a group: all. */
  readonly attempt?: number;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
}

export async function logs(context: CommandContext, reference: string, options: LogsOptions): Promise<void> {
  const follow = options.follow === true;
  const { client, task: find } = await context.open(follow ? 'watch' : 'read');
  const task = await client.tasks.get({ taskId: await find(reference) });
  if (follow) return followLogs(context.output, client, { task, options });
  const { items } = await client.tasks.attempts({ taskId: task.id });
  const attempt = chosenAttempt(items, options.attempt);
  const max = options.all === true ? Infinity : (options.lines ?? PRINTED_LINES_DEFAULT);
  const source = task.reused && task.originalTaskId !== null ? task.originalTaskId : task.id;
  const kept = await keptLines(client, { taskId: source, attempt: attempt?.attempt, max });
  if (kept.lines.length === 0) return showResult(context.output, { task, attempt, max });
  showKept(context.output, { task, attempt, ...kept }, await printerOf(context.output, client, { task, options }));
}

interface Kept {
  readonly lines: readonly LogLine[];
  /** True when there are more before these. */
  readonly hasEarlier: boolean;
}

/** The last lines, and whether there are more before these. */
async function keptLines(
  client: Client,
  { taskId, attempt, max }: { readonly taskId: string; readonly attempt: number | undefined; readonly max: number },
): Promise<Kept> {
  const last = Number.isFinite(max) ? max + 1 : undefined;
  let lines: LogLine[] = [];
  for await (const page of client.followLogs({ taskId, attempt, last, follow: false })) {
    lines.push(...page);
    if (last !== undefined && lines.length > last) lines = lines.slice(-last);
  }
  return { lines: Number.isFinite(max) ? lines.slice(-max) : lines, hasEarlier: lines.length > max };
}

function showKept(
  output: Output,
  { task, attempt, lines, hasEarlier }: Kept & { readonly task: Task; readonly attempt: Attempt | undefined },
  print: Printer,
): void {
  if (output.isJson)
    return output.json({ taskId: task.id, attempt: attempt?.attempt ?? null, lines, earlier: hasEarlier });
  for (const line of lines) print(line);
  if (hasEarlier) output.note('Earlier lines with: --all');
}

type Printer = (line: LogLine) => void;

/** Writes lines for people: with the name of the task where there are several, and a remark where lines are missing. */
async function printerOf(
  output: Output,
  client: Client,
  { task, options }: { readonly task: Task; readonly options: LogsOptions },
): Promise<Printer> {
  const names = await TaskNames.of(client, task.id);
  const next = new Map<string, number>();
  return (line) => {
    const { taskId, attempt, number, stream, text, at } = line;
    const key = `${taskId} ${attempt}`;
    const expected = next.get(key);
    next.set(key, number + 1);
    if (expected !== undefined && number > expected)
      output.note(`… ${number - expected} lines were dropped at a limit`);
    const time = options.timestamps === true ? `${colors.dim(at)} ` : '';
    const name = taskId === task.id || names.size === 1 ? '' : `${colors.dim(`${names.find(taskId)} │`)} `;
    const shown = colors.isColorSupported ? colouredLine(text) : plainLine(text);
    output.line(`${time}${name}${stream === 'log' ? colors.dim(shown) : shown}`);
  };
}

/** Writes each line as it comes, until nothing more comes. */
async function followLogs(
  output: Output,
  client: Client,
  { task, options }: { readonly task: Task; readonly options: LogsOptions },
): Promise<void> {
  const print = output.isJson
    ? (line: LogLine) => output.json(line, true)
    : await printerOf(output, client, { task, options });
  const last = options.all === true ? undefined : (options.lines ?? PRINTED_LINES_DEFAULT);
  const { attempt } = options;
  for await (const page of client.followLogs({ taskId: task.id, attempt, last, follow: true })) page.forEach(print);
}

/** Undefined: the task was never tried. */
function chosenAttempt(items: readonly Attempt[], number: number | undefined): Attempt | undefined {
  if (number === undefined) return items.at(-1);
  const found = items.find(({ attempt }) => attempt === number);
  if (found !== undefined) return found;
  const there = items.length === 0 ? 'none' : items.map(({ attempt }) => attempt).join(', ');
  throw new UsageError(`--attempt ${number}: there is no such attempt. There are: ${there}.`);
}

/** Where no line was kept: what the result holds of what was printed. Older versions kept nothing else. */
function showResult(
  output: Output,
  { task, attempt, max }: { readonly task: Task; readonly attempt: Attempt | undefined; readonly max: number },
): void {
  const { lines, earlier, isCut } = lastOutputLines(asPrinted(attempt ?? endOf(task)), max);
  if (output.isJson) {
    const shown = lines.map(({ stream, line }) => ({ stream, text: line }));
    return output.json({ taskId: task.id, attempt: attempt?.attempt ?? null, lines: shown, earlier: earlier > 0 });
  }
  for (const { line } of lines) output.line(plainLine(line));
  if (lines.length === 0) output.note(silenceOf(task, attempt));
  if (earlier > 0) output.note('Earlier lines with: --all');
  else if (isCut)
    output.note('Its output was over the limit and was cut. Let the task write a file to keep all of it.');
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
  if (isGroup(task)) return `The tasks in ${name} have written nothing yet.`;
  if (attempt === undefined) return task.reused ? `${name} printed nothing.` : `${name} has not started yet.`;
  if (attempt.status === 'running') return `${name} is running and has written nothing yet. Follow it with: --follow`;
  return `Attempt ${attempt.attempt} of ${name} printed nothing, or nothing that is kept (${attempt.status}).`;
}
