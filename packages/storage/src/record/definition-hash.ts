/**
 * Hash of a definition: equal for equal trees, whatever their ids and the order of keys in their values (R-SN-07). SHA-256 of the texts
 * that a file keeps of it (`creation-text.ts`), which hold no id where ids follow from positions; where they do not, of those that would.
 */
import { createHash, hash } from 'node:crypto';
import type { Json, TaskDefinition, TaskId, TreeDefinition } from '@coppice/core';
import { creationParts } from './creation-text.ts';
import { derivedId, TaskPlaces, taskTexts, type TaskTexts } from './task-text.ts';

/** Hex. Outcomes that a copy carried over are left out. */
export function definitionHash(definition: TreeDefinition): string {
  const texts = textsOf(definition);
  return hashOfTexts(definition, texts, creationParts(texts));
}

/** The same, of texts that have been made already. */
export function hashOfTexts(
  definition: TreeDefinition,
  texts: readonly TaskTexts[],
  written: readonly string[],
): string {
  const isPlain = texts.every(({ id, rest }) => id === null && rest === null);
  const parts = isPlain ? written : creationParts(textsOf(canonicalTree(definition)));
  const { inputs, variables, policies } = definition;
  const ofRun = JSON.stringify(canonical([inputs, variables, policies as Json]));
  const [only = ''] = parts;
  // At once costs half, but all texts of a large tree may be longer than a string may be.
  if (parts.length === 1) return hash('sha256', only + ofRun);
  const hashing = createHash('sha256');
  for (const part of parts) hashing.update(part);
  return hashing.update(ofRun).digest('hex');
}

function textsOf({ treeId, tasks }: TreeDefinition): TaskTexts[] {
  const positions = new Map(tasks.map(({ id }, index) => [id, index]));
  const places = new TaskPlaces(treeId, (id) => positions.get(id) as number);
  return tasks.map((task, index) => taskTexts(task, index, places));
}

/** The same tree with ids that follow from positions, keys in order, and without what a copy adds. */
function canonicalTree(definition: TreeDefinition): TreeDefinition {
  const { treeId, tasks } = definition;
  const ids = new Map(tasks.map(({ id, parentId }, index) => [id, derivedId(treeId, index, parentId === undefined)]));
  const idOf = (id: TaskId): TaskId => ids.get(id) as TaskId;
  return { ...definition, tasks: tasks.map((task) => canonicalTask(task, idOf)) };
}

function canonicalTask(task: TaskDefinition, idOf: (id: TaskId) => TaskId): TaskDefinition {
  const { originalTaskId: _, settled: __, ...kept } = task;
  return {
    ...kept,
    id: idOf(task.id),
    parentId: task.parentId === undefined ? undefined : idOf(task.parentId),
    dependencies: task.dependencies.map((dependency) => ({ ...dependency, task: idOf(dependency.task) })),
    inputs: canonical(task.inputs) as TaskDefinition['inputs'],
    policies: canonical(task.policies as Json) as TaskDefinition['policies'],
    metadata: canonical(task.metadata) as TaskDefinition['metadata'],
  };
}

/** The value with the keys of its objects sorted; the value itself where they are already. */
function canonical(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(canonical);
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
}
