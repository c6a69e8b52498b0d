/** Saves the fold of a long log, so that it need not be folded again from its beginning. */
import { createHash } from 'node:crypto';
import { SNAPSHOT_VERSION, toSnapshot, type Store } from '@coppice/core';
import { isDurable, type HostedRun } from './kernel/hosted-run.ts';
import type { Logger } from './logger.ts';

/** Answers the function to call after each commit. `every`: events between two snapshots; 0: there are none. */
export function snapshotSaver(parts: {
  readonly store: Store;
  readonly logger: Logger;
  readonly every: number;
}): (host: HostedRun) => void {
  const { store, logger, every } = parts;
  return (host) => {
    if (every === 0 || !isDurable(host) || host.dropped !== undefined) return;
    // Folding costs what the events cost, so a snapshot pays only once the log is several times the tree.
    if (host.durableSeq - host.snapshotSeq < Math.max(every, 4 * host.state.tasks.length)) return;
    host.snapshotSeq = host.durableSeq;
    const state = JSON.stringify(toSnapshot(host.state));
    const checksum = createHash('sha256').update(state).digest('hex');
    const { treeId, durableSeq: seq } = host;
    store.saveSnapshot({ treeId, seq, version: SNAPSHOT_VERSION, state, checksum }).catch((error: unknown) => {
      logger.warn({ treeId, seq, error: String(error) }, 'A snapshot was not saved; the log is folded instead');
    });
  };
}
