/** Times on the wire. */
import { isoText } from '@coppice/core';

/** ISO 8601 in UTC. */
export function isoTime(atMs: number): string {
  return isoText(atMs);
}

export function isoTimeOrNull(atMs: number | null | undefined): string | null {
  return atMs === null || atMs === undefined ? null : isoTime(atMs);
}
