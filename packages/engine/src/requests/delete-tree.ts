/** Deletes a whole tree through the commit queue. */
import {
  inWords,
  refuse,
  type Outcome,
  type Refused,
  type RefusedPart,
  type RunState,
  type TreeId,
} from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import { TURNS_MAX } from './decide-durably.ts';
import { notFound } from './run-requests.ts';

/** A removal in the commit queue. */
interface Removal {
  readonly userId: string;
  readonly taskCount: number;
  /** Why the store refused the removal; undefined: the tree is removed. */
  readonly refused: Promise<RefusedPart | undefined>;
}

/** Deletes a tree, and answers the number of deleted tasks. When another writer has changed the tree meanwhile, it is tried again. */
export async function deleteTree(parts: EngineParts, treeId: TreeId): Promise<Outcome<number>> {
  const { kernel, quarantine, subscriptions, observers } = parts;
  for (let turn = 1; ; turn++) {
    await kernel.commits.committed();
    const removal = await beginRemoval(parts, treeId);
    if (removal === undefined) return notFound(treeId);
    if (!removal.ok) return removal;
    const { userId, taskCount, refused } = removal.value;
    const refusal = await refused;
    if (refusal === undefined) {
      quarantine.release(treeId);
      subscriptions.publishDeleted(treeId, userId);
      observers.deleted(treeId);
      return { ok: true, value: taskCount };
    }
    if (turn === TURNS_MAX)
      return refuse(
        'storage/unreadable',
        `Tree ${treeId} could not be deleted in ${TURNS_MAX} tries: ${refusal.message}`,
      );
  }
}

/** Undefined: there is no such tree. */
async function beginRemoval(parts: EngineParts, treeId: TreeId): Promise<Outcome<Removal> | undefined> {
  const { kernel, loader, store, quarantine } = parts;
  // A run that is set aside can always be deleted, because nothing else can be done with it.
  if (quarantine.find(treeId) !== undefined) {
    const tree = await store.findTree(treeId);
    if (tree === undefined) return undefined;
    const { userId, taskCount, seq } = tree;
    return { ok: true, value: { userId, taskCount, refused: kernel.commits.remove(treeId, seq) } };
  }
  return loader.withRun(treeId, (loadedRun): Outcome<Removal> => {
    const { state, durableSeq } = loadedRun;
    if (loadedRun.isUnderWay) return activeTree(state);
    // Nothing is decided on the run any more. Requests for it wait until the tree is removed or the removal is refused.
    loadedRun.drop({ code: 'engine/deleted', message: `Tree ${treeId} is being deleted` });
    kernel.loadedRuns.forget(loadedRun);
    const refused = kernel.commits.remove(treeId, durableSeq);
    loader.hold(
      treeId,
      refused.then((refusal) => refusal !== undefined),
    );
    return { ok: true, value: { userId: state.userId, taskCount: state.byId.size, refused } };
  });
}

function activeTree(run: RunState): Refused {
  const reason = `its run ${inWords(run.status)}; cancel it first`;
  return refuse('task/cannot-delete', `Tree ${run.treeId} can not be deleted: ${reason}`, {
    errors: [{ code: 'task/cannot-delete', path: ['taskId'], reason }],
  });
}
