/** The first half of an append in memory: refuses a batch that contradicts what is stored, before anything is changed. */
import type { RunAppend, RunState } from '@coppice/core';
import { duplicate, duplicateKey, firstSeq, gap, unknownTree } from '../record/refusals.ts';
import type { MemoryTree } from './memory-tree.ts';
import { leadsTo, type TaskIndex } from './task-index.ts';

/** What is stored, as far as an append must know it. */
export interface Stored {
  readonly trees: ReadonlyMap<string, MemoryTree>;
  readonly tasks: TaskIndex;
  readonly keys: ReadonlyMap<string, string>;
}

/** Name of an idempotency key among those of all users. */
export function keyName(userId: string, key: string): string {
  return JSON.stringify([userId, key]);
}

/** Throws an InvariantError for the first part that can not be stored. */
export function checkAppend(batch: readonly RunAppend[], stored: Stored): void {
  // What earlier parts of the batch add counts as stored.
  let taken: Set<string> | undefined;
  const seqs = batch.length > 1 ? new Map<string, number>() : undefined;
  for (const part of batch) {
    const seq = firstSeq(part);
    const { run, events } = part;
    const isNew = events[0]?.type === 'TreeCreated';
    const last = seqs?.get(run.treeId) ?? stored.trees.get(run.treeId)?.record.seq;
    if (isNew && last !== undefined) throw duplicate('tree', run.treeId);
    if (!isNew && last === undefined) throw unknownTree(run.treeId);
    if (seq !== (last ?? 0) + 1) throw gap(run.treeId, (last ?? 0) + 1, seq);
    seqs?.set(run.treeId, run.seq);
    if (!isNew) continue;
    taken ??= new Set();
    checkIds(run, stored, taken);
    checkKey(run, stored, taken);
  }
}

function checkIds(run: RunState, { tasks }: Stored, taken: Set<string>): void {
  if (tasks.find(run.treeId) !== undefined || taken.has(run.treeId)) throw duplicate('task', run.treeId);
  taken.add(run.treeId);
  for (const { id, deleted } of run.tasks) {
    if (deleted || leadsTo(run, id)) continue;
    if (tasks.find(id) !== undefined || taken.has(id)) throw duplicate('task', id);
    taken.add(id);
  }
}

function checkKey(run: RunState, { keys }: Stored, taken: Set<string>): void {
  if (run.idempotencyKey === undefined) return;
  const name = keyName(run.userId, run.idempotencyKey);
  if (keys.has(name) || taken.has(name)) throw duplicateKey(run.userId, run.idempotencyKey);
  taken.add(name);
}
