/**
 * The trees of one server as its client sees them, kept up to date by one subscription; nothing polls.
 *
 * 1. It subscribes before it lists, so that nothing falls between the two.
 * 2. After a lost connection, or when the server gave a slow reader up, it lists anew and every open log is read from where it ended.
 * 3. The log of a tree is kept only while someone has it open.
 *
 * Freshness: `live` only while everything shown is up to date; `stale` while it is being brought up to date.
 */
import type { Notification, Progress, RunEvent } from '@coppice/protocol';
import type { Client } from '../client.ts';
import { RpcError } from '../client-error.ts';
import type { ConnectionState } from '../transport.ts';
import { TreeLog } from './tree-log.ts';
import { afterEvent, summaryOfListed, summaryOfTask } from './tree-summary.ts';
import type { TreeSummary } from './tree-summary.ts';

/** `stale`: connected, and not yet up to date. */
export type Freshness = ConnectionState | 'stale';

/** What has changed: the whole list, or one tree of it. */
export type TreesChange = { readonly kind: 'all' } | { readonly kind: 'tree'; readonly treeId: string };

export interface TreeStoreOptions {
  readonly client: Client;
  /** Only trees of this user. */
  readonly userId?: string;
  /** Trees of one page. Default 100. */
  readonly pageSize?: number;
}

/** A log that someone has open. */
export interface OpenTree {
  readonly log: TreeLog;
  /** Lets the log go. Closing twice is harmless. */
  close(): void;
}

/** News about a tree. Without an event, the tree was deleted. */
interface TreeNews {
  readonly treeId: string;
  readonly event?: RunEvent;
}

interface OpenLog {
  readonly log: TreeLog;
  holders: number;
}

const PAGE_SIZE = 100;
/** Pause before a subscription that the server could not go on with is opened again, ms. */
const RESUBSCRIBE_MS = 1000;
/** Events of one read. */
const EVENTS_LIMIT = 10_000;

export class TreeStore {
  readonly client: Client;
  readonly #options: TreeStoreOptions;
  readonly #trees = new Map<string, TreeSummary>();
  readonly #logs = new Map<string, OpenLog>();
  readonly #treeListeners = new Set<(change: TreesChange) => void>();
  readonly #freshnessListeners = new Set<(freshness: Freshness) => void>();
  readonly #ignore: readonly (() => void)[];
  #freshness: Freshness;
  #nextCursor: string | undefined;
  #subscriptionId: string | undefined;
  /** Number of the current synchronisation. An older one that sees another number stops. */
  #round = 0;
  #problem: string | undefined;
  /** News that came while an answer was on its way. Either of the two may be newer. */
  readonly #meanwhile = new Set<TreeNews[]>();
  readonly #learning = new Set<string>();

  constructor(options: TreeStoreOptions) {
    this.client = options.client;
    this.#options = options;
    this.#freshness = options.client.state;
    this.#ignore = [
      options.client.onNotification((notification) => this.#receive(notification)),
      options.client.onState((state) => this.#changeState(state)),
    ];
    if (options.client.state === 'live') this.#changeState('live');
  }

  get freshness(): Freshness {
    return this.#freshness;
  }

  /** Why it is stale or failed, for people. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Newest first. */
  get trees(): readonly TreeSummary[] {
    return [...this.#trees.values()].toSorted((a, b) => (a.treeId < b.treeId ? 1 : -1));
  }

  /** True: older trees can be loaded. */
  get hasMore(): boolean {
    return this.#nextCursor !== undefined;
  }

  find(treeId: string): TreeSummary | undefined {
    return this.#trees.get(treeId);
  }

  /** Answers the function that ends the listening. */
  onTrees(listener: (change: TreesChange) => void): () => void {
    this.#treeListeners.add(listener);
    return () => this.#treeListeners.delete(listener);
  }

  /** Answers the function that ends the listening. */
  onFreshness(listener: (freshness: Freshness) => void): () => void {
    this.#freshnessListeners.add(listener);
    return () => this.#freshnessListeners.delete(listener);
  }

  /** The next page of older trees. */
  async loadMore(): Promise<void> {
    const cursor = this.#nextCursor;
    if (cursor === undefined) return;
    await this.#list(cursor);
    this.#tell({ kind: 'all' });
  }

  /** Reads the log of a tree and keeps it up to date until it is closed. Rejects with `task/not-found` for an unknown tree. */
  async open(treeId: string): Promise<OpenTree> {
    const held = this.#logs.get(treeId) ?? this.#hold(treeId);
    held.holders += 1;
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      held.holders -= 1;
      if (held.holders === 0) this.#logs.delete(treeId);
    };
    try {
      if (held.log.seq === 0) await held.log.catchUp();
    } catch (error) {
      close();
      throw error;
    }
    return { log: held.log, close };
  }

  /** Stops listening. It does not close the client. */
  dispose(): void {
    this.#round += 1;
    for (const ignore of this.#ignore) ignore();
    if (this.#subscriptionId !== undefined && this.client.state === 'live') {
      // Best effort: the connection's end would end it as well.
      this.client.tasks.unsubscribe({ subscriptionId: this.#subscriptionId }).catch(() => undefined);
    }
    this.#treeListeners.clear();
    this.#freshnessListeners.clear();
    this.#logs.clear();
  }

  #hold(treeId: string): OpenLog {
    const read = (id: string, afterSeq: number) =>
      this.client.tasks.events({ treeId: id, afterSeq, limit: EVENTS_LIMIT });
    const held = { log: new TreeLog(treeId, read), holders: 0 };
    this.#logs.set(treeId, held);
    return held;
  }

  #changeState(state: ConnectionState): void {
    this.#round += 1;
    this.#subscriptionId = undefined;
    if (state !== 'live') {
      this.#setFreshness(state);
      return;
    }
    void this.#synchronise(this.#round);
  }

  /** The reason that ended the subscription may end the next one at once, so it waits a moment. */
  #synchroniseLater(): void {
    this.#round += 1;
    const round = this.#round;
    this.#subscriptionId = undefined;
    this.#setFreshness('stale');
    setTimeout(() => {
      if (round === this.#round) this.#changeState('live');
    }, RESUBSCRIBE_MS);
  }

  async #synchronise(round: number): Promise<void> {
    this.#setFreshness('stale');
    try {
      const { userId } = this.#options;
      const { subscriptionId } = await this.client.tasks.subscribe(userId === undefined ? {} : { userId });
      if (round !== this.#round) return;
      this.#subscriptionId = subscriptionId;
      await this.#list(undefined);
      await Promise.all([...this.#logs.values()].map(({ log }) => log.catchUp().catch(allowUnknown)));
    } catch (error) {
      // A connection that broke meanwhile starts another round.
      if (round !== this.#round) return;
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#setFreshness(this.client.state === 'live' ? 'stale' : this.client.state);
      return;
    }
    if (round !== this.#round) return;
    this.#problem = undefined;
    this.#setFreshness('live');
    this.#tell({ kind: 'all' });
  }

  async #list(cursor: string | undefined): Promise<void> {
    const { userId, pageSize = PAGE_SIZE } = this.#options;
    const asked = this.client.tasks.list({
      limit: pageSize,
      ...(userId === undefined ? {} : { userId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    await this.#take(asked, (page) => {
      // The old list is shown until the answer is there.
      if (cursor === undefined) this.#trees.clear();
      for (const root of page.items) {
        const { progress } = this.#trees.get(root.treeId) ?? {};
        this.#trees.set(root.treeId, { ...summaryOfListed(root), progress });
      }
      this.#nextCursor = page.nextCursor;
    });
  }

  /** Takes an answer in, and then the news that came while it was on its way. An event that comes twice changes nothing. */
  async #take<Answer>(asked: Promise<Answer>, use: (answer: Answer) => void): Promise<void> {
    const told: TreeNews[] = [];
    this.#meanwhile.add(told);
    try {
      use(await asked);
    } finally {
      this.#meanwhile.delete(told);
    }
    for (const { treeId, event } of told) {
      if (event === undefined) this.#trees.delete(treeId);
      const after = event && afterEvent(this.#trees.get(treeId), event);
      if (after !== undefined) this.#trees.set(treeId, after);
      else if (event !== undefined) void this.#learn(treeId);
    }
  }

  #receive(notification: Notification): void {
    const { method, params } = notification;
    if (params.subscriptionId !== this.#subscriptionId) return;
    if (method === 'tasks.progress') this.#receiveProgress(params.progress);
    else if (method === 'tasks.event') this.#receiveEvent(params.event);
    else if (method === 'tasks.deleted') this.#receiveDeleted(params.treeId);
    else if (method !== 'tasks.subscriptionEnded') return;
    else if (params.reason === 'slow') this.#changeState('live');
    else if (params.reason === 'failed') this.#synchroniseLater();
  }

  #receiveProgress(progress: Progress): void {
    const summary = this.#trees.get(progress.treeId);
    if (summary === undefined) return;
    this.#trees.set(progress.treeId, { ...summary, progress });
    this.#tell({ kind: 'tree', treeId: progress.treeId });
  }

  #receiveEvent(event: RunEvent): void {
    const { treeId } = event;
    this.#logs
      .get(treeId)
      ?.log.receive(event)
      ?.catch((error: unknown) => this.#fellBehind(error));
    for (const told of this.#meanwhile) told.push({ treeId, event });
    const before = this.#trees.get(treeId);
    const after = afterEvent(before, event);
    if (after === undefined) void this.#learn(treeId);
    else if (after !== before) {
      this.#trees.set(treeId, after);
      this.#tell(before === undefined ? { kind: 'all' } : { kind: 'tree', treeId });
    }
  }

  #receiveDeleted(treeId: string): void {
    for (const told of this.#meanwhile) told.push({ treeId });
    if (this.#trees.delete(treeId)) this.#tell({ kind: 'all' });
  }

  /** An event came for a tree that is older than those in the list. */
  async #learn(treeId: string): Promise<void> {
    if (this.#learning.has(treeId)) return;
    this.#learning.add(treeId);
    const asked = this.client.tasks.get({ taskId: treeId });
    await this.#take(asked, (root) => {
      const summary = summaryOfTask(root);
      if (summary !== undefined) this.#trees.set(treeId, summary);
    }).catch((error: unknown) => this.#fellBehind(error));
    this.#learning.delete(treeId);
    this.#tell({ kind: 'all' });
  }

  /** A read failed, so the list may be out of date. A broken connection needs nothing here: it starts another round itself. */
  #fellBehind(error: unknown): void {
    if (!RpcError.is(error) || error.code === 'task/not-found') return;
    this.#problem = error.message;
    this.#setFreshness('stale');
  }

  #setFreshness(freshness: Freshness): void {
    if (freshness === this.#freshness) return;
    this.#freshness = freshness;
    for (const listener of this.#freshnessListeners) listener(freshness);
  }

  #tell(change: TreesChange): void {
    for (const listener of this.#treeListeners) listener(change);
  }
}

/** A tree that was deleted meanwhile has no log to catch up with. */
function allowUnknown(error: unknown): void {
  if (!RpcError.is(error) || error.code !== 'task/not-found') throw error;
}
