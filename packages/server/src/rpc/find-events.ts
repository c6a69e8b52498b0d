/** Events of a log that a filter selects. */
import type { Outcome, TreeRecord } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { ParsedParams, Result, RunEvent } from '@coppice/protocol';
import { eventToWire } from '../wire/event-to-wire.ts';

type Query = Omit<ParsedParams<'tasks.events'>, 'treeId'>;

/** Events that one answer looks at, and that are read at once. */
const LOOKS_MAX = 10_000;
const PAGE = 500;

/** Looks at so many events at most; `seenSeq` says how far. */
export async function findEvents(
  engine: Engine,
  { treeId, seq }: Pick<TreeRecord, 'treeId' | 'seq'>,
  { afterSeq, limit, ...filter }: Query,
): Promise<Outcome<Result<'tasks.events'>>> {
  const items: RunEvent[] = [];
  let seenSeq = afterSeq;
  for (const endSeq = afterSeq + LOOKS_MAX; seenSeq < endSeq && items.length < limit;) {
    const page = await engine.events(treeId, { afterSeq: seenSeq, limit: Math.min(PAGE, endSeq - seenSeq) });
    if (!page.ok) return page;
    if (page.value.length === 0) break;
    for (const event of page.value) {
      seenSeq = event.seq;
      const shown = eventToWire(treeId, event);
      if (matches(shown, filter)) items.push(shown);
      if (items.length === limit) break;
    }
  }
  return { ok: true, value: { items, lastSeq: Math.max(seq, seenSeq), seenSeq } };
}

function matches(event: RunEvent, { taskId, search }: Pick<Query, 'taskId' | 'search'>): boolean {
  if (taskId !== undefined && (!('taskId' in event) || event.taskId !== taskId)) return false;
  return search === undefined || JSON.stringify(event).toLowerCase().includes(search.toLowerCase());
}
