/** Invariant 2 for rows: what a store answers for a tree is what the fold of its log says. */
import { isDeepStrictEqual } from 'node:util';
import { InvariantError, rowDifferences, type RunState, type TaskRecord, type TreeRecord } from '@coppice/core';

/** Throws an InvariantError that names the first row which differs. */
export function checkRows(run: RunState, tree: TreeRecord | undefined, tasks: readonly TaskRecord[]): void {
  for (const difference of rowDifferences(run, { tree, tasks }, isDeepStrictEqual))
    throw new InvariantError(`${difference} (at event ${run.seq})`);
}
