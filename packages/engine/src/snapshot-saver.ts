/** Saves the fold of a long log, so that it need not be folded again from its beginning: piece by piece, a turn of the event loop for each. */
import { createHash } from 'node:crypto';
import { EVENT_VERSION, SnapshotTaker, type Clock, type Snapshots } from '@coppice/core';
import type { HostedRun } from './kernel/hosted-run.ts';
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
  /** One at a time, so that no turn has more than one piece; what is due meanwhile is saved after a later commit. */
  #underWay: Promise<void> | undefined;

  constructor(options: SnapshotSaverOptions) {
    this.#options = options;
  }

  /** To be called after each commit. */
  observe(host: HostedRun): void {
    const { every } = this.#options;
    if (every === 0 || this.#underWay !== undefined || !host.isDurable || host.dropped !== undefined) return;
    // Folding costs what the events cost, so a snapshot pays only once the log is several times the tree.
    if (host.eventsSinceSnapshot < Math.max(every, 4 * host.state.tasks.length)) return;
    host.noteSnapshot();
    this.#underWay = this.#save(host).then(() => (this.#underWay = undefined));
  }

  /** Resolves when what was begun is saved. A store that closes before loses it. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async #save(host: HostedRun): Promise<void> {
    const { store, clock, logger } = this.#options;
    const taker = new SnapshotTaker(host.state);
    const { head: state, seq } = taker;
    const place = { treeId: host.treeId, seq };
    const hash = createHash('sha256').update(state);
    let pieces = 0;
    try {
      for (; !taker.isWhole; pieces++) {
        if (pieces > 0) await nextTurn(clock);
        const tasks = host.dropped === undefined ? taker.next() : undefined;
        if (tasks === undefined) return;
        hash.update(tasks);
        await store.saveSnapshotPiece(place, pieces, tasks);
      }
      if (host.dropped !== undefined) return;
      await store.saveSnapshot({ ...place, version: EVENT_VERSION, state, pieces, checksum: hash.digest('hex') });
    } catch (error) {
      logger.warn({ ...place, error: String(error) }, 'A snapshot was not saved; the log is folded instead');
    } finally {
      taker.close();
    }
  }
}
