/**
 * What is held on a server, kept up to date: asked when the connection is live, and told by it from then on. Nothing polls.
 * A server that knows no holds has none.
 */
import type { Hold } from '@coppice/protocol';
import type { Client } from '../client.ts';
import { RpcError } from '../client-error.ts';
import type { TreeStore } from './tree-store.ts';

export interface HoldListOptions {
  readonly client: Pick<Client, 'holds' | 'onNotification'>;
  /** Its subscription to all trees brings the news. */
  readonly store: Pick<TreeStore, 'freshness' | 'onFreshness'>;
}

export class HoldList {
  readonly #options: HoldListOptions;
  readonly #listeners = new Set<() => void>();
  readonly #ignore: readonly (() => void)[];
  #items: readonly Hold[] = [];
  /** Number of the newest question or news: an older answer says less. */
  #round = 0;

  constructor(options: HoldListOptions) {
    this.#options = options;
    const { client, store } = options;
    this.#ignore = [
      client.onNotification((notification) => {
        if (notification.method === 'holds.changed') this.#take(notification.params.items);
      }),
      store.onFreshness((freshness) => {
        if (freshness === 'live') void this.#ask();
      }),
    ];
    if (store.freshness === 'live') void this.#ask();
  }

  /** In the order in which they were set. */
  get items(): readonly Hold[] {
    return this.#items;
  }

  /** Answers the function that ends the listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispose(): void {
    this.#round += 1;
    for (const ignore of this.#ignore) ignore();
    this.#listeners.clear();
  }

  async #ask(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const answer = await this.#options.client.holds.list({}).catch((error: unknown) => {
      if (RpcError.is(error) && error.code === 'rpc/unknown-method') return { items: [] };
      return undefined;
    });
    // Without an answer what was known stays; the next connection asks again.
    if (answer !== undefined && round === this.#round) this.#take(answer.items);
  }

  #take(items: readonly Hold[]): void {
    this.#round += 1;
    if (JSON.stringify(items) === JSON.stringify(this.#items)) return;
    this.#items = items;
    for (const listener of this.#listeners) listener();
  }
}
