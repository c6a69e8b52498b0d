/** `list` and `count` in memory: a walk over all trees, newest first. */
import type { TaskFilter } from '@coppice/core';
import { folded, type Place } from '../record/page.ts';
import { runStatus, taskStatus, type ListRow } from '../record/rows.ts';
import type { MemoryTask, MemoryTree } from './memory-tree.ts';

/** Rows of `trees`, which are in order of creation, that pass the filter: newest first, after a place. */
export function* listRows(trees: Iterable<MemoryTree>, filter: TaskFilter, after?: Place): Generator<ListRow> {
  for (const tree of [...trees].reverse()) {
    if (after !== undefined && tree.no > after.treeNo) continue;
    for (const task of candidates(tree, filter)) {
      if (after?.treeNo === tree.no && task.definition.index >= after.index) continue;
      if (!passes(task, filter)) continue;
      const { status, userId } = tree.row;
      yield { ...task.definition, ...task.execution, runStatus: status, userId, treeNo: tree.no };
    }
  }
}

/** The status that a listing with this filter shows for a row. */
export function listedStatus(row: ListRow, { rootOnly }: TaskFilter): string {
  return rootOnly ? runStatus(row.runStatus) : taskStatus(row.status);
}

function candidates({ tasks, rootIndex }: MemoryTree, { rootOnly }: TaskFilter): MemoryTask[] {
  const chosen = rootOnly ? [tasks[rootIndex]] : tasks.toReversed();
  return chosen.filter((task) => task !== undefined);
}

function passes({ tree, definition, execution }: MemoryTask, filter: TaskFilter): boolean {
  const { status, userId, search, tag, rootOnly } = filter;
  if (userId !== undefined && tree.row.userId !== userId) return false;
  if (search !== undefined && !folded(definition.name).includes(folded(search))) return false;
  if (tag !== undefined && !(JSON.parse(definition.tags ?? '[]') as string[]).includes(tag)) return false;
  return status === undefined || status.includes(rootOnly ? runStatus(tree.row.status) : taskStatus(execution.status));
}
