/** A run as a signal handler reads it. Values are copied when they are read, so nobody can change the state through them. */
import type { Json, JsonObject, RunReading, TaskReading } from '@coppice/extension';
import type { RunState, TaskState } from './state.ts';

export function readingOf(run: RunState): RunReading {
  let tasks: readonly TaskReading[] | undefined;
  return {
    treeId: run.treeId,
    status: run.status as RunReading['status'],
    get inputs() {
      return copyJson(run.inputs) as JsonObject;
    },
    get tasks() {
      return (tasks ??= run.tasks.filter(({ deleted }) => !deleted).map(taskReading));
    },
  };
}

function taskReading(task: TaskState): TaskReading {
  const { id, definition, status, attempt, error } = task;
  return {
    id,
    key: definition.key,
    name: definition.name,
    parentId: definition.parentId,
    executor: definition.executor,
    tags: [...definition.tags],
    status,
    attempt,
    get input() {
      return task.input === undefined ? undefined : (copyJson(task.input) as JsonObject);
    },
    get output() {
      return copyJson(task.output);
    },
    get error() {
      return error === undefined ? undefined : (copyJson(error as unknown as Json) as unknown as typeof error);
    },
  };
}

export function copyJson(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
