/** What an edge has to do with a failure of its source: whether that can fire it, and whether the target then deals with it. */
import type { DependencySubmission } from './submission.ts';
import type { Dependency } from './task.ts';

/** True for an edge that a failure of its source can fire. */
export function firesOnFailure({ required, on }: Pick<DependencySubmission, 'required' | 'on'>): boolean {
  return required === false || on?.includes('failure') === true;
}

/** True when a failure that fires the edge is dealt with by its target. Where a tree of old does not say, an edge on failure does. */
export function dealsWithFailure({ handles, on }: Pick<Dependency, 'handles' | 'on'>): boolean {
  return handles ?? on.includes('failure');
}
