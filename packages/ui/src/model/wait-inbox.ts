/**
 * What waits for an answer in all trees of a server. It is asked anew when an event can have changed it, and when the connection is there
 * again. The server alone knows who may answer.
 */
import { answererText } from '@coppice/client';
import type { Client, TreeStore } from '@coppice/client';
import type { Notification, OpenWait } from '@coppice/protocol';
import { oneLine } from './status-look.ts';

export interface WaitInboxOptions {
  readonly client: Pick<Client, 'waits' | 'onNotification'>;
  readonly store: Pick<TreeStore, 'freshness' | 'onFreshness'>;
}

const ASK_MS = 200;
const LIST_MAX = 100;
/** Events of a task or run that listed waits may end with. */
const ENDS = new Set(['SignalReceived', 'TaskCancelled', 'TaskFailed', 'TaskCompleted', 'TaskSkipped', 'TasksDeleted']);

export class WaitInbox {
  readonly #options: WaitInboxOptions;
  readonly #listeners = new Set<() => void>();
  readonly #ignore: readonly (() => void)[];
  #items: readonly OpenWait[] = [];
  #total = 0;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  constructor(options: WaitInboxOptions) {
    this.#options = options;
    const { client, store } = options;
    this.#ignore = [
      client.onNotification((notification) => {
        if (this.#canChange(notification)) this.#askSoon();
      }),
      store.onFreshness((freshness) => {
        if (freshness === 'live') this.#askSoon();
      }),
    ];
    if (store.freshness === 'live') this.#askSoon();
  }

  /** Oldest first; of very many the first hundred. */
  get items(): readonly OpenWait[] {
    return this.#items;
  }

  get total(): number {
    return this.#total;
  }

  /** Answers the function that ends the listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispose(): void {
    this.#round += 1;
    clearTimeout(this.#asking);
    for (const ignore of this.#ignore) ignore();
    this.#listeners.clear();
  }

  #canChange(notification: Notification): boolean {
    if (notification.method === 'tasks.deleted') return true;
    if (notification.method !== 'tasks.event') return false;
    const { type, treeId } = notification.params.event;
    if (type === 'WaitStarted' || type === 'SignalReceived') return true;
    return (ENDS.has(type) || type.startsWith('Run')) && this.#items.some((wait) => wait.treeId === treeId);
  }

  #askSoon(): void {
    this.#asking ??= setTimeout(() => {
      this.#asking = undefined;
      void this.#ask();
    }, ASK_MS);
  }

  /** A server that is gone is told elsewhere; the list is asked for again when it is back. */
  async #ask(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const page = await this.#options.client.waits.list({ limit: LIST_MAX }).catch(() => undefined);
    if (page === undefined || round !== this.#round) return;
    this.#items = page.items;
    this.#total = page.total;
    for (const listener of this.#listeners) listener();
  }
}

/** `approval · form-driven-report · only mia may answer`. */
export function waitFactsText(wait: OpenWait): string {
  const who = wait.mayAnswer ? [] : [`only ${oneLine(answererText(wait))} may answer`];
  return [wait.kind, oneLine(wait.treeName), ...who].join(' · ');
}
