/** Saves and deletes snapshots piece by piece: one statement for each piece, and a turn of the event loop between two deletions. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Snapshot, SnapshotPlace } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { SNAPSHOTS_KEPT } from '../record/snapshots.ts';
import type { SqlValue } from './multi-row.ts';

/** Characters of pieces after which the write-ahead log is copied to the file. SQLite itself would copy four times as much in one turn. */
const CHECKPOINT_CHARS = 4_000_000;

export class SnapshotWriter {
  readonly #database: Database;
  /** Characters of pieces that may still be in the write-ahead log only. */
  #charsInLog = 0;
  readonly #savePiece: Statement<SqlValue[]>;
  readonly #save: Statement<SqlValue[]>;
  readonly #kept: Statement<[string, number], { readonly seq: number }>;
  readonly #delete: Statement<[string, number]>;
  readonly #deletePiece: Statement<[string, number]>;

  constructor(database: Database) {
    this.#database = database;
    this.#savePiece = database.prepare('REPLACE INTO snapshot_piece (tree_id, seq, piece, tasks) VALUES (?, ?, ?, ?)');
    this.#save = database.prepare(
      'REPLACE INTO snapshot (tree_id, seq, version, state, pieces, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#kept = database.prepare('SELECT seq FROM snapshot WHERE tree_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?');
    this.#delete = database.prepare('DELETE FROM snapshot WHERE tree_id = ? AND seq < ?');
    this.#deletePiece = database.prepare(
      `DELETE FROM snapshot_piece
        WHERE rowid = (SELECT rowid FROM snapshot_piece WHERE tree_id = ? AND seq < ? LIMIT 1)`,
    );
  }

  savePiece({ treeId, seq }: SnapshotPlace, piece: number, tasks: string): void {
    this.#savePiece.run(treeId, seq, piece, tasks);
    this.#charsInLog += tasks.length;
    if (this.#charsInLog < CHECKPOINT_CHARS) return;
    this.#charsInLog = 0;
    this.#database.pragma('wal_checkpoint(PASSIVE)');
  }

  async save({ treeId, seq, version, state, pieces, checksum }: Snapshot): Promise<void> {
    this.#save.run(treeId, seq, version, state, pieces, checksum);
    const oldest = this.#kept.get(treeId, SNAPSHOTS_KEPT - 1)?.seq;
    if (oldest !== undefined) await this.deleteBefore(treeId, oldest);
  }

  /** Deletes the snapshots of a tree that were taken before event `seq`. */
  async deleteBefore(treeId: string, seq: number): Promise<void> {
    this.#delete.run(treeId, seq);
    while (this.#database.open && this.#deletePiece.run(treeId, seq).changes > 0) await nextTurn();
  }
}
