/** `list` and `count` in memory: a walk over all trees, newest first. */
import type { TaskFacts, TaskFilter, TaskListItem, TaskRecord } from '@coppice/core';
import { folded, idPrefixOf, type Place } from '../record/page.ts';
import { taskRecordAt, type MemoryTask, type MemoryTree } from './memory-tree.ts';

/** The tasks that pass the filter, newest first, after a place. `trees` are in the order of creation. */
export function* listTasks(trees: Iterable<MemoryTree>, filter: TaskFilter, after?: Place): Generator<MemoryTask> {
  const wanted = filter.treeIds === undefined ? undefined : new Set(filter.treeIds);
  for (const tree of [...trees].reverse()) {
    if (wanted?.has(tree.facts.treeId) === false) continue;
    if (after !== undefined && tree.no > after.treeNo) continue;
    if (filter.userId !== undefined && tree.facts.userId !== filter.userId) continue;
    if (filter.createdBeforeMs !== undefined && tree.facts.createdAtMs >= filter.createdBeforeMs) continue;
    const end = after?.treeNo === tree.no ? after.index : tree.tasks.length;
    for (const index of candidates(tree, filter, end)) {
      const task = { tree, index };
      if (passes(task, filter)) yield task;
    }
  }
}

/** The item of a page for a task. */
export function listItemOf({ tree, index }: MemoryTask): TaskListItem {
  const { userId, status } = tree.facts;
  return { task: taskRecordAt(tree, index) as TaskRecord, runStatus: status, userId };
}

/** The status that a listing with this filter shows for a task. */
export function listedStatus({ tree, index }: MemoryTask, { rootOnly }: TaskFilter): string {
  return rootOnly ? tree.facts.status : (tree.tasks[index] as TaskFacts).status;
}

/** Positions below `end`, the last first. */
function* candidates({ facts: { rootIndex } }: MemoryTree, { rootOnly }: TaskFilter, end: number): Generator<number> {
  if (rootOnly) {
    if (rootIndex < end) yield rootIndex;
    return;
  }
  for (let index = end - 1; index >= 0; index--) yield index;
}

function passes(task: MemoryTask, filter: TaskFilter): boolean {
  const { status, search, tag } = filter;
  const definition = task.tree.tasks[task.index]?.definition;
  if (definition === undefined) return false;
  if (search !== undefined && !isFound(task.tree.treeId, definition.name, search)) return false;
  if (tag !== undefined && !definition.tags.includes(tag)) return false;
  return status === undefined || (status as readonly string[]).includes(listedStatus(task, filter));
}

function isFound(treeId: string, name: string, search: string): boolean {
  const prefix = idPrefixOf(search);
  return folded(name).includes(folded(search)) || (prefix !== undefined && treeId.startsWith(prefix));
}
