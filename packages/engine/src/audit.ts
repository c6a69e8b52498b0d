/**
 * The audit of a stored run: folds its log from the beginning, and compares rows and snapshots with the fold. It reads only, page by page,
 * so that it may look at a store that another process writes.
 */
import { isDeepStrictEqual } from 'node:util';
import { factsOf, rowDifferences, type Clock, type Rows, type RunState, type Store, type TreeId } from '@coppice/core';
import { errorText } from './error-text.ts';
import { foldLog } from './fold-log.ts';
import { isLogFault } from './run-reader.ts';
import { readSnapshot } from './snapshot-reader.ts';
import { systemClock } from './system-clock.ts';

/** How often rows are read again that were written meanwhile. */
const TRIES = 5;
/** Differences that are listed of one run. */
const LISTED_MAX = 5;

/** What is wrong with a stored run. */
export type RunProblem =
  /** The log can not be read. `soundSeq`: its last sound event, when only the end is lost. */
  | { readonly of: 'log'; readonly text: string; readonly soundSeq: number | undefined }
  | { readonly of: 'rows'; readonly text: string }
  | { readonly of: 'snapshot'; readonly text: string };

export interface RunAudit {
  readonly treeId: TreeId;
  /** Number of events. */
  readonly seq: number;
  /** Undefined: the log can not be read. */
  readonly run: RunState | undefined;
  readonly problems: readonly RunProblem[];
}

/** Undefined: there is no such tree, or it was deleted meanwhile. Throws for faults of the store that concern all runs. */
export async function auditRun(
  store: Store,
  treeId: TreeId,
  clock: Clock = systemClock,
): Promise<RunAudit | undefined> {
  const log = await store.findLog(treeId);
  if (log === undefined) return undefined;
  const unreadable = (why: string, soundSeq?: number): RunAudit => {
    const text = `The log can not be read: ${why}`;
    return { treeId, seq: log.seq, run: undefined, problems: [{ of: 'log', text, soundSeq }] };
  };
  try {
    const unsound = await store.verifyLog(treeId);
    if (unsound !== undefined) return unreadable(`event ${unsound.seq}: ${unsound.problem}`, unsound.soundSeq);
    const run = await foldLog({ store, clock }, { treeId, seq: log.seq });
    const problems = [...(await rowProblems(store, clock, run)), ...(await snapshotProblems(store, clock, run))];
    return { treeId, seq: run.seq, run, problems };
  } catch (error) {
    if (!isLogFault(error)) throw error;
    return (await store.findLog(treeId)) === undefined ? undefined : unreadable(errorText(error));
  }
}

/** Mends what can be mended without loss: rows are written anew from the log, snapshots that do not hold are deleted, a lost end is cut off. */
export async function repairRun(
  store: Store,
  audit: RunAudit,
  clock: Clock = systemClock,
): Promise<readonly RunProblem[]> {
  const mended: RunProblem[] = [];
  for (const problem of audit.problems) {
    if (problem.of === 'snapshot') await store.deleteSnapshots(audit.treeId);
    else {
      const { treeId, run } = audit;
      const soundSeq = problem.of === 'log' ? problem.soundSeq : undefined;
      const sound = soundSeq === undefined ? run : await foldLog({ store, clock }, { treeId, seq: soundSeq });
      if (sound === undefined) continue;
      await store.restore(factsOf(sound));
    }
    mended.push(problem);
  }
  return mended;
}

async function rowProblems(store: Store, clock: Clock, audited: RunState): Promise<readonly RunProblem[]> {
  let run = audited;
  for (let attempt = 1; ; attempt++) {
    const rows: Rows = { tasks: await store.listTasks(run.treeId), tree: await store.findTree(run.treeId) };
    if (rows.tree === undefined) return [];
    if (rows.tree.seq <= run.seq || attempt === TRIES) return listed(run, rows);
    // Another process has written between these reads: the fold follows, and the rows are read again.
    run = await foldLog({ store, clock }, { treeId: run.treeId, seq: rows.tree.seq, from: run });
  }
}

function listed(run: RunState, rows: Rows): readonly RunProblem[] {
  const all = [...rowDifferences(run, rows, isDeepStrictEqual)];
  const shown = all.slice(0, LISTED_MAX).map((text): RunProblem => ({ of: 'rows', text }));
  if (all.length <= LISTED_MAX) return shown;
  return [...shown, { of: 'rows', text: `and ${all.length - LISTED_MAX} more differences of rows` }];
}

/** A snapshot holds when its checksum does, and the fold from there is the fold from the beginning. */
async function snapshotProblems(store: Store, clock: Clock, run: RunState): Promise<readonly RunProblem[]> {
  const problems: RunProblem[] = [];
  for (const snapshot of await store.listSnapshots(run.treeId)) {
    const name = `The snapshot at event ${snapshot.seq}`;
    try {
      if (snapshot.seq > run.seq) throw new Error(`it is ahead of the log, which ends at ${run.seq}`);
      const from = await readSnapshot(store, clock, snapshot);
      const again = await foldLog({ store, clock }, { treeId: run.treeId, seq: run.seq, from });
      if (!isDeepStrictEqual(plainFacts(again), plainFacts(run))) throw new Error('the run from there is another run');
    } catch (error) {
      if (!isLogFault(error)) throw error;
      // The process that writes may have deleted it meanwhile.
      const isThere = (await store.listSnapshots(run.treeId)).some(({ seq }) => seq === snapshot.seq);
      if (isThere) problems.push({ of: 'snapshot', text: `${name} can not be used: ${errorText(error)}` });
    }
  }
  return problems;
}

/** All that rows are made of, as plain data. */
function plainFacts(run: RunState): unknown {
  const { tree, tasks } = factsOf(run);
  return JSON.parse(JSON.stringify({ tree, tasks })) as unknown;
}
