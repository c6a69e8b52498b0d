/** How many snapshots are kept, and when one can be trusted. */
import { createHash } from 'node:crypto';
import type { Snapshot } from '@coppice/core';

export const SNAPSHOTS_KEPT = 2;

/** True when the checksum, SHA-256 of the state in hex, holds. */
export function isSound({ state, checksum }: Pick<Snapshot, 'state' | 'checksum'>): boolean {
  return createHash('sha256').update(state).digest('hex') === checksum;
}
