/**
 * Which rows of a tree are shown, so that they fit: all of them if possible; else what is quiet is folded away step by step,
 * and what runs, waits or failed stays to the last.
 */
import { isGroup } from '@coppice/client';
import type { TaskView } from '@coppice/client';

/** A task, or several similar tasks that are folded into one row. */
export type TreeRow =
  | {
      readonly kind: 'task';
      readonly task: TaskView;
      readonly branch: Branch;
      /** True: the row is shown without its parent above it. */
      readonly isAlone?: boolean;
    }
  | { readonly kind: 'folded'; readonly status: TaskView['status']; readonly count: number; readonly branch: Branch };

/** Where a row hangs: for each enclosing level, whether more siblings follow there. The root has none. */
export type Branch = readonly boolean[];

/** How much is folded: 0 nothing; 1 ended sub-trees; 2 quiet siblings too. */
type FoldLevel = 0 | 1 | 2;

/** At most `limit` rows (at least 1); `more` counts the tasks that no row stands for. */
export function treeRows(root: TaskView, limit: number): { readonly rows: readonly TreeRow[]; readonly more: number } {
  for (const folding of [0, 1, 2] as const) {
    const rows = collect(root, folding, limit + 1);
    if (rows.length <= limit) return { rows, more: 0 };
  }
  return mostUrgent(root, limit);
}

/** Depth first, without recursion, at most `stopAt` rows. */
function collect(root: TaskView, folding: FoldLevel, stopAt: number): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const first: TreeRow = { kind: 'task', task: root, branch: [] };
  const stack: TreeRow[] = [first];
  while (stack.length > 0 && rows.length < stopAt) {
    const row = stack.pop();
    if (row === undefined) break;
    rows.push(row);
    const isFolded = folding > 0 && row !== first && row.kind === 'task' && isQuiet(row.task);
    if (row.kind === 'task' && !isFolded) stack.push(...childRows(row, folding).toReversed());
  }
  return rows;
}

function childRows(parent: Extract<TreeRow, { kind: 'task' }>, folding: FoldLevel): readonly TreeRow[] {
  const groups: TaskView[][] = [];
  for (const task of parent.task.children) {
    if (task.isLeftOut) continue;
    const before = groups.at(-1);
    const isAlike = before?.[0] !== undefined && isQuiet(before[0]) && before[0].status === task.status;
    if (folding === 2 && isAlike && isQuiet(task)) before.push(task);
    else groups.push([task]);
  }
  return groups.flatMap((alike, index): readonly TreeRow[] => {
    const branch = [...parent.branch, index < groups.length - 1];
    const [task] = alike;
    if (task === undefined) return [];
    if (alike.length === 1) return [{ kind: 'task', task, branch }];
    const count = alike.reduce((sum, { inside }) => sum + 1 + inside.total, 0);
    return [{ kind: 'folded', status: task.status, count, branch }];
  });
}

/** True: nothing in the group runs, waits or has failed, so it may be folded. */
function isQuiet({ status, inside }: TaskView): boolean {
  const isBusy = status === 'running' || status === 'waiting' || inside.running + inside.waiting > 0;
  return !isBusy && status !== 'failed' && inside.failed === 0;
}

/** A flat list: the root, what runs, what waits, what failed; the rest is only counted. */
function mostUrgent(root: TaskView, limit: number): { readonly rows: readonly TreeRow[]; readonly more: number } {
  const urgent: TaskView[][] = [[], [], []];
  const stack: TaskView[] = [root];
  let total = 0;
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    for (const child of task.children.toReversed()) if (!child.isLeftOut) stack.push(child);
    total += 1;
    if (task === root) continue;
    if (task.status === 'running' && !isGroup(task.definition)) urgent[0]?.push(task);
    else if (task.status === 'waiting') urgent[1]?.push(task);
    else if (task.status === 'failed') urgent[2]?.push(task);
  }
  const shown = urgent.flat().slice(0, Math.max(0, limit - 1));
  const rows: TreeRow[] = [{ kind: 'task', task: root, branch: [] }];
  for (const [index, task] of shown.entries())
    rows.push({ kind: 'task', task, branch: [index < shown.length - 1], isAlone: true });
  return { rows, more: total - rows.length };
}
