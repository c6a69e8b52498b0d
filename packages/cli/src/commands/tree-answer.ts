/** Showing answers that are tasks or trees. */
import type { Json, NestedTask, Task } from '@coppice/protocol';
import colors from 'picocolors';
import { messageAbove, printedLines } from '../live/printed-lines.ts';
import { oneLine, preview } from '../live/task-text.ts';
import { harmlessJson } from '../output/harmless.ts';
import type { Output } from '../output/output.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import { cutText, relativeText, spanText } from '@coppice/client';
import { pad } from '../output/table.ts';
import { cutTo, widthOf } from '../output/text-width.ts';

/** A nested tree, one line per task. */
export function showTree(root: NestedTask, output: Output): void {
  const nowMs = Date.now();
  const rows: { readonly label: string; readonly rest: string }[] = [];
  const stack: { readonly task: NestedTask; readonly lead: string; readonly indent: string }[] = [
    { task: root, lead: '', indent: '' },
  ];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { task, lead, indent } = at;
    const name = task === root ? colors.bold(oneLine(task.name)) : oneLine(task.name);
    const span = task.startedAt === null ? '' : spanText(task.startedAt, task.endedAt, nowMs);
    rows.push({
      label: `${colors.dim(lead)}${symbolOf(task.status)} ${name}`,
      rest: [pad(span, 6, 'right'), shownId(task, output), detailOf(task)].join('  '),
    });
    for (const [index, child] of [...task.children.entries()].toReversed()) {
      const isLast = index === task.children.length - 1;
      stack.push({
        task: child,
        lead: `${indent}${isLast ? '└─ ' : '├─ '}`,
        indent: `${indent}${isLast ? '   ' : '│  '}`,
      });
    }
    if (task.truncated === true) rows.push({ label: colors.dim(`${indent}… ${task.childCount} more below`), rest: '' });
  }
  const width = Math.min(60, Math.max(...rows.map(({ label }) => widthOf(label))));
  for (const { label, rest } of rows) output.line(cut(`${pad(label, width)}  ${colors.dim(rest)}`, output));
}

/** On a terminal the tree's part of the id is left out, because the first line has it. That leaves room for the result of the task. */
function shownId({ id, treeId }: Task, { columns }: Output): string {
  return columns !== undefined && id.startsWith(`${treeId}.`) ? `…${id.slice(treeId.length)}` : id;
}

function detailOf(task: Task): string {
  const run = task.tree === undefined || task.tree.status === task.status ? [] : [`run ${task.tree.status}`];
  return [...run, endOf(task)].filter((text) => text !== '').join(' · ');
}

function endOf({ error, reason, output }: Task): string {
  if (error !== null) return oneLine(messageAbove(error.message, { error }));
  return reason === null ? preview(output) : oneLine(reason.message);
}

/** Names of the priority classes, the most urgent first. */
const PRIORITIES: readonly string[] = ['urgent', 'high', 'normal', 'low'];

/** One task, field by field, and what it printed; fields without a value are left out. */
export function showTask(task: Task, output: Output): void {
  const nowMs = Date.now();
  const { error, tree } = task;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['id', task.id],
    ['tree', task.treeId === task.id ? undefined : `${task.treeId} ${oneLine(tree?.name ?? '')}`.trim()],
    ['status', statusText(task.status)],
    ['run', tree === undefined ? undefined : statusText(tree.status)],
    ['executor', task.executor ?? 'none (a group)'],
    ['parent', task.parentId ?? undefined],
    ['depends on', task.dependencies.map(({ task: id }) => id).join(', ') || undefined],
    ['priority', PRIORITIES[task.priority]],
    ['attempts', task.attempt === 0 ? undefined : String(task.attempt)],
    ['started', task.startedAt === null ? undefined : relativeText(task.startedAt, nowMs)],
    ['took', task.startedAt === null ? undefined : spanText(task.startedAt, task.endedAt, nowMs)],
    ['due', task.dueAt === null ? undefined : relativeText(task.dueAt, nowMs)],
    ['copy of', task.originalTaskId ?? undefined],
    ['inputs', jsonText(task.input ?? task.inputs)],
    ['output', jsonText(withoutPrinted(task.output))],
    ['missing', task.cut === undefined ? undefined : colors.yellow(oneLine(cutText(task.cut)))],
    [
      'error',
      error === null ? undefined : colors.red(`${oneLine(messageAbove(error.message, { error }))} (${error.code})`),
    ],
    ['reason', task.reason === null ? undefined : oneLine(task.reason.message)],
  ];
  output.line(`${symbolOf(task.status)} ${colors.bold(oneLine(task.name))}`);
  for (const [label, value] of fields) {
    if (value !== undefined) output.line(`  ${colors.dim(pad(label, 10))}  ${value}`);
  }
  for (const line of printedLines({ taskId: task.id, output: task.output, error })) output.line(line);
}

/** An output without what is shown as lines below it. */
function withoutPrinted(output: Json): Json {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return output;
  const rest = Object.entries(output).filter(
    ([key, value]) => typeof value !== 'string' || (key !== 'stdout' && key !== 'stderr'),
  );
  return Object.fromEntries(rest);
}

function jsonText(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text === 'null' || text === '{}' ? undefined : harmlessJson(text);
}

/** Cut to the terminal; whole for a pipe. */
export function cut(line: string, output: Output): string {
  return output.columns === undefined ? line.trimEnd() : cutTo(line.trimEnd(), output.columns);
}
