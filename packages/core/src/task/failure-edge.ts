/** Edges and failures of their source: whether a failure can fire the edge, and whether the target then handles the failure. */
import type { DependencySubmission } from './submission.ts';
import type { Dependency } from './task.ts';

/** True for an edge that a failure of its source can fire. */
export function firesOnFailure({ required, on }: Pick<DependencySubmission, 'required' | 'on'>): boolean {
  return required === false || on?.includes('failure') === true;
}

/** True when the target handles a failure that fires the edge. In an old tree, without `handles`, every edge on failure handles it. */
export function dealsWithFailure({ handles, on }: Pick<Dependency, 'handles' | 'on'>): boolean {
  return handles ?? on.includes('failure');
}
