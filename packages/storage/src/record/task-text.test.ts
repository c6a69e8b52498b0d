import { describe, expect, it } from 'vitest';
import { DEFAULTS, type TaskDefinition, type TaskId, type TreeId } from '@coppice/core';
import { createdTasks, creationParts, type TaskLine } from './creation-text.ts';
import { TaskPlaces, taskTexts } from './task-text.ts';

const treeId = 'tree' as TreeId;

function definition(more: Partial<TaskDefinition>): TaskDefinition {
  return {
    ...DEFAULTS,
    id: treeId,
    key: 'root',
    name: 'root',
    ...more,
  };
}

/** The definition as a file gives it back, and what the file holds. */
function written(task: TaskDefinition): { readonly text: string; readonly read: TaskDefinition | undefined } {
  const places = new TaskPlaces(treeId, (id: TaskId) => (id === treeId ? 0 : -1));
  const [text = ''] = creationParts([taskTexts(task, 0, places)]);
  const [read] = createdTasks(treeId, JSON.parse(text) as TaskLine[]);
  return { text, read };
}

describe('the kind of a task in a file', () => {
  it.each([
    ['group', undefined],
    ['executor', 'work'],
  ] as const)('%s is not written, because it follows from the executor', (kind, executor) => {
    const stated = written(definition({ kind, executor }));
    expect(stated.text).toBe(written(definition({ executor })).text);
    expect(stated.read?.kind).toBe(kind);
  });

  it('is written where it does not follow', () => {
    const { text, read } = written(definition({ kind: 'wait' }));
    expect(text).toContain('"kind":"wait"');
    expect(read?.kind).toBe('wait');
  });
});
