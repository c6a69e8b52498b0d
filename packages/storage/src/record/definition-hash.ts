/**
 * Hash of a definition. Equal trees have equal hashes, whatever their ids and the order of keys in their values are (R-SN-07). It is the
 * SHA-256 of the texts in `creation-text.ts`, written as if all ids followed from positions, so that they hold no ids.
 */
import { createHash, hash } from 'node:crypto';
import {
  FIELD_LIST,
  type Json,
  type JsonObject,
  type TaskDefinition,
  type TaskId,
  type TreeDefinition,
} from '@coppice/core';
import { creationParts } from './creation-text.ts';
import { derivedId, restText, TaskPlaces, taskTexts, type TaskTexts } from './task-text.ts';

/** The hash in hexadecimal. Outcomes that a copy carried over are left out. */
export function definitionHash(definition: TreeDefinition): string {
  const texts = textsOf(definition);
  return hashOfTexts(definition, texts, creationParts(texts));
}

/** Makes the same hash from texts that already exist. */
export function hashOfTexts(
  definition: TreeDefinition,
  texts: readonly TaskTexts[],
  written: readonly string[],
): string {
  const parts = canonicalParts(definition, texts, written);
  const { inputs, variables, merges, declares, policies } = definition;
  const ofRun = JSON.stringify(
    canonical([
      inputs,
      variables,
      policies as Json,
      ...(merges === undefined ? [] : [merges]),
      ...(declares === undefined ? [] : [declares as Json]),
    ]),
  );
  const [only = ''] = parts;
  // Hashing one joined text costs half, but the joined texts of a large tree may be too long for a string.
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

/** Texts of the same tree with ids that follow from positions, keys in order, and without what a copy adds: often those written. */
function canonicalParts(
  definition: TreeDefinition,
  texts: readonly TaskTexts[],
  written: readonly string[],
): readonly string[] {
  if (texts.some(({ id }) => id !== null)) return creationParts(textsOf(canonicalTree(definition)));
  let isWritten = true;
  const canonicalTexts = texts.map((text, index) => {
    const task = definition.tasks[index] as TaskDefinition;
    if (text.rest === null || isCanonical(task)) return text;
    isWritten = false;
    return { ...text, rest: restText(canonicalTask(task)) };
  });
  return isWritten ? written : creationParts(canonicalTexts);
}

function canonicalTree(definition: TreeDefinition): TreeDefinition {
  const { treeId, tasks } = definition;
  const ids = new Map(tasks.map(({ id, parentId }, index) => [id, derivedId(treeId, index, parentId === undefined)]));
  const idOf = (id: TaskId): TaskId => ids.get(id) as TaskId;
  return {
    ...definition,
    tasks: tasks.map((task) => ({
      ...canonicalTask(task),
      id: idOf(task.id),
      parentId: task.parentId === undefined ? undefined : idOf(task.parentId),
      dependencies: task.dependencies.map((dependency) => ({ ...dependency, task: idOf(dependency.task) })),
    })),
  };
}

/** Fields with values of many keys; those that say what a task is a copy of are left out. */
const ORDERED = FIELD_LIST.flatMap(({ name, from, unsaid }) => (from === 'caller' && isObject(unsaid) ? [name] : []));
const OF_COPY = FIELD_LIST.flatMap(({ name, from }) => (from === 'copy' ? [name] : []));

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCanonical(task: TaskDefinition): boolean {
  return OF_COPY.every((name) => task[name] === undefined) && ORDERED.every((name) => isInOrder(task[name] as Json));
}

function canonicalTask(task: TaskDefinition): TaskDefinition {
  const changed: Partial<Record<keyof TaskDefinition, unknown>> = { ...task };
  for (const name of OF_COPY) changed[name] = undefined;
  for (const name of ORDERED) changed[name] = canonical(task[name] as Json);
  return changed as TaskDefinition;
}

/** True when the keys of all objects in the value are sorted. */
function isInOrder(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return (value as readonly Json[]).every(isInOrder);
  const keys = Object.keys(value);
  return keys.every(
    (key, at) => (at === 0 || (keys[at - 1] as string) < key) && isInOrder((value as JsonObject)[key] as Json),
  );
}

/** The value with the keys of its objects sorted. */
function canonical(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(canonical);
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
}
