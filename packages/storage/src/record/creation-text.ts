/**
 * The tasks of a TreeCreated event as JSON texts of at most 1,000 tasks. One text of a million tasks would be too long for a JavaScript
 * string. A task is the list `[id, key, name, parent, executor, dependencies, rest]` of its `TaskTexts`, with 0 for null.
 */
import type { TaskDefinition, TaskId } from '@coppice/core';
import { derivedId, writtenDefinition, type TaskTexts, type WrittenDependency } from './task-text.ts';

const TASKS_PER_PART = 1_000;

/** JSON lists of tasks, in order. */
export function creationParts(tasks: readonly TaskTexts[]): string[] {
  const parts: string[] = [];
  for (let from = 0; from < tasks.length; from += TASKS_PER_PART) {
    let text = '[';
    const to = Math.min(from + TASKS_PER_PART, tasks.length);
    for (let at = from; at < to; at++) text += `${at > from ? ',' : ''}${taskLine(tasks[at] as TaskTexts)}`;
    parts.push(`${text}]`);
  }
  return parts;
}

/** Writes a task; `id`: instead of that of the texts. */
export function taskLine(texts: TaskTexts, id = texts.id): string {
  const { key, name, parent, executor, dependencies, rest } = texts;
  return `[${stringOr0(id)},${stringOr0(key)},${JSON.stringify(name)},${parent ?? -1},${stringOr0(executor)},${dependencies ?? 0},${rest ?? 0}]`;
}

function stringOr0(text: string | null): string {
  return text === null ? '0' : JSON.stringify(text);
}

export type TaskLine = readonly [
  id: string | 0,
  key: string | 0,
  name: string,
  parent: number,
  executor: string | 0,
  dependencies: readonly WrittenDependency[] | 0,
  rest: Partial<TaskDefinition> | 0,
];

/** The tasks that were written. */
export function createdTasks(treeId: string, lines: readonly TaskLine[]): TaskDefinition[] {
  const ids = lines.map(([id, , , parent], index) =>
    id === 0 ? derivedId(treeId, index, parent < 0) : (id as TaskId),
  );
  const idAt = (position: number): TaskId => ids[position] as TaskId;
  return lines.map((line, index) => {
    const parent = line[3];
    return writtenTask(line, { id: idAt(index), parentId: parent < 0 ? null : idAt(parent) }, idAt);
  });
}

/** Makes a task of its line and the ids that the line stands for. */
export function writtenTask(
  [, key, name, , executor, dependencies, rest]: TaskLine,
  { id, parentId }: { readonly id: TaskId; readonly parentId: TaskId | null },
  idAt: (position: number) => TaskId,
): TaskDefinition {
  return writtenDefinition(
    {
      key: key === 0 ? null : key,
      name,
      parentId,
      executor: executor === 0 ? null : executor,
      dependencies: dependencies === 0 ? [] : dependencies,
      rest: rest === 0 ? {} : rest,
    },
    id,
    idAt,
  );
}
