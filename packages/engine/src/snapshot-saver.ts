/** Saves snapshots of runs with a long log, so that loading need not fold the whole log. One piece is saved in each turn of the event loop. */
import { createHash } from 'node:crypto';
import { EVENT_VERSION, SnapshotTaker, type Clock, type Snapshots } from '@coppice/core';
import type { LoadedRun } from './kernel/loaded-run.ts';
import type { Logger } from './logger.ts';
import { nextTurn } from './next-turn.ts';

export interface SnapshotSaverOptions {
  readonly store: Snapshots;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Events between two snapshots of a run; 0: there are none. */
  readonly every: number;
}

export class SnapshotSaver {
  readonly #options: SnapshotSaverOptions;
  /** The one snapshot that is being saved, so that no turn has more than one piece. A run that is due meanwhile is saved after a later commit. */
  #underWay: Promise<void> | undefined;

  constructor(options: SnapshotSaverOptions) {
    this.#options = options;
  }

  /** Call it after each commit. */
  observe(loadedRun: LoadedRun): void {
    const { every } = this.#options;
    if (every === 0 || this.#underWay !== undefined || !loadedRun.isDurable || loadedRun.dropped !== undefined) return;
    // Folding costs what the events cost, so a snapshot pays only once the log is several times the tree.
    if (loadedRun.eventsSinceSnapshot < Math.max(every, 4 * loadedRun.state.tasks.length)) return;
    loadedRun.noteSnapshot();
    this.#underWay = this.#save(loadedRun).then(() => (this.#underWay = undefined));
  }

  /** Resolves when the snapshot under way is saved. If the store closes before, the snapshot is lost. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async #save(loadedRun: LoadedRun): Promise<void> {
    const { store, clock, logger } = this.#options;
    const taker = new SnapshotTaker(loadedRun.state);
    const { head: state, seq } = taker;
    const place = { treeId: loadedRun.treeId, seq };
    const hash = createHash('sha256').update(state);
    let pieces = 0;
    try {
      for (; !taker.isWhole; pieces++) {
        if (pieces > 0) await nextTurn(clock);
        const tasks = loadedRun.dropped === undefined ? taker.next() : undefined;
        if (tasks === undefined) return;
        hash.update(tasks);
        await store.saveSnapshotPiece(place, pieces, tasks);
      }
      if (loadedRun.dropped !== undefined) return;
      await store.saveSnapshot({ ...place, version: EVENT_VERSION, state, pieces, checksum: hash.digest('hex') });
    } catch (error) {
      logger.warn({ ...place, error: String(error) }, 'A snapshot was not saved; the log is folded instead');
    } finally {
      taker.close();
    }
  }
}
