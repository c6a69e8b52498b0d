/**
 * Port: snapshots of runs, in pieces, so that neither a write nor a read takes long. A cache: always safe to delete.
 * Environment faults are thrown as `TransientError`.
 */
import type { TreeId } from '@coppice/extension';

/** Which snapshot: the fold of a tree's log up to an event. */
export interface SnapshotPlace {
  readonly treeId: TreeId;
  readonly seq: number;
}

/** What a snapshot begins with. */
export interface Snapshot extends SnapshotPlace {
  /** Version of the format. */
  readonly version: number;
  /** The run as JSON, without the tasks that are in pieces. */
  readonly state: string;
  /** How many pieces follow. 0: `state` is all. */
  readonly pieces: number;
  /** SHA-256 in hex of `state` and all pieces, in order. The store keeps it and does not check it. */
  readonly checksum: string;
}

export interface Snapshots {
  /** Saves a piece, from 0 on: a JSON array of tasks. At the same place it replaces. */
  saveSnapshotPiece(place: SnapshotPlace, piece: number, tasks: string): Promise<void>;
  /** To be called when all pieces are saved; nothing of it is found before. The newest two of a tree are kept; what is older is deleted. */
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  /** Newest first. */
  listSnapshots(treeId: TreeId): Promise<readonly Snapshot[]>;
  /** Undefined: there is no such piece. */
  loadSnapshotPiece(place: SnapshotPlace, piece: number): Promise<string | undefined>;
  deleteSnapshots(treeId: TreeId): Promise<void>;
}
