/**
 * What a stream of all trees has missed since a moment, from the logs. Trees have no order among each other that is stored, so the cursor
 * of such a stream is a time: events near it come twice rather than not at all.
 *
 * Bounded: it looks at every run that has not ended, and at the newest `LISTED_MAX` trees.
 */
import type { RunEvent, TreeId, TreeIndex } from '@coppice/core';
import type { Engine } from '@coppice/engine';

/** Events of one append have times that differ a little, and their order is that of the append: so much is read again, ms. */
const OVERLAP_MS = 5_000;
const LISTED_MAX = 10_000;
const PAGE = 1_000;

export interface MissedQuery {
  /** Only trees of this user; undefined: of all. */
  readonly userId: string | undefined;
  /** Epoch ms. */
  readonly sinceMs: number;
}

/** Tree by tree, each in the order of its log. */
export async function* missedEvents(
  engine: Engine,
  { userId, sinceMs }: MissedQuery,
): AsyncGenerator<{ readonly treeId: TreeId; readonly event: RunEvent }, void, undefined> {
  const fromMs = sinceMs - OVERLAP_MS;
  for (const treeId of await changedSince(engine.index, { userId, sinceMs: fromMs })) {
    let afterSeq = await lastSeqBefore(engine, treeId, fromMs);
    for (let isFull = true; isFull;) {
      const page = await eventsOf(engine, treeId, { afterSeq, limit: PAGE });
      for (const event of page) yield { treeId, event };
      afterSeq = page.at(-1)?.seq ?? afterSeq;
      isFull = page.length === PAGE;
    }
  }
}

async function changedSince(index: TreeIndex, { userId, sinceMs }: MissedQuery): Promise<Iterable<TreeId>> {
  const changed = new Set<TreeId>();
  for (const treeId of await index.listIncomplete()) {
    if (userId === undefined || (await index.findTree(treeId))?.userId === userId) changed.add(treeId);
  }
  const filter = { rootOnly: true, ...(userId === undefined ? {} : { userId }) };
  let cursor: string | undefined;
  for (let listed = 0; listed < LISTED_MAX; listed += PAGE) {
    const page = await index.list(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { task } of page.items) {
      if (task.endedAtMs === null || task.endedAtMs >= sinceMs) changed.add(task.treeId);
    }
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return changed;
}

/** Throws for a log that can not be read. */
async function eventsOf(engine: Engine, ...range: Parameters<Engine['events']>): Promise<readonly RunEvent[]> {
  const events = await engine.events(...range);
  if (!events.ok) throw new Error(events.rejection.message);
  return events.value;
}

/** Times in a log never go back, so its place is found by halves. */
async function lastSeqBefore(engine: Engine, treeId: TreeId, atMs: number): Promise<number> {
  let low = 0;
  let high = (await engine.index.findTree(treeId))?.seq ?? 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await eventsOf(engine, treeId, { afterSeq: middle, limit: 1 });
    if (event !== undefined && event.atMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
