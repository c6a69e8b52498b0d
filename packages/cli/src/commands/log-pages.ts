/** Reads the lines of a task page by page, and goes on as they come. */
import type { Client } from '@coppice/client';
import type { LogLine } from '@coppice/protocol';

/** Longest wait of one request for a line, ms: shorter than what servers and proxies between allow for one. */
const WAIT_MS = 20_000;
/** Longest time of one request, ms. */
const TIMEOUT_MS = 60_000;

export interface LogRange {
  readonly taskId: string;
  readonly attempt?: number | undefined;
  /** Begin with the last so many lines. Default: all. */
  readonly last?: number | undefined;
  /** Go on until nothing more comes. */
  readonly follow: boolean;
}

/** Pages of lines, none of them empty. */
export async function* logPages(client: Client, range: LogRange): AsyncGenerator<readonly LogLine[]> {
  const { taskId, attempt, last, follow } = range;
  const scope = { taskId, ...(attempt === undefined ? {} : { attempt }) };
  let after: number | undefined;
  for (;;) {
    const begin = after === undefined && last !== undefined ? { last } : { after: after ?? 0 };
    const waitMs = follow && after !== undefined ? WAIT_MS : 0;
    const { items, next, ended } = await client.tasks.logs({ ...scope, ...begin, waitMs }, { timeoutMs: TIMEOUT_MS });
    if (items.length > 0) yield items;
    if (ended || (!follow && next === after)) return;
    after = next;
  }
}
