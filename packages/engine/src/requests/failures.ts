/** The failures of a run, page by page (R-ER-02). */
import { ladders, listFailures, type Failure, type RunState, type TaskError, type TaskState } from '@coppice/core';
import type { FailedTask, FailurePage, FailureQuery } from '../engine.ts';

/** One page of a run's failures. */
export function failurePage(run: RunState, { isTolerated, after = -1, limit }: FailureQuery): FailurePage {
  const all = listFailures(run).filter(
    ({ toleration }) => isTolerated === undefined || (toleration !== undefined) === isTolerated,
  );
  const rest = all.filter(({ task }) => task.index > after);
  const page = rest.slice(0, limit);
  const next = rest.length > limit ? page.at(-1)?.task.index : undefined;
  const ladderOf = ladders(run);
  return {
    items: page.map((failure) => failedTask(failure, ladderOf(failure.task))),
    total: all.length,
    ...(next === undefined ? {} : { next }),
  };
}

function failedTask({ task, toleration }: Failure, ladder: FailedTask['ladder']): FailedTask {
  return {
    ...nameOf(task),
    attempt: task.attempt,
    endedAtMs: task.endedAtMs as number,
    error: task.error as TaskError,
    ladder,
    ...(toleration === undefined ? {} : { toleration: { how: toleration.how, by: nameOf(toleration.by) } }),
  };
}

function nameOf({ id, definition }: TaskState): Pick<FailedTask, 'taskId' | 'name'> {
  return { taskId: id, name: definition.name };
}
