/**
 * Subscriptions: every subscriber gets the events of its trees in commit order and without gaps, and first the stored ones if it asks for
 * them (R-PR-02 to R-PR-04).
 *
 * Each subscriber has a bounded buffer. When it is slower than the run, the buffer is dropped and the events are read from the log.
 * No subscriber ever delays a run or another subscriber.
 */
import {
  TransientError,
  type Clock,
  type Hold,
  type RunEvent,
  type Store,
  type TaskId,
  type TreeId,
} from '@coppice/core';
import type { SubscribeOptions, Subscriber, SubscriptionEnd } from './subscriber.ts';
import type { GroupProgress, RunProgress } from './shown-run.ts';
import type { GateAlert } from './what-may-start.ts';
import { errorText } from './error-text.ts';
import type { Logger } from './logger.ts';
import { systemClock } from './system-clock.ts';

/** Most deliveries that wait for a slow subscriber. With more of them its events are read from the log. */
const BUFFER_MAX = 1_000;
const PAGE = 1_000;
/** Pause before the log is read again that could not be read just now, ms. */
const READ_RETRY_MS = 500;

/** The events that were just committed to one tree. */
export interface CommittedEvents {
  readonly treeId: TreeId;
  readonly userId: string;
  readonly events: readonly RunEvent[];
  /** Computed only if a subscriber wants it. */
  readonly progress: () => RunProgress;
  /** How far the tasks below these are. */
  readonly groups: (ids: readonly TaskId[]) => readonly GroupProgress[];
  readonly hasEnded: boolean;
}

type Delivery =
  | { readonly treeId: TreeId; readonly event: RunEvent }
  | { readonly progress: RunProgress }
  | { readonly deleted: TreeId }
  | { readonly holds: readonly Hold[] }
  | { readonly alert: GateAlert }
  | { readonly end: SubscriptionEnd };

interface Subscription {
  readonly options: SubscribeOptions;
  readonly subscriber: Subscriber;
  /** Last sequence number that was read from the log, by tree, until something newer comes live. Empty where nothing was read. */
  readonly delivered: Map<TreeId, number>;
  /** Trees whose next events must be read from the log. `more`: events were committed since the last read began. */
  readonly behind: Map<TreeId, { more: boolean }>;
  buffer: Delivery[];
  isBusy: boolean;
  isOpen: boolean;
}

export class Subscriptions {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #byTree = new Map<TreeId, Set<Subscription>>();
  readonly #global = new Set<Subscription>();

  constructor(store: Store, logger: Logger, clock: Clock = systemClock) {
    this.#store = store;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Adds a subscription, and returns the function that ends it. That function may be called twice. */
  add(options: SubscribeOptions, subscriber: Subscriber): () => void {
    const subscription: Subscription = {
      options,
      subscriber,
      delivered: new Map(),
      behind: new Map(),
      buffer: [],
      isBusy: false,
      isOpen: true,
    };
    const { treeId, afterSeq } = options;
    if (treeId === undefined) this.#global.add(subscription);
    else {
      const known = this.#byTree.get(treeId);
      if (known === undefined) this.#byTree.set(treeId, new Set([subscription]));
      else known.add(subscription);
      if (afterSeq !== undefined) {
        subscription.delivered.set(treeId, afterSeq);
        subscription.behind.set(treeId, { more: false });
        this.#drain(subscription);
      }
    }
    return () => this.#remove(subscription);
  }

  /** True when somebody may want the events of the tree. Most trees have no subscriber, and then nothing is made to be published. */
  isFollowed(treeId: TreeId): boolean {
    return this.#global.size > 0 || this.#byTree.has(treeId);
  }

  /** Sends committed events to all subscribers of the tree. */
  publish({ progress, ...rest }: CommittedEvents): void {
    const own = this.#byTree.get(rest.treeId);
    // The progress is computed at most once. All subscribers get the same object.
    let computed: RunProgress | undefined;
    const committed: CommittedEvents = { ...rest, progress: () => (computed ??= progress()) };
    const { treeId, events } = committed;
    const deliveries = events.map((event): Delivery => ({ treeId, event }));
    for (const subscription of own ?? []) this.#offer(subscription, committed, deliveries);
    for (const subscription of this.#globalOf(rest.userId)) this.#offer(subscription, committed, deliveries);
  }

  /** Another writer has committed to a tree after event `seq`: all subscribers of the tree get the events from the log. */
  publishMissed({
    treeId,
    userId,
    seq,
  }: {
    readonly treeId: TreeId;
    readonly userId: string;
    readonly seq: number;
  }): void {
    for (const subscription of [...(this.#byTree.get(treeId) ?? []), ...this.#globalOf(userId)]) {
      this.#fallBehind(subscription);
      const behind = subscription.behind.get(treeId);
      if (behind !== undefined) behind.more = true;
      else {
        subscription.behind.set(treeId, { more: false });
        if (!subscription.delivered.has(treeId)) subscription.delivered.set(treeId, seq);
      }
      this.#drain(subscription);
    }
  }

  /** Tells all subscribers of a tree that the tree and its log were deleted. */
  publishDeleted(treeId: TreeId, userId: string): void {
    for (const subscription of [...(this.#byTree.get(treeId) ?? []), ...this.#globalOf(userId)]) {
      // There is nothing left to read.
      subscription.behind.delete(treeId);
      subscription.buffer.push({ deleted: treeId });
      this.#drain(subscription);
    }
  }

  /** Tells all subscribers to all trees what is held from now on. */
  publishHolds(holds: readonly Hold[]): void {
    for (const subscription of this.#global) {
      subscription.buffer.push({ holds });
      this.#drain(subscription);
    }
  }

  /** Tells those who follow all trees, or those of the user whose tasks starve. */
  publishAlert(alert: GateAlert): void {
    const userId = alert.starving?.first.userId;
    for (const subscription of userId === undefined ? this.#global : this.#globalOf(userId)) {
      subscription.buffer.push({ alert });
      this.#drain(subscription);
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const subscription of [...this.#global, ...[...this.#byTree.values()].flatMap((set) => [...set])]) {
      this.#end(subscription, 'shutdown');
    }
  }

  #globalOf(userId: string): Subscription[] {
    return [...this.#global].filter(({ options }) => options.userId === undefined || options.userId === userId);
  }

  #remove(subscription: Subscription): void {
    const { treeId } = subscription.options;
    subscription.isOpen = false;
    subscription.buffer = [];
    this.#global.delete(subscription);
    if (treeId === undefined) return;
    const set = this.#byTree.get(treeId);
    set?.delete(subscription);
    if (set?.size === 0) this.#byTree.delete(treeId);
  }

  /** `ofEvents`: the deliveries of the events, which all subscriptions share. */
  #offer(subscription: Subscription, committed: CommittedEvents, ofEvents: readonly Delivery[]): void {
    const { treeId, events, hasEnded } = committed;
    if (subscription.buffer.length + events.length > BUFFER_MAX) {
      this.#fallBehind(subscription);
    }
    const behind = subscription.behind.get(treeId);
    if (behind !== undefined) {
      behind.more = true;
      return this.#drain(subscription);
    }
    const { subscriber } = subscription;
    const isTold = hasEnded && subscription.options.treeId !== undefined;
    let deliveries = ofEvents;
    if (subscriber.progress !== undefined)
      deliveries = [...deliveries, { progress: progressFor(subscription, committed) }];
    if (isTold) deliveries = [...deliveries, { end: 'runEnded' }];
    if (isReady(subscription)) return this.#deliverAll(subscription, deliveries);
    for (const delivery of deliveries) subscription.buffer.push(delivery);
    this.#drain(subscription);
  }

  /** Drops the buffer. Its events are read from the log when the subscriber is ready again. Deliveries that are not in a log stay. */
  #fallBehind(subscription: Subscription): void {
    for (const delivery of subscription.buffer) {
      if (!('treeId' in delivery) || subscription.behind.has(delivery.treeId)) continue;
      subscription.behind.set(delivery.treeId, { more: false });
      if (!subscription.delivered.has(delivery.treeId))
        subscription.delivered.set(delivery.treeId, delivery.event.seq - 1);
    }
    subscription.buffer = subscription.buffer.filter(
      (delivery) => 'deleted' in delivery || 'holds' in delivery || 'alert' in delivery,
    );
  }

  #drain(subscription: Subscription): void {
    if (subscription.isBusy) return;
    while (subscription.isOpen && subscription.buffer.length > 0 && subscription.behind.size === 0) {
      const batch = subscription.buffer;
      subscription.buffer = [];
      this.#deliverAll(subscription, batch);
      if (subscription.isBusy) return;
    }
    if (subscription.isOpen && subscription.behind.size > 0) this.#wait(subscription, this.#catchUp(subscription));
  }

  /** Delivers in order. What a subscriber that is not ready for it has to wait for comes before all that is in the buffer. */
  #deliverAll(subscription: Subscription, batch: readonly Delivery[]): void {
    for (let index = 0; index < batch.length; index++) {
      const pending = this.#deliver(subscription, batch[index] as Delivery);
      if (!subscription.isOpen) {
        pending?.catch((error: unknown) => this.#fail(subscription, error));
        return;
      }
      if (pending === undefined) continue;
      subscription.buffer = [...batch.slice(index + 1), ...subscription.buffer];
      this.#wait(subscription, pending);
      return;
    }
  }

  #wait(subscription: Subscription, pending: Promise<unknown>): void {
    subscription.isBusy = true;
    pending.then(
      () => {
        subscription.isBusy = false;
        this.#drain(subscription);
      },
      (error: unknown) => this.#fail(subscription, error),
    );
  }

  /** Reads what the subscriber missed, tree by tree, up to the end of the stored log. */
  async #catchUp(subscription: Subscription): Promise<void> {
    for (const [treeId, behind] of subscription.behind) {
      for (;;) {
        behind.more = false;
        const events = await this.#read(subscription, () =>
          this.#store.readEvents(treeId, subscription.delivered.get(treeId) ?? 0, PAGE),
        );
        for (const event of events) {
          await this.#deliver(subscription, { treeId, event });
          if (!subscription.isOpen) return;
        }
        if (events.length === PAGE || behind.more) continue;
        const isLast =
          subscription.options.treeId !== undefined && (await this.#read(subscription, () => this.#hasEnded(treeId)));
        if (behind.more) continue;
        subscription.behind.delete(treeId);
        if (isLast) await this.#deliver(subscription, { end: 'runEnded' });
        break;
      }
    }
  }

  /** Reads from the store. A fault that may pass is tried again, so that no subscriber is lost. */
  async #read<T>(subscription: Subscription, read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!TransientError.is(error) || !subscription.isOpen) throw error;
        this.#logger.warn({ code: error.code, error: error.message }, 'The log can not be read; it is tried again');
        await new Promise<void>((resolve) => this.#clock.setTimer(READ_RETRY_MS, resolve));
      }
    }
  }

  async #hasEnded(treeId: TreeId): Promise<boolean> {
    const status = (await this.#store.findTree(treeId))?.status;
    return status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'continued';
  }

  /** Makes one delivery. Returns a promise when the subscriber is not ready for the next one yet. */
  #deliver(subscription: Subscription, delivery: Delivery): Promise<unknown> | undefined {
    const { subscriber, delivered } = subscription;
    try {
      if ('end' in delivery) this.#end(subscription, delivery.end);
      else if ('deleted' in delivery) {
        delivered.delete(delivery.deleted);
        const pending = pendingOf(subscriber.deleted?.(delivery.deleted));
        if (subscription.options.treeId !== undefined) this.#end(subscription, 'deleted');
        return pending;
      } else if ('holds' in delivery) return pendingOf(subscriber.holds?.(delivery.holds));
      else if ('alert' in delivery) return pendingOf(subscriber.gateAlert?.(delivery.alert));
      else if ('progress' in delivery) return pendingOf(subscriber.progress?.(delivery.progress));
      else {
        const { treeId, event } = delivery;
        const lastSeq = delivered.get(treeId);
        if (lastSeq !== undefined) {
          if (event.seq <= lastSeq) return undefined;
          // Later live events come in order, each once, so nothing needs to be remembered for this tree any more.
          if (subscription.behind.has(treeId)) delivered.set(treeId, event.seq);
          else delivered.delete(treeId);
        }
        return pendingOf(subscriber.event(treeId, event));
      }
    } catch (error) {
      this.#fail(subscription, error);
    }
    return undefined;
  }

  /** Tells the subscriber the end. No delivery follows, except after a run is opened again, so its promise is not waited for. */
  #end(subscription: Subscription, reason: SubscriptionEnd): void {
    if (!subscription.isOpen) return;
    if (reason !== 'runEnded') this.#remove(subscription);
    const { subscriber } = subscription;
    const failed = (error: unknown): void =>
      this.#logger.warn({ reason, error: errorText(error) }, 'A subscriber failed when it was told of its end');
    try {
      pendingOf(subscriber.end?.(reason))?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #fail(subscription: Subscription, error: unknown): void {
    this.#logger.warn(
      { error: errorText(error) },
      'A subscription failed; its subscriber is told so and no longer served',
    );
    this.#end(subscription, 'failed');
  }
}

/** True when the next delivery can go to the subscriber at once: nothing is to come before it. */
function isReady({ isBusy, isOpen, buffer, behind }: Subscription): boolean {
  return isOpen && !isBusy && buffer.length === 0 && behind.size === 0;
}

function progressFor({ options }: Subscription, { progress, groups }: CommittedEvents): RunProgress {
  return options.groups === undefined ? progress() : { ...progress(), groups: groups(options.groups) };
}

/** The promise that a subscriber returned, if there is one. The value may be anything, because subscribers are code of others. */
function pendingOf(returned: unknown): Promise<unknown> | undefined {
  if (typeof returned !== 'object' || returned === null || !('then' in returned)) return undefined;
  return typeof returned.then === 'function' ? Promise.resolve(returned) : undefined;
}
