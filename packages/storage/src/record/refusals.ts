/** Refusals of parts of appends that contradict the stored log. All stores use the same words. */
import type { EngineAppend, RefusedPart, TreeAppend, TreeRemoval } from '@coppice/core';

/** Thrown to end the writing of one part. The store catches it and answers a value. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/** The answer for a part whose writing ended with `error`. */
export function refusedPart(part: number, error: unknown): RefusedPart {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Conflict) return { part, code: 'storage/conflict', message };
  return { part, code: 'storage/refused', message: `The store can not write it: ${message}` };
}

export const NOTHING_REFUSED: readonly RefusedPart[] = [];

/** Checks a part without a look at the store, and returns its first sequence number. */
export function firstSeq({ tree, events, expectedSeq }: TreeAppend): number {
  const first = events[0];
  if (first === undefined) throw new Conflict(`Tree ${tree.treeId}: an append without events`);
  if (first.seq !== expectedSeq + 1) throw gap(tree.treeId, expectedSeq + 1, first.seq);
  for (let i = 1; i < events.length; i++) {
    if (events[i]?.seq !== first.seq + i) throw gap(tree.treeId, first.seq + i, events[i]?.seq ?? 0);
  }
  const last = first.seq + events.length - 1;
  if (tree.seq !== last) {
    throw new Conflict(
      `Tree ${tree.treeId}: the state is at ${tree.seq}, its events end at ${last}; rows must be the fold of the log`,
    );
  }
  if (first.type === 'TreeCreated' && first.seq !== 1) throw gap(tree.treeId, 1, first.seq);
  return first.seq;
}

export function gap(treeId: string, expected: number, actual: number): Conflict {
  return new Conflict(
    `Tree ${treeId}: event ${actual} does not continue the log, which expects ${expected}; nothing was stored`,
  );
}

/** Throws unless the log of the tree to remove ends at the expected event. `seq`: its last event; undefined: there is no such tree. */
export function checkRemoval({ treeId, expectedSeq }: TreeRemoval, seq: number | undefined): void {
  if (seq === undefined) throw new Conflict(`Tree ${treeId} is not stored; nothing was removed`);
  if (seq !== expectedSeq)
    throw new Conflict(`Tree ${treeId}: its log ends with event ${seq}, not ${expectedSeq}; nothing was removed`);
}

/** Throws unless the part continues the stream of the engine, whose last event is `seq`. */
export function checkEngineAppend({ expectedSeq, events }: EngineAppend, seq: number): void {
  if (expectedSeq !== seq)
    throw new Conflict(`The stream of the engine ends with event ${seq}, not ${expectedSeq}; nothing was stored`);
  if (events.length === 0) throw new Conflict('The stream of the engine: an append without events');
  const wrong = events.find((event, at) => event.seq !== seq + 1 + at);
  if (wrong !== undefined)
    throw new Conflict(`The stream of the engine: event ${wrong.seq} does not continue it; nothing was stored`);
}

export function unknownTree(treeId: string): Conflict {
  return new Conflict(`Tree ${treeId} is not stored, and the append does not begin with TreeCreated`);
}

export function duplicate(what: 'tree' | 'task', id: string): Conflict {
  return new Conflict(
    `A ${what} with id ${JSON.stringify(id)} is stored already; nothing was stored. Give the new one another id`,
  );
}

export function duplicateKey(userId: string, key: string): Conflict {
  return new Conflict(
    `User ${JSON.stringify(userId)} has created a tree under the idempotency key ${JSON.stringify(key)} already; nothing was stored`,
  );
}
