/** Who caused something, in words. */
import type { Actor } from '@coppice/protocol';
import type { Reason } from './run-view.ts';

const FACE_TEXTS: Readonly<Record<Actor['face'], string>> = {
  cli: 'from the terminal',
  rpc: 'over RPC',
  page: 'from the page',
  editor: 'from the editor',
  schedule: 'by a schedule',
  agent: 'through an agent',
};

/** `mia, from the page`. */
export function actorText({ userId, face }: Actor): string {
  return `${userId}, ${FACE_TEXTS[face]}`;
}

/** `Cancelled by the user (mia, from the page)`. */
export function reasonText({ message, by }: Reason): string {
  return by === undefined ? message : `${message} (${actorText(by)})`;
}
