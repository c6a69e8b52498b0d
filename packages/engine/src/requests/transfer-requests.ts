/** Requests that bring whole runs in, and say whether two of them are the same. */
import {
  factsOf,
  inWords,
  isUnderWay,
  refuse,
  type LogChunk,
  type Outcome,
  type RefusedOutcome,
  type RunEvent,
  type RunState,
  type TreeId,
} from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import { errorText } from '../error-text.ts';
import { foldLog } from '../fold-log.ts';
import { isLogFault } from '../run-reader.ts';
import { stateHash } from '../state-hash.ts';
import type { ImportedRun, TransferRequests } from '../transfers.ts';
import { notFound } from './run-requests.ts';

export function createTransferRequests(parts: EngineParts): TransferRequests {
  return {
    async stateHash(treeId) {
      const log = await parts.store.findLog(treeId);
      if (log === undefined) return notFound(treeId);
      try {
        const run = await parts.reader.readAt(treeId, log.seq);
        return { ok: true, value: { seq: log.seq, hash: await stateHash(run, parts.clock) } };
      } catch (error) {
        if (!isLogFault(error)) throw error;
        return refuse('storage/unreadable', `The log of tree ${treeId} can not be read: ${errorText(error)}`);
      }
    },
    async importRun({ events, logs = [] }, { isDryRun = false } = {}) {
      const folded = await foldGiven(parts, events);
      if (!folded.ok) return folded;
      const run = folded.value;
      const hash = await stateHash(run, parts.clock);
      const imported: ImportedRun = { treeId: run.treeId, status: run.status, seq: run.seq, hash, isNew: true };
      if (isDryRun) return { ok: true, value: imported };
      const refusal = await parts.kernel.commits.append({ kind: 'tree', expectedSeq: 0, events, ...factsOf(run) });
      if (refusal === undefined) await announce(parts, run);
      else if (!(await isStored(parts, run, hash))) return taken(run, refusal.message);
      await addLogs(parts, run.treeId, logs);
      return { ok: true, value: { ...imported, isNew: refusal === undefined } };
    },
  };
}

/** The run that the events tell of, when they are a whole log of a run that nothing is to be done for. */
async function foldGiven({ clock }: EngineParts, events: readonly RunEvent[]): Promise<Outcome<RunState>> {
  const misplaced = events.findIndex(({ seq }, at) => seq !== at + 1);
  if (misplaced >= 0) return broken(`event ${misplaced + 1} is missing`);
  if (events[0]?.type !== 'TreeCreated') return broken('it does not begin with the creation of a tree');
  const { treeId } = events[0].data.definition;
  let from = 0;
  const readEvents = (_treeId: TreeId, afterSeq: number, limit: number): Promise<readonly RunEvent[]> => {
    from = afterSeq + 1;
    return Promise.resolve(events.slice(afterSeq, afterSeq + limit));
  };
  let run: RunState;
  try {
    run = await foldLog({ store: { readEvents }, clock }, { treeId, seq: events.length });
  } catch (error) {
    return broken(`event ${from} or one that comes after it does not fit: ${errorText(error)}`);
  }
  if (!isUnderWay(run.status) && run.executing === 0) return { ok: true, value: run };
  return refuse(
    'task/invalid-transition',
    `The run of tree ${run.treeId} ${inWords(run.status)}. Only a run that has ended can be brought in: let it end, or cancel it, and save it again.`,
  );
}

function broken(why: string): RefusedOutcome {
  return refuse('tree/invalid', `This is no whole log of a run: ${why}.`);
}

function taken({ treeId }: RunState, why: string): RefusedOutcome {
  return refuse(
    'tree/invalid',
    `Tree ${treeId} can not be brought in, because another tree has this id or one of its tasks: ${why}`,
  );
}

async function isStored(
  { store, reader, clock }: EngineParts,
  { treeId, seq }: RunState,
  hash: string,
): Promise<boolean> {
  const log = await store.findLog(treeId);
  if (log?.seq !== seq) return false;
  return (await stateHash(await reader.readAt(treeId, seq), clock)) === hash;
}

/** Subscribers get the events from the log. Observers do not get them: what happened has been observed when it did. */
async function announce({ store, registry, subscriptions }: EngineParts, run: RunState): Promise<void> {
  const { treeId, userId, seq } = run;
  for (const { name } of registry.listObservers()) await store.saveCursor(name, treeId, seq);
  subscriptions.publishMissed({ treeId, userId, seq: 0 });
}

/** Lines are stored after the run. When that came to an end halfway, the same request adds them. */
async function addLogs({ store }: EngineParts, treeId: TreeId, logs: readonly LogChunk[]): Promise<void> {
  if (logs.length === 0) return;
  const [some] = await store.readLogs({ treeId }, 0, 1);
  if (some === undefined) await store.appendLogs(logs);
}
