/** Deletes a whole tree through the commit queue. */
import {
  inWords,
  refuse,
  type Outcome,
  type RefusedOutcome,
  type RefusedPart,
  type RunState,
  type TreeId,
  type TreeRecord,
} from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';
import { QuarantineError } from '../quarantine.ts';
import { TURNS_MAX } from './decide-durably.ts';
import { notFound } from './run-requests.ts';

/** A removal in the commit queue. */
interface Removal {
  readonly userId: string;
  readonly taskCount: number;
  /** Why the store refused the removal; undefined: the tree is removed. */
  readonly refused: Promise<RefusedPart | undefined>;
}

/**
 * Deletes a tree, and answers the number of deleted tasks. When another writer has changed the tree meanwhile, it is tried again.
 * `seq`: only the tree whose last event this is.
 */
export async function deleteTree(parts: EngineParts, treeId: TreeId, seq?: number): Promise<Outcome<number>> {
  const { kernel, quarantine, subscriptions, observers } = parts;
  for (let turn = 1; ; turn++) {
    await kernel.commits.committed();
    const removal = await beginRemoval(parts, treeId, seq);
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
function beginRemoval(
  parts: EngineParts,
  treeId: TreeId,
  wantedSeq: number | undefined,
): Promise<Outcome<Removal> | undefined> {
  const { kernel, loader } = parts;
  return withTree(parts, treeId, {
    aside: ({ userId, taskCount, seq }) => ({
      ok: true,
      value: { userId, taskCount, refused: kernel.commits.remove(treeId, seq) },
    }),
    loaded: (loadedRun) => {
      const { state, durableSeq } = loadedRun;
      if (loadedRun.isUnderWay) return activeTree(state);
      if (wantedSeq !== undefined && wantedSeq !== durableSeq) return changedTree(state);
      // Nothing is decided on the run any more. Requests for it wait until the tree is removed or the removal is refused.
      loadedRun.drop({ code: 'engine/deleted', message: `Tree ${treeId} is being deleted` });
      kernel.loadedRuns.forget(loadedRun);
      const refused = kernel.commits.remove(treeId, durableSeq);
      loader.hold(
        treeId,
        refused.then((refusal) => refusal !== undefined),
      );
      return { ok: true, value: { userId: state.userId, taskCount: state.byId.size, refused } };
    },
  });
}

/** The number of tasks that a deletion of the tree would delete, or why it would be refused. Undefined: there is no such tree. */
export function previewDeletion(parts: EngineParts, treeId: TreeId): Promise<Outcome<number> | undefined> {
  return withTree(parts, treeId, {
    aside: ({ taskCount }) => ({ ok: true, value: taskCount }),
    loaded: ({ isUnderWay, state }) => (isUnderWay ? activeTree(state) : { ok: true, value: state.byId.size }),
  });
}

interface TreeUse<T> {
  readonly loaded: (loadedRun: LoadedRun) => Outcome<T>;
  /** A run that is set aside can always be deleted, because nothing else can be done with it. */
  readonly aside: (tree: TreeRecord) => Outcome<T>;
}

/** Undefined: there is no such tree. */
async function withTree<T>(
  { loader, store }: EngineParts,
  treeId: TreeId,
  { loaded, aside }: TreeUse<T>,
): Promise<Outcome<T> | undefined> {
  try {
    return await loader.withRun(treeId, loaded);
  } catch (error) {
    if (!(error instanceof QuarantineError)) throw error;
    const tree = await store.findTree(treeId);
    return tree === undefined ? undefined : aside(tree);
  }
}

function activeTree(run: RunState): RefusedOutcome {
  const reason = `its run ${inWords(run.status)}; cancel it first`;
  return refuse('task/cannot-delete', `Tree ${run.treeId} can not be deleted: ${reason}`, {
    errors: [{ code: 'task/cannot-delete', path: ['taskId'], reason }],
  });
}

function changedTree({ treeId }: RunState): RefusedOutcome {
  const reason = 'it has changed meanwhile; try again';
  return refuse('task/cannot-delete', `Tree ${treeId} can not be deleted: ${reason}`, {
    errors: [{ code: 'task/cannot-delete', path: ['taskId'], reason }],
  });
}
