/** Nests the flat rows of a tree for an answer, at most so deep that common JSON readers cope. */
import type { TaskRecord } from '@coppice/core';
import type { NestedTask } from '@coppice/protocol';
import { taskToWire } from './task-to-wire.ts';

export interface NestOptions {
  /** The outermost task. */
  readonly rootId: string;
  /** Levels of children to show. */
  readonly depth: number;
}

/** The nested task; undefined when `rootId` is not among the rows. Rows are in declared order. Not recursive: trees may be deeper than the stack. */
export function nest(records: readonly TaskRecord[], { rootId, depth }: NestOptions): NestedTask | undefined {
  const childrenOf = new Map<string, TaskRecord[]>();
  let root: TaskRecord | undefined;
  for (const record of records) {
    if (record.id === rootId) root = record;
    if (record.parentId === null) continue;
    const siblings = childrenOf.get(record.parentId);
    if (siblings === undefined) childrenOf.set(record.parentId, [record]);
    else siblings.push(record);
  }
  if (root === undefined) return undefined;

  const outermost = toNested(root, childrenOf);
  let level = [outermost];
  for (let shown = 0; level.length > 0; shown += 1) {
    const next: NestedTask[] = [];
    for (const task of level) {
      if (task.childCount > 0 && shown >= depth) task.truncated = true;
      else task.children = (childrenOf.get(task.id) ?? []).map((child) => toNested(child, childrenOf));
      for (const child of task.children) next.push(child);
    }
    level = next;
  }
  return outermost;
}

function toNested(record: TaskRecord, childrenOf: ReadonlyMap<string, readonly TaskRecord[]>): NestedTask {
  return { ...taskToWire(record), childCount: childrenOf.get(record.id)?.length ?? 0, children: [] };
}
