/** The tasks that admission has picked, by run. */
import type { PickedTask, RunState, TaskId } from '@coppice/core';

export interface RunPicks {
  readonly run: RunState;
  readonly taskIds: TaskId[];
}

/** The picks of each run, in their order. The runs are in the order of their first pick. */
export function pickedByRun(picked: readonly PickedTask[]): readonly RunPicks[] {
  const [first] = picked;
  if (first === undefined) return [];
  // The quick case: all picks are of one run.
  if (picked.every(({ run }) => run === first.run))
    return [{ run: first.run, taskIds: picked.map(({ task }) => task.id) }];
  const runs = new Map<RunState, RunPicks>();
  for (const { run, task } of picked) {
    const picks = runs.get(run);
    if (picks === undefined) runs.set(run, { run, taskIds: [task.id] });
    else picks.taskIds.push(task.id);
  }
  return [...runs.values()];
}
