/** Restores states from snapshots, one piece in each turn of the event loop. */
import { createHash } from 'node:crypto';
import {
  EVENT_VERSION,
  restoreInSteps,
  type Clock,
  type RunSnapshot,
  type RunState,
  type Snapshot,
  type Snapshots,
} from '@coppice/core';
import { inTurns, nextTurn } from './next-turn.ts';

/** The state that a snapshot holds. Throws when it is damaged, or of a newer version. */
export async function readSnapshot(store: Snapshots, clock: Clock, snapshot: Snapshot): Promise<RunState> {
  const { version, state, pieces, checksum } = snapshot;
  if (version > EVENT_VERSION) {
    throw new Error(`it is of version ${version}, newer than ${EVENT_VERSION}, which this program knows`);
  }
  const hash = createHash('sha256').update(state);
  // An old snapshot has no pieces: it holds its tasks itself.
  const { tasks = [], ...head } = JSON.parse(state) as Partial<Pick<RunSnapshot, 'tasks'>> & Omit<RunSnapshot, 'tasks'>;
  const all = [...tasks];
  for (let piece = 0; piece < pieces; piece++) {
    if (piece > 0) await nextTurn(clock);
    const text = await store.loadSnapshotPiece(snapshot, piece);
    if (text === undefined) throw new Error(`its piece ${piece} is missing`);
    hash.update(text);
    for (const task of JSON.parse(text) as RunSnapshot['tasks']) all.push(task);
  }
  if (hash.digest('hex') !== checksum) throw new Error('its checksum does not hold');
  return inTurns(clock, restoreInSteps({ ...head, tasks: all }));
}
