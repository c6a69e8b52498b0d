/**
 * Following a tree: its events in order, each once, until its run has ended.
 *
 * The log is read page by page from the cursor, so a slow reader holds nothing in memory. Once it is read to the end,
 * a subscription brings what is new; without one (HTTP) the log is read again at intervals.
 * After a lost connection, a gap or an overflow, reading goes on from the cursor.
 */
import type { Notification, Progress, RunEvent } from '@coppice/protocol';
import { sleep } from './back-off.ts';
import type { Connection } from './connection.ts';
import { retried } from './retried.ts';

export interface FollowOptions {
  /** Begin after this event. Default 0: with the first. */
  readonly afterSeq?: number;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
  /** Called with the run's progress, on transports with notifications. */
  readonly onProgress?: (progress: Progress) => void;
  /** How long nothing may arrive before the log is asked whether that is true, ms; finds connections that died in silence. Default 30000. */
  readonly checkMs?: number;
  /** Pause between two reads on transports without notifications, ms. Default 500. */
  readonly pollMs?: number;
}

const PAGE_SIZE = 1000;
/** Events kept for a reader that is slower than the subscription; beyond, it is served from the log. */
const INBOX_MAX = 10_000;
const POLL_MS = 500;
const CHECK_MS = 30_000;
/** Pause after a subscription that the server could not go on with, ms. */
const FAILED_MS = 500;

/** Yields the events of a tree; rejects with `task/not-found` for an unknown one. */
export async function* follow(
  connection: Connection,
  treeId: string,
  options: FollowOptions = {},
): AsyncGenerator<RunEvent, void, undefined> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const reader = new TreeReader({ connection, treeId, signal, cursor: options.afterSeq ?? 0 });
  try {
    while (!signal.aborted) {
      yield* reader.readLog();
      if (await reader.hasEnded()) return;
      if (connection.transport.pushes) yield* reader.readInbox(options);
      else await sleep(options.pollMs ?? POLL_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
  }
}

interface ReaderOptions {
  readonly connection: Connection;
  readonly treeId: string;
  readonly signal: AbortSignal;
  /** Sequence number of the last event given out. */
  readonly cursor: number;
}

class TreeReader {
  readonly #connection: Connection;
  readonly #treeId: string;
  readonly #signal: AbortSignal;
  #cursor: number;
  #last: RunEvent | undefined;

  constructor(options: ReaderOptions) {
    this.#connection = options.connection;
    this.#treeId = options.treeId;
    this.#signal = options.signal;
    this.#cursor = options.cursor;
  }

  /** The stored events after the cursor. */
  async *readLog(): AsyncGenerator<RunEvent, void, undefined> {
    for (;;) {
      const page = await this.#read(this.#cursor, PAGE_SIZE);
      for (const event of page.items) yield this.#advance(event);
      if (page.items.length === 0 || this.#cursor >= page.lastSeq) return;
    }
  }

  /** True when the event at the cursor ended the run; nothing but a re-opening could follow it. */
  async hasEnded(): Promise<boolean> {
    if (this.#last === undefined && this.#cursor > 0) {
      const page = await this.#read(this.#cursor - 1, 1);
      this.#last = page.items[0];
    }
    return this.#last !== undefined && isRunEnd(this.#last);
  }

  /** New events by subscription; ends when the run ends, when nothing came for a while, or when the log must be read again. */
  async *readInbox({ onProgress, checkMs = CHECK_MS }: FollowOptions): AsyncGenerator<RunEvent, void, undefined> {
    const inbox = new Inbox(this.#treeId, this.#signal, onProgress);
    const ignore = [
      this.#connection.onNotification((notification) => inbox.receive(notification)),
      this.#connection.onState(() => inbox.end()),
    ];
    try {
      const params = { treeId: this.#treeId, afterSeq: this.#cursor };
      const { subscriptionId } = await retried(this.#connection, this.#signal, () =>
        this.#connection.call('tasks.subscribe', params, { signal: this.#signal }),
      );
      try {
        for (let event = await inbox.next(checkMs); event !== undefined; event = await inbox.next(checkMs)) {
          if (event.seq <= this.#cursor) continue;
          if (event.seq !== this.#cursor + 1) return;
          yield this.#advance(event);
          if (isRunEnd(event)) return;
        }
        // Another one at once would be likely to end as this one did.
        if (inbox.hasFailed) await sleep(FAILED_MS, this.#signal);
      } finally {
        // Best effort: the server ends the subscription with the run or the connection anyway.
        this.#connection.call('tasks.unsubscribe', { subscriptionId }).catch(() => undefined);
      }
    } finally {
      for (const unsubscribe of ignore) unsubscribe();
    }
  }

  #advance(event: RunEvent): RunEvent {
    this.#cursor = event.seq;
    this.#last = event;
    return event;
  }

  #read(afterSeq: number, limit: number): Promise<{ readonly items: readonly RunEvent[]; readonly lastSeq: number }> {
    const params = { treeId: this.#treeId, afterSeq, limit };
    return retried(this.#connection, this.#signal, () =>
      this.#connection.call('tasks.events', params, { signal: this.#signal }),
    );
  }
}

/** Buffer between the notifications of one tree and its reader. */
class Inbox {
  readonly #treeId: string;
  readonly #onProgress: FollowOptions['onProgress'];
  #events: RunEvent[] = [];
  #ended = false;
  /** The server could not go on with the subscription. */
  hasFailed = false;
  #wake: (() => void) | undefined;

  constructor(treeId: string, signal: AbortSignal, onProgress: FollowOptions['onProgress']) {
    this.#treeId = treeId;
    this.#onProgress = onProgress;
    signal.addEventListener('abort', () => this.end(), { once: true });
  }

  receive(notification: Notification): void {
    const { method, params } = notification;
    if (method === 'tasks.progress') {
      if (params.progress.treeId === this.#treeId) this.#onProgress?.(params.progress);
    } else if (method === 'tasks.subscriptionEnded') {
      if (params.treeId !== this.#treeId) return;
      this.hasFailed = params.reason === 'failed';
      this.end();
    } else if (method === 'tasks.event' && params.event.treeId === this.#treeId) this.#add(params.event);
  }

  /** Lets the reader take what is there and nothing more. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next event; undefined after the end, or when none comes within `limitMs`. One reader at a time. */
  async next(limitMs: number): Promise<RunEvent | undefined> {
    if (this.#events.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return this.#events.shift();
  }

  #add(event: RunEvent): void {
    if (this.#ended) return;
    if (this.#events.length >= INBOX_MAX) this.end();
    else {
      this.#events.push(event);
      this.#wake?.();
    }
  }
}

const ENDS_RUN: Readonly<Record<Exclude<RunEvent, { taskId: string }>['type'], boolean>> = {
  TreeCreated: false,
  RunStarted: false,
  RunReopened: false,
  RunCompleted: true,
  RunFailed: true,
  RunCancelled: true,
  TasksDeleted: false,
  SignalReceived: false,
  SignalRejected: false,
};

function isRunEnd(event: RunEvent): boolean {
  return !('taskId' in event) && ENDS_RUN[event.type];
}
