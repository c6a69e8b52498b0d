/**
 * Following what tasks write: page by page from an offset, so that a slow reader holds nothing in memory and a lost connection loses
 * nothing. Each request waits at the server for the first line, on every transport alike.
 */
import type { LogLine, Params } from '@coppice/protocol';
import type { Connection } from './connection.ts';
import { retried } from './retried.ts';

/** Longest wait of one request for a line, ms: shorter than what servers and proxies between allow for one. */
const WAIT_MS = 20_000;
/** Longest time of one request, ms. */
const TIMEOUT_MS = 60_000;

export interface LogRange {
  /** A task, or a group: then the lines of all its members count. */
  readonly taskId: string;
  /** Default: all attempts. */
  readonly attempt?: number | undefined;
  /** Begin with the last so many lines. Default: all. */
  readonly last?: number | undefined;
  /** Begin after the line with this offset, in the place of `last`. */
  readonly after?: number | undefined;
  /** Go on until nothing more comes. */
  readonly follow: boolean;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal | undefined;
}

/** At least one line. */
export type LogPage = readonly LogLine[];

export async function* followLogs(
  connection: Connection,
  { taskId, attempt, last, after: begin, follow, signal = new AbortController().signal }: LogRange,
): AsyncGenerator<LogPage, void, undefined> {
  const scope = { taskId, ...(attempt === undefined ? {} : { attempt }) };
  let after = begin;
  const read = (params: Params<'tasks.logs'>) =>
    retried(connection, signal, () => connection.call('tasks.logs', params, { signal, timeoutMs: TIMEOUT_MS }));
  try {
    for (;;) {
      const from = after === undefined && last !== undefined ? { last } : { after: after ?? 0 };
      const { items, next, ended } = await read({
        ...scope,
        ...from,
        waitMs: follow && after !== undefined ? WAIT_MS : 0,
      });
      if (items.length > 0) yield items;
      if (ended || signal.aborted || (!follow && next === after)) return;
      after = next;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
