/** Saves the fold of a long log, so that it need not be folded again from its beginning. */
import { createHash } from 'node:crypto';
import { SNAPSHOT_VERSION, toSnapshot, type Store } from '@coppice/core';
import { isDurable, type HostedRun } from './kernel/hosted-run.ts';
import type { Logger } from './logger.ts';

export class SnapshotSaver {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #every: number;
  readonly #underWay = new Set<Promise<void>>();

  /** `every`: events between two snapshots; 0: there are none. */
  constructor(parts: { readonly store: Store; readonly logger: Logger; readonly every: number }) {
    this.#store = parts.store;
    this.#logger = parts.logger;
    this.#every = parts.every;
  }

  /** To be called after each commit. */
  observe(host: HostedRun): void {
    const every = this.#every;
    if (every === 0 || !isDurable(host) || host.dropped !== undefined) return;
    // Folding costs what the events cost, so a snapshot pays only once the log is several times the tree.
    if (host.durableSeq - host.snapshotSeq < Math.max(every, 4 * host.state.tasks.length)) return;
    host.snapshotSeq = host.durableSeq;
    const saving = this.#save(host);
    this.#underWay.add(saving);
    void saving.then(() => this.#underWay.delete(saving));
  }

  /** Resolves when what was begun is saved. A store that closes before loses it. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #save({ treeId, durableSeq: seq, state: run }: HostedRun): Promise<void> {
    const state = JSON.stringify(toSnapshot(run));
    const checksum = createHash('sha256').update(state).digest('hex');
    try {
      await this.#store.saveSnapshot({ treeId, seq, version: SNAPSHOT_VERSION, state, checksum });
    } catch (error) {
      this.#logger.warn({ treeId, seq, error: String(error) }, 'A snapshot was not saved; the log is folded instead');
    }
  }
}
