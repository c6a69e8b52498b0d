/**
 * The first half of an append in memory: checks a whole batch and builds all of its rows, changing nothing.
 * What it answers can then be put in place without failing.
 */
import type { RunAppend, RunState, TaskState } from '@coppice/core';
import type { EventRow } from '../record/event-row.ts';
import { duplicate, duplicateKey, firstSeq, gap, unknownTree } from '../record/refusals.ts';
import type { DefinitionRow, ExecutionRow, TreeRow } from '../record/rows.ts';
import { definitionRow, eventRow, executionRow, treeRow, type MemoryTask, type MemoryTree } from './memory-tree.ts';

/** Rows of one part, ready to be put in place. */
export interface PreparedPart {
  readonly treeId: string;
  /** Set exactly for a new tree. */
  readonly creation: { readonly rootIndex: number; readonly idempotencyKey: string | undefined } | undefined;
  readonly row: TreeRow;
  readonly events: readonly EventRow[];
  readonly definitions: readonly DefinitionRow[];
  readonly executions: readonly { readonly id: string; readonly row: ExecutionRow }[];
  readonly deleted: readonly string[];
}

/** What is stored, as far as an append must know it. */
export interface StoredIndex {
  readonly trees: ReadonlyMap<string, MemoryTree>;
  readonly tasks: ReadonlyMap<string, MemoryTask>;
  readonly keys: ReadonlyMap<string, string>;
}

/** Name of an idempotency key among those of all users. */
export function keyName(userId: string, key: string): string {
  return JSON.stringify([userId, key]);
}

export function prepareAppend(batch: readonly RunAppend[], stored: StoredIndex): PreparedPart[] {
  // What earlier parts of the batch add counts as stored.
  const seqs = new Map<string, number>();
  const taken = new Set<string>();
  return batch.map((part) => {
    const seq = firstSeq(part);
    const { run, events } = part;
    const isNew = events[0]?.type === 'TreeCreated';
    const last = seqs.get(run.treeId) ?? stored.trees.get(run.treeId)?.row.seq;
    if (isNew && last !== undefined) throw duplicate('tree', run.treeId);
    if (!isNew && last === undefined) throw unknownTree(run.treeId);
    if (seq !== (last ?? 0) + 1) throw gap(run.treeId, (last ?? 0) + 1, seq);
    seqs.set(run.treeId, run.seq);
    const added = isNew ? run.tasks.filter((task) => !task.deleted) : [];
    for (const { id } of added) {
      if (stored.tasks.has(id) || taken.has(id)) throw duplicate('task', id);
      taken.add(id);
    }
    if (isNew) checkKey(run, stored, taken);
    return prepared(part, added, isNew);
  });
}

function checkKey(run: RunState, stored: StoredIndex, taken: Set<string>): void {
  if (run.idempotencyKey === undefined) return;
  const name = keyName(run.userId, run.idempotencyKey);
  if (stored.keys.has(name) || taken.has(name)) throw duplicateKey(run.userId, run.idempotencyKey);
  taken.add(name);
}

function prepared({ run, events, changed }: RunAppend, added: readonly TaskState[], isNew: boolean): PreparedPart {
  const updated = events.flatMap((event) => (event.type === 'TaskUpdated' ? (run.byId.get(event.taskId) ?? []) : []));
  return {
    treeId: run.treeId,
    creation: isNew ? { rootIndex: run.root.index, idempotencyKey: run.idempotencyKey } : undefined,
    row: treeRow(run),
    events: events.map(eventRow),
    definitions: [...added, ...updated].map((task) => definitionRow(run.treeId, task)),
    executions: changed.filter((task) => !task.deleted).map((task) => ({ id: task.id, row: executionRow(task) })),
    deleted: changed.filter((task) => task.deleted).map(({ id }) => id),
  };
}
