/**
 * Calls observers. An observer is contributed code that follows the log of every tree, from a durable place in each log.
 *
 * 1. An observer gets each event at least once, in order per tree, one at a time. Its place is stored after at most `PAGE` events.
 * 2. When an observer throws, its tree is parked and nothing else is harmed. It gets the same event again, after a pause that grows.
 * 3. Events are read from the log only. So they are committed, and a slow observer costs no memory.
 */
import type { Clock, Observer, RunEvent, Store, TreeId } from '@coppice/core';
import { errorText } from './error-text.ts';
import { runOwned, runUnowned } from './kernel/code-owner.ts';
import type { Logger } from './logger.ts';
import { nextTurn } from './next-turn.ts';
import type { ExtensionRegistry } from './registry/extension-registry.ts';

const PAGE = 100;
/** Most trees that may be parked. An observer that fails in this many trees pauses until one of them is due. */
const PARKED_MAX = 100;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 300_000;

export interface ObserverOptions {
  readonly store: Store;
  readonly registry: ExtensionRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Observers {
  readonly #options: ObserverOptions;
  #followers: readonly Follower[] = [];
  #isStopped = false;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Begins to send events from each observer's places on. The store must be open. */
  start(): void {
    if (this.#isStopped) return;
    this.#followers = this.#options.registry.listObservers().map((each) => new Follower(each, this.#options));
    for (const follower of this.#followers) void follower.start();
  }

  /** Notes that events of the tree were committed. */
  committed(treeId: TreeId): void {
    for (const follower of this.#followers) follower.committed(treeId);
  }

  /** Notes that the tree and its log were deleted. */
  deleted(treeId: TreeId): void {
    for (const follower of this.#followers) follower.deleted(treeId);
  }

  /** Makes no more calls. Resolves when the last calls have ended and their places are stored. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#followers.map((follower) => follower.stop()));
  }
}

/** Follows the logs for one observer. */
class Follower {
  readonly #observer: Observer;
  readonly #options: ObserverOptions;
  /** Trees with new events. The tree that waits longest is first. */
  readonly #waiting = new Set<TreeId>();
  /** Trees that wait for a new try, with a function that cancels the timer. */
  readonly #parked = new Map<TreeId, () => void>();
  /** Number of failures in a row of the observer, by tree. */
  readonly #failures = new Map<TreeId, number>();
  #current: { readonly treeId: TreeId; isDeleted: boolean } | undefined;
  #work: Promise<void> | undefined;
  #disarmStart = (): void => {};
  #isStopped = false;

  constructor(observer: Observer, options: ObserverOptions) {
    this.#observer = observer;
    this.#options = options;
  }

  /** Looks for trees that got events while the observer was away. `committed` tells of later events. */
  async start(failures = 0): Promise<void> {
    const { store, clock } = this.#options;
    try {
      for (const treeId of await store.listBehind(this.#observer.name)) this.committed(treeId);
    } catch (error) {
      if (this.#isStopped) return;
      this.#warn(error, 'What an observer has missed can not be read; it is tried again');
      this.#disarmStart = clock.setTimer(retryMs(failures), () => void this.start(failures + 1));
    }
  }

  committed(treeId: TreeId): void {
    if (this.#isStopped || this.#parked.has(treeId)) return;
    this.#waiting.add(treeId);
    this.#begin();
  }

  deleted(treeId: TreeId): void {
    this.#parked.get(treeId)?.();
    this.#parked.delete(treeId);
    this.#failures.delete(treeId);
    if (this.#current?.treeId === treeId) this.#current.isDeleted = true;
    // A new tree may have the same id already.
    this.committed(treeId);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const disarm of [this.#disarmStart, ...this.#parked.values()]) disarm();
    await this.#work;
  }

  #begin(): void {
    if (this.#work !== undefined || this.#nextTree() === undefined) return;
    runUnowned(() => {
      this.#work = this.#followAll().finally(() => {
        this.#work = undefined;
        this.#begin();
      });
    });
  }

  #nextTree(): TreeId | undefined {
    if (this.#isStopped || this.#parked.size >= PARKED_MAX) return undefined;
    const [treeId] = this.#waiting;
    return treeId;
  }

  async #followAll(): Promise<void> {
    for (let treeId = this.#nextTree(); treeId !== undefined; treeId = this.#nextTree()) {
      this.#waiting.delete(treeId);
      const current = (this.#current = { treeId, isDeleted: false });
      try {
        await this.#follow(treeId);
        this.#failures.delete(treeId);
      } catch (error) {
        if (!this.#isStopped && !current.isDeleted) this.#park(treeId, error);
      }
      this.#current = undefined;
    }
  }

  /** Sends the events after the observer's place. */
  async #follow(treeId: TreeId): Promise<void> {
    const { store, clock } = this.#options;
    const { name } = this.#observer;
    let seq = await store.loadCursor(name, treeId);
    for (;;) {
      const events = await store.readEvents(treeId, seq, PAGE);
      try {
        for (const event of events) {
          if (this.#isStopped || this.#current?.isDeleted === true) return;
          await this.#tell(treeId, event);
          ({ seq } = event);
        }
      } finally {
        // The id of a deleted tree may be used again. The log of the new tree begins at 1.
        if (events.length > 0) await store.saveCursor(name, treeId, this.#current?.isDeleted === true ? 0 : seq);
      }
      if (events.length < PAGE) return;
      await nextTurn(clock);
    }
  }

  #tell(treeId: TreeId, event: RunEvent): void | Promise<void> {
    const takeUncaught = (error: unknown): void =>
      this.#warn(error, 'An observer threw where nobody catches errors; nothing else is touched', { treeId });
    return runOwned({ takeUncaught }, () => this.#observer.observe(treeId, event), undefined);
  }

  #park(treeId: TreeId, error: unknown): void {
    const failures = this.#failures.get(treeId) ?? 0;
    const delayMs = retryMs(failures);
    this.#warn(error, 'An observer stopped in a tree; it is told the event again', { treeId, delayMs });
    this.#failures.set(treeId, failures + 1);
    this.#waiting.delete(treeId);
    this.#parked.set(
      treeId,
      this.#options.clock.setTimer(delayMs, () => {
        this.#parked.delete(treeId);
        this.committed(treeId);
      }),
    );
  }

  #warn(error: unknown, message: string, more: { readonly treeId?: TreeId; readonly delayMs?: number } = {}): void {
    this.#options.logger.warn({ observer: this.#observer.name, ...more, error: errorText(error) }, message);
  }
}

function retryMs(failures: number): number {
  return Math.min(RETRY_MS_MIN * 2 ** failures, RETRY_MS_MAX);
}
