/** Ids that begin with the id of what they belong to, written without that. */
import type { TaskId } from '@coppice/core';

const DOT = 46;

/**
 * Shortens an id: the id itself becomes `''`, and an id that begins with it and a dot keeps the rest from the dot on. Any other id that
 * begins with a dot or a backslash gets a backslash in front.
 */
export function shortId(id: string, holderId: string): string {
  if (id === holderId) return '';
  if (id.charCodeAt(holderId.length) === DOT && id.startsWith(holderId)) return id.slice(holderId.length);
  return id === '' || id.startsWith('.') || id.startsWith('\\') ? `\\${id}` : id;
}

/** The whole id of a shortened one. */
export function longId(short: string, holderId: string): TaskId {
  if (short === '') return holderId as TaskId;
  if (short.charCodeAt(0) === DOT) return `${holderId}${short}` as TaskId;
  return (short.startsWith('\\') ? short.slice(1) : short) as TaskId;
}
