/** Hash of a definition: equal for equal trees, whatever their ids and the order of keys in their values (R-SN-07). SHA-256 of canonical JSON. */
import { createHash } from 'node:crypto';
import type { Json, JsonObject, TaskDefinition, TreeDefinition } from '@coppice/core';

/** Tasks per text that is hashed; one text of a million tasks would be too long for a string. */
const TASKS_PER_TEXT = 1_000;

/** Hex. Ids are replaced by keys, and outcomes that a copy carried over are left out. */
export function definitionHash(definition: TreeDefinition): string {
  const { tasks } = definition;
  const keys = new Map(tasks.map((task) => [task.id, task.key]));
  const hash = createHash('sha256');
  for (let from = 0; from < tasks.length; from += TASKS_PER_TEXT) {
    hash.update(JSON.stringify(tasks.slice(from, from + TASKS_PER_TEXT).map((task) => canonicalTask(task, keys))));
  }
  const { inputs, variables, policies } = definition;
  hash.update(JSON.stringify([inputs, variables, policies as JsonObject].map(canonical)));
  return hash.digest('hex');
}

/** A task as a list of its fields, in a fixed order; undefined ones become null. */
function canonicalTask(task: TaskDefinition, keys: ReadonlyMap<string, string>): unknown {
  return [
    task.key,
    task.name,
    task.parentId === undefined ? null : keys.get(task.parentId),
    task.executor,
    canonical(task.inputs),
    task.dependencies.map(({ task: source, ref, required, on, port, condition, into, enabled }) => [
      keys.get(source),
      ref,
      required,
      on,
      port,
      condition,
      into,
      enabled,
    ]),
    task.join,
    task.priority,
    canonical(task.policies as JsonObject),
    task.port,
    task.allowFailure,
    task.notBeforeMs,
    task.capabilities,
    task.tags,
    canonical(task.metadata),
  ];
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
