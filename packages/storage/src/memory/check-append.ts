/** The first half of an append in memory: refuses a part that contradicts what is stored, before anything is changed. */
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

/** Throws a Conflict for a part that can not be stored. */
export function checkPart(part: RunAppend, stored: Stored): void {
  const seq = firstSeq(part);
  const { run, events } = part;
  const isNew = events[0]?.type === 'TreeCreated';
  const last = stored.trees.get(run.treeId)?.record.seq;
  if (isNew && last !== undefined) throw duplicate('tree', run.treeId);
  if (!isNew && last === undefined) throw unknownTree(run.treeId);
  if (seq !== (last ?? 0) + 1) throw gap(run.treeId, (last ?? 0) + 1, seq);
  if (!isNew) return;
  checkIds(run, stored);
  checkKey(run, stored);
}

function checkIds(run: RunState, { tasks }: Stored): void {
  if (tasks.find(run.treeId) !== undefined) throw duplicate('task', run.treeId);
  for (const { id, deleted } of run.tasks) {
    if (!deleted && !leadsTo(run, id) && tasks.find(id) !== undefined) throw duplicate('task', id);
  }
}

function checkKey(run: RunState, { keys }: Stored): void {
  if (run.idempotencyKey === undefined) return;
  if (keys.has(keyName(run.userId, run.idempotencyKey))) throw duplicateKey(run.userId, run.idempotencyKey);
}
