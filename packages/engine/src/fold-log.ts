/** Folds a stored log page by page, so that no turn of the event loop takes long. */
import { fold, type Clock, type EventLog, type RunEvent, type RunState, type TreeId } from '@coppice/core';
import { nextTurn } from './next-turn.ts';

/** Events that are folded in one turn of the event loop. */
const PAGE = 2_000;

export interface FoldRange {
  readonly treeId: TreeId;
  /** The last event of the fold. */
  readonly seq: number;
  /** An earlier state to go on from; it is changed. Default: from the beginning. */
  readonly from?: RunState | undefined;
  /** Folds the next event in another way, which keeps the state from the beginning. Default: into `from`. */
  readonly add?: (event: RunEvent) => RunState;
}

/** The state right after event `seq`. Throws when the log does not reach so far, or can not be read. */
export async function foldLog(
  { store, clock }: { readonly store: Pick<EventLog, 'readEvents'>; readonly clock: Clock },
  { treeId, seq, from, add }: FoldRange,
): Promise<RunState> {
  const begin = from?.seq ?? 0;
  let run = from;
  for (let at = begin; at < seq; at = run?.seq ?? 0) {
    if (at !== begin) await nextTurn(clock);
    const events = await store.readEvents(treeId, at, Math.min(PAGE, seq - at));
    run = add === undefined ? fold(events, run) : events.map(add).at(-1);
    if (events.length === 0) throw new Error(`events ${at + 1} to ${seq} are missing at the end`);
  }
  if (run?.seq !== seq) throw new Error(`the state is at event ${run?.seq}, the log at ${seq}`);
  return run;
}
