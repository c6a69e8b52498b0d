/** Showing answers that are tasks or trees. */
import type { NestedTask, Task } from '@coppice/protocol';
import colors from 'picocolors';
import { oneLine, preview } from '../live/task-text.ts';
import type { Output } from '../output/output.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import { relativeText, spanText } from '@coppice/client';
import { pad } from '../output/table.ts';
import { cutTo, widthOf } from '../output/text-width.ts';

/** The status a person expects: for a root that of its run. */
export function statusOf(task: Task): Parameters<typeof symbolOf>[0] {
  return task.tree?.status ?? task.status;
}

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
      label: `${colors.dim(lead)}${symbolOf(statusOf(task))} ${name}`,
      rest: [pad(span, 6, 'right'), task.id, detailOf(task)].join('  '),
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

function detailOf(task: Task): string {
  if (task.error !== null) return oneLine(task.error.message);
  return task.reason === null ? preview(task.output) : oneLine(task.reason.message);
}

/** One task, field by field; fields without a value are left out. */
export function showTask(task: Task, output: Output): void {
  const nowMs = Date.now();
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['id', task.id],
    ['tree', task.treeId === task.id ? undefined : task.treeId],
    ['status', statusText(statusOf(task))],
    ['executor', task.executor ?? 'none (a group)'],
    ['parent', task.parentId ?? undefined],
    ['depends on', task.dependencies.map(({ task: id }) => id).join(', ') || undefined],
    ['priority', String(task.priority)],
    ['attempts', task.attempt === 0 ? undefined : String(task.attempt)],
    ['started', task.startedAt === null ? undefined : relativeText(task.startedAt, nowMs)],
    ['took', task.startedAt === null ? undefined : spanText(task.startedAt, task.endedAt, nowMs)],
    ['copy of', task.originalTaskId ?? undefined],
    ['inputs', jsonText(task.input ?? task.inputs)],
    ['output', jsonText(task.output)],
    ['error', task.error === null ? undefined : colors.red(`${oneLine(task.error.message)} (${task.error.code})`)],
    ['reason', task.reason?.message],
  ];
  output.line(`${symbolOf(statusOf(task))} ${colors.bold(oneLine(task.name))}`);
  for (const [label, value] of fields) {
    if (value !== undefined) output.line(`  ${colors.dim(pad(label, 10))}  ${value}`);
  }
}

function jsonText(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text === 'null' || text === '{}' ? undefined : text;
}

/** Cut to the terminal; whole for a pipe. */
export function cut(line: string, output: Output): string {
  return output.columns === undefined ? line.trimEnd() : cutTo(line.trimEnd(), output.columns);
}
