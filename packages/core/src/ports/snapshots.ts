/**
 * Port: snapshots of runs, in pieces, so that no single write or read takes long. Snapshots are always safe to delete.
 * Faults of the environment are thrown as `TransientError`.
 */
import type { TreeId } from '@coppice/extension';

/** Names a snapshot: the fold of a tree's log up to an event. */
export interface SnapshotPlace {
  readonly treeId: TreeId;
  readonly seq: number;
}

/** The beginning of a snapshot. Its pieces are saved apart. */
export interface Snapshot extends SnapshotPlace {
  /** Version of the format. */
  readonly version: number;
  /** The run as JSON, without the tasks that are in pieces. */
  readonly state: string;
  /** Number of pieces. 0: `state` is the whole snapshot. */
  readonly pieces: number;
  /** SHA-256 in hex of `state` and all pieces, in order. The store keeps it and does not check it. */
  readonly checksum: string;
}

export interface Snapshots {
  /** Saves a piece (a JSON array of tasks). Pieces are counted from 0. A piece with the same place and number is replaced. */
  saveSnapshotPiece(place: SnapshotPlace, piece: number, tasks: string): Promise<void>;
  /** Completes a snapshot whose pieces are saved; before this call it is not found. Keeps the newest two of a tree and deletes older ones. */
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  /** Newest first. */
  listSnapshots(treeId: TreeId): Promise<readonly Snapshot[]>;
  /** Loads a piece; undefined when it does not exist. */
  loadSnapshotPiece(place: SnapshotPlace, piece: number): Promise<string | undefined>;
  deleteSnapshots(treeId: TreeId): Promise<void>;
}
