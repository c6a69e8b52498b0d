/** Decides on a stored run, and answers when the decision is durable. */
import { refuse, type Outcome, type TreeId } from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';
import { unlessQuarantined } from '../quarantine.ts';

/** Most times that a request decides, when its run had to be loaded again meanwhile. */
export const TURNS_MAX = 3;

/** Undefined: there is no such tree. When the run was changed or dropped meanwhile, it is loaded again and the decision is made again. */
export function decideDurably<T>(
  parts: EngineParts,
  treeId: TreeId,
  decide: (loadedRun: LoadedRun) => Outcome<T>,
): Promise<Outcome<T> | undefined> {
  return unlessQuarantined(async () => {
    for (let turn = 1; ; turn++) {
      if (parts.kernel.turn.isOver) await parts.kernel.turn.free();
      const decided = await parts.loader.withRun(treeId, (loadedRun) => {
        const outcome = decide(loadedRun);
        // `committed` is called in the same turn, so its answer is about this decision.
        const isOver = !outcome.ok && loadedRun.dropped === undefined;
        return { outcome, committed: isOver ? undefined : parts.kernel.commits.committed(loadedRun) };
      });
      const dropped = await decided?.committed;
      if (dropped === undefined) return decided?.outcome;
      // A fault of Coppice would come again with the same request. It is reported, and the run goes on.
      if (dropped.code === 'engine/fault') throw new Error(dropped.message);
      if (turn === TURNS_MAX)
        return refuse(
          'storage/unreadable',
          `Nothing could be stored of ${treeId} in ${TURNS_MAX} tries: ${dropped.message}`,
        );
    }
  });
}
