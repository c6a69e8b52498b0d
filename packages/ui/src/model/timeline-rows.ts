/** Which rows the timeline has, in the order of the tree. */
import type { TaskView } from '@coppice/client';

export interface ShownRow {
  readonly task: TaskView;
  readonly depth: number;
}

/** All tasks, without the members of folded groups. */
export function rowsOf(root: TaskView | undefined, folded: ReadonlySet<string>): readonly ShownRow[] {
  const shown: ShownRow[] = [];
  const stack: ShownRow[] = root === undefined ? [] : [{ task: root, depth: 0 }];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (row.task.isDeleted) continue;
    shown.push(row);
    if (folded.has(row.task.id)) continue;
    const { depth, task } = row;
    for (const child of task.children.toReversed()) stack.push({ task: child, depth: depth + 1 });
  }
  return shown;
}
