/** The first half of an append in memory: refuses a part that contradicts the stored trees, before anything is changed. */
import type { EngineEvent, StreamAppend, RunFacts, TreeFacts } from '@coppice/core';
import {
  checkEngineAppend,
  checkRemoval,
  duplicate,
  duplicateKey,
  firstSeq,
  gap,
  unknownTree,
} from '../record/refusals.ts';
import type { MemoryTree } from './memory-tree.ts';
import { leadsTo, type TaskIndex } from './task-index.ts';

/** The stored trees, as far as the check of an append needs them. */
export interface StoredData {
  readonly trees: ReadonlyMap<string, MemoryTree>;
  readonly tasks: TaskIndex;
  readonly keys: ReadonlyMap<string, string>;
  readonly engineEvents: readonly EngineEvent[];
}

/** Name of an idempotency key among those of all users. */
export function keyName(userId: string, key: string): string {
  return JSON.stringify([userId, key]);
}

/** Throws a Conflict for a part that can not be stored. */
export function checkPart(part: StreamAppend, stored: StoredData): void {
  if (part.kind === 'engine') return checkEngineAppend(part, stored.engineEvents.length);
  if (part.kind === 'treeRemoval') return checkRemoval(part, stored.trees.get(part.treeId)?.facts.seq);
  const seq = firstSeq(part);
  const { tree, events } = part;
  const isNew = events[0]?.type === 'TreeCreated';
  const last = stored.trees.get(tree.treeId)?.facts.seq;
  if (isNew && last !== undefined) throw duplicate('tree', tree.treeId);
  if (!isNew && last === undefined) throw unknownTree(tree.treeId);
  if (seq !== (last ?? 0) + 1) throw gap(tree.treeId, (last ?? 0) + 1, seq);
  if (!isNew) return;
  checkIds(part, stored);
  checkKey(tree, stored);
}

function checkIds({ tree, tasks: given }: RunFacts, { tasks }: StoredData): void {
  if (tasks.find(tree.treeId) !== undefined) throw duplicate('task', tree.treeId);
  for (const { id, deleted } of given) {
    if (!deleted && !leadsTo(tree, id) && tasks.find(id) !== undefined) throw duplicate('task', id);
  }
}

function checkKey(tree: TreeFacts, { keys }: StoredData): void {
  if (tree.idempotencyKey === undefined) return;
  if (keys.has(keyName(tree.userId, tree.idempotencyKey))) throw duplicateKey(tree.userId, tree.idempotencyKey);
}
