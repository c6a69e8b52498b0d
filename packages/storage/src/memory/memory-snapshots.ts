/** Snapshots in memory. */
import type { Snapshot, SnapshotPlace } from '@coppice/core';
import { SNAPSHOTS_KEPT } from '../record/snapshots.ts';

interface SavedSnapshot {
  /** Undefined while pieces of the snapshot are being saved. */
  snapshot: Snapshot | undefined;
  readonly pieces: string[];
}

export class MemorySnapshots {
  /** Snapshots by tree and sequence number. */
  readonly #saved = new Map<string, Map<number, SavedSnapshot>>();

  savePiece(place: SnapshotPlace, piece: number, tasks: string): void {
    this.#at(place).pieces[piece] = tasks;
  }

  save(snapshot: Snapshot): void {
    const { treeId, seq, version, state, pieces, checksum } = snapshot;
    this.#at(snapshot).snapshot = { treeId, seq, version, state, pieces, checksum };
    const oldest = this.list(treeId)[SNAPSHOTS_KEPT - 1]?.seq ?? 0;
    const saved = this.#of(treeId);
    for (const each of saved.keys()) if (each < oldest) saved.delete(each);
  }

  /** Newest first. */
  list(treeId: string): Snapshot[] {
    return [...this.#of(treeId).values()]
      .flatMap(({ snapshot }) => (snapshot === undefined ? [] : [snapshot]))
      .toSorted((a, b) => b.seq - a.seq);
  }

  loadPiece({ treeId, seq }: SnapshotPlace, piece: number): string | undefined {
    return this.#of(treeId).get(seq)?.pieces[piece];
  }

  /** Deletes the snapshots of a tree that hold events after event `afterSeq`. */
  delete(treeId: string, afterSeq = 0): void {
    const saved = this.#of(treeId);
    for (const seq of saved.keys()) if (seq > afterSeq) saved.delete(seq);
    if (saved.size === 0) this.#saved.delete(treeId);
  }

  #of(treeId: string): Map<number, SavedSnapshot> {
    return this.#saved.get(treeId) ?? new Map<number, SavedSnapshot>();
  }

  #at({ treeId, seq }: SnapshotPlace): SavedSnapshot {
    const saved = this.#of(treeId);
    this.#saved.set(treeId, saved);
    const found = saved.get(seq) ?? { snapshot: undefined, pieces: [] };
    saved.set(seq, found);
    return found;
  }
}
