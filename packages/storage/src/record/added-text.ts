/**
 * The tasks that come into a group while a run goes on, in the line of their event: a JSON list of tasks as in `creation-text.ts`. Ids are
 * without that of the group. Parents and sources are named by their place in this list; a parent of -1 is the group.
 */
import type { TaskDefinition, TaskId } from '@coppice/core';
import { taskLine, writtenTask, type TaskLine } from './creation-text.ts';
import { longId, shortId } from './short-id.ts';
import { taskTexts, type Places } from './task-text.ts';

/** Writes the tasks. */
export function addedText(added: readonly TaskDefinition[], groupId: TaskId): string {
  const positions = new Map(added.map(({ id }, place) => [id, place]));
  const places: Places = { positionOf: (id) => positions.get(id) ?? -1, isDerived: (_, place) => place >= 0 };
  let text = '[';
  for (let place = 0; place < added.length; place++) {
    const task = added[place] as TaskDefinition;
    text += `${place > 0 ? ',' : ''}${taskLine(taskTexts(task, place, places), shortId(task.id, groupId))}`;
  }
  return `${text}]`;
}

/** Reads them. Logs of earlier builds hold the definitions themselves. */
export function addedTasks(
  written: readonly TaskLine[] | readonly TaskDefinition[],
  groupId: TaskId,
): readonly TaskDefinition[] {
  if (!isLines(written)) return written;
  const ids = written.map(([id]) => longId(id as string, groupId));
  const idAt = (place: number): TaskId => (place < 0 ? groupId : (ids[place] as TaskId));
  return written.map((line, place) => writtenTask(line, { id: idAt(place), parentId: idAt(line[3]) }, idAt));
}

function isLines(written: readonly TaskLine[] | readonly TaskDefinition[]): written is readonly TaskLine[] {
  return Array.isArray(written[0]);
}
