/** Tasks that go on when what is around them ends: clean-up and compensation. */
import type { TaskState } from './state.ts';

/** True for a task that cleans up or compensates, or is a part of one that does; `within`: in this group only. */
export function comesLast(task: TaskState, within?: TaskState): boolean {
  for (let at: TaskState | undefined = task; at !== within && at !== undefined; at = at.parent)
    if (isLast(at)) return true;
  return false;
}

export function isLast({ definition }: TaskState): boolean {
  return definition.finally === true || definition.compensates !== undefined;
}
