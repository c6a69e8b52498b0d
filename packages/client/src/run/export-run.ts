/** Saves a run as a file, with what its tasks wrote. */
import { runFileTexts } from '@coppice/protocol';
import type { EventOf, LogLine, RunEvent, RunFileHash } from '@coppice/protocol';
import type { Client } from '../client.ts';

const PAGE = 1_000;

/** The texts of the file, one after the other; whoever writes them packs them with gzip. The run as it is now: later events are not in it. */
export async function* exportRun(client: Client, treeId: string, hash: RunFileHash): AsyncGenerator<string> {
  const { items, lastSeq } = await client.tasks.events({ treeId, limit: PAGE });
  const root = await client.tasks.get({ taskId: treeId });
  const created = items[0] as EventOf<'TreeCreated'>;
  const head = {
    treeId,
    name: root.name,
    userId: created.data.userId,
    status: root.tree?.status ?? 'created',
    createdAt: created.at,
    endedAt: root.tree?.endedAt ?? null,
    savedAt: new Date().toISOString(),
  };
  yield* runFileTexts(
    { head, events: eventPages(client, { treeId, first: items, lastSeq }), logs: logPages(client, treeId) },
    hash,
  );
}

interface Range {
  readonly treeId: string;
  readonly first: readonly RunEvent[];
  readonly lastSeq: number;
}

async function* eventPages(client: Client, { treeId, first, lastSeq }: Range): AsyncGenerator<readonly RunEvent[]> {
  let page = first;
  for (;;) {
    yield page.filter(({ seq }) => seq <= lastSeq);
    const afterSeq = page.at(-1)?.seq ?? lastSeq;
    if (afterSeq >= lastSeq) return;
    ({ items: page } = await client.tasks.events({ treeId, afterSeq, limit: PAGE }));
  }
}

async function* logPages(client: Client, taskId: string): AsyncGenerator<readonly LogLine[]> {
  for (let after = 0; ;) {
    const { items, next } = await client.tasks.logs({ taskId, after, limit: PAGE, waitMs: 0 });
    if (items.length === 0) return;
    yield items;
    after = next;
  }
}
