/**
 * The definition inside a TreeCreated event, cut into parts when the tree is large: one JSON text of a million tasks would be longer than a
 * JavaScript string may be. The event's own text then says how many tasks there are, in place of the tasks.
 */
import type { EventData, TaskDefinition } from '@coppice/core';

const TASKS_PER_PART = 1_000;

export interface CreationText {
  /** JSON text of the event's data. */
  readonly data: string;
  /** JSON texts of the tasks, in order; empty when they are in `data`. */
  readonly parts: readonly string[];
}

export function creationText(data: EventData['TreeCreated']): CreationText {
  const { definition } = data;
  const { tasks } = definition;
  if (tasks.length <= TASKS_PER_PART) return { data: JSON.stringify(data), parts: [] };
  const parts: string[] = [];
  for (let from = 0; from < tasks.length; from += TASKS_PER_PART) {
    parts.push(JSON.stringify(tasks.slice(from, from + TASKS_PER_PART)));
  }
  return { data: JSON.stringify({ ...data, definition: { ...definition, tasks: tasks.length } }), parts };
}

/** Puts the tasks back in place; undefined when the parts do not have as many as the event says. */
export function joinedCreation(data: unknown, parts: readonly string[]): unknown {
  const { definition } = data as { readonly definition?: { readonly tasks?: unknown } };
  if (typeof definition?.tasks !== 'number') return data;
  const tasks = parts.flatMap((part) => JSON.parse(part) as readonly TaskDefinition[]);
  return tasks.length === definition.tasks ? { ...(data as object), definition: { ...definition, tasks } } : undefined;
}
