/**
 * The commit queue: group commit of decisions (rule 9, R-EV-05, R-EV-06).
 *
 * 1. One append is under way at most; what is decided meanwhile is in the next one.
 * 2. Nothing leaves the queue before its append succeeded. A failed append is tried again with back-off, together with what came since.
 * 3. Acknowledgements and effects come after the append, in commit order.
 * 4. A part that the store refuses concerns its run only: who waits for that run is told, all others go on.
 * 5. Decisions of one turn of the event loop share an append where it costs a write. Where it does not, it comes as soon as what is
 *    running has ended, and the event loop gets its turn after at most `EVENTS_PER_TURN` events.
 */
import {
  factsOf,
  TransientError,
  type Clock,
  type EventLog,
  type RefusedPart,
  type TreeAppend,
  type TreeId,
  type TreeRemoval,
  type RunEvent,
} from '@coppice/core';
import type { Logger } from '../logger.ts';
import { runUnowned } from './code-owner.ts';
import type { Dropped, LoadedRun, Staged } from './loaded-run.ts';

/** Events that may be committed without giving timers and sockets their turn; about a millisecond's worth. */
const EVENTS_PER_TURN = 512;
const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 5_000;

/** Never pushed to: replaced by the first that comes. */
const NO_RUNS: LoadedRun[] = [];
const NO_REMOVALS: readonly Removal[] = [];

export interface CommitQueueOptions {
  readonly store: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called before each append: the last chance to decide something that shares it. */
  readonly beforeCommit: () => void;
  /** Called after an append, once per run in it. */
  readonly afterCommit: (loadedRun: LoadedRun, events: readonly RunEvent[]) => void;
  /** The store refused what was decided on a run; it must be dropped. Called once what came before it in the append has had its effects. */
  readonly onRefused: (loadedRun: LoadedRun, refusal: RefusedPart) => void;
  /** The store failed for good: nothing can be committed any more. */
  readonly onFatal: (error: unknown) => void;
}

/** What an append takes of one run. */
interface Part extends TreeAppend, Staged {
  readonly loadedRun: LoadedRun;
}

/** What an append takes of a tree that is to be removed. */
interface Removal extends TreeRemoval {
  readonly resolve: (refusal: RefusedPart | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Ack {
  /** The run that it is about; undefined: whatever was decided. */
  readonly loadedRun: LoadedRun | undefined;
  readonly resolve: (dropped: Dropped | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** What shares an append. */
interface Batch {
  readonly parts: readonly Part[];
  readonly removals: readonly Removal[];
  readonly acks: readonly Ack[];
}

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  /** Runs with staged events, each once. */
  #dirty = NO_RUNS;
  #removals = NO_REMOVALS;
  #acks: Ack[] = [];
  #isScheduled = false;
  #isCommitting = false;
  #fatal: unknown;
  #failures = 0;
  /** Events committed since the event loop had its turn. */
  #eventsInTurn = 0;
  /** Message of the last failed append; null while the store works. */
  storeError: string | null = null;
  lastCommitAtMs: number | null = null;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Decided events are part of the next append. */
  stage(loadedRun: LoadedRun, events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    if (loadedRun.stage(events)) this.#markDirty(loadedRun);
    this.schedule();
  }

  /**
   * Resolves when everything decided so far is durable; at once when it is already. Rejects when the store failed for good.
   * Of a run, ask in the turn in which something was decided on it; the answer says if it was dropped instead.
   */
  committed(loadedRun?: LoadedRun): Promise<Dropped | undefined> {
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal);
    if (loadedRun?.dropped !== undefined) return Promise.resolve(loadedRun.dropped);
    if (!this.#hasWork && !this.#isCommitting) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => this.#acks.push({ loadedRun, resolve, reject }));
  }

  /** Removes a tree in the next append, with all that belongs to it. Answers why it was refused; undefined: it is gone. */
  remove(treeId: TreeId, expectedSeq: number): Promise<RefusedPart | undefined> {
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal);
    return new Promise((resolve, reject) => {
      this.#removals = [...this.#removals, { kind: 'treeRemoval', treeId, expectedSeq, resolve, reject }];
      this.schedule();
    });
  }

  /** Gives up what is staged of a run, and answers it. */
  drop(loadedRun: LoadedRun): readonly RunEvent[] {
    this.#dirty = this.#dirty.filter((each) => each !== loadedRun);
    return loadedRun.giveUpStaged();
  }

  /** Makes sure that a commit (and with it admission) comes soon. */
  schedule(): void {
    if (this.#isScheduled || this.#isCommitting || this.#fatal !== undefined) return;
    this.#isScheduled = true;
    runUnowned(this.#arrange);
  }

  /** Nothing is committed any more; whoever waits is told why. */
  fail(error: unknown): void {
    this.#fatal ??= error;
    const waiting = [...this.#acks, ...this.#removals];
    this.#acks = [];
    this.#removals = NO_REMOVALS;
    for (const { reject } of waiting) reject(error);
  }

  get #hasWork(): boolean {
    return this.#dirty.length > 0 || this.#removals.length > 0;
  }

  #markDirty(loadedRun: LoadedRun): void {
    // Most commits are of one run, and a list that grows by pushing has room for 16 more.
    if (this.#dirty.length === 0) this.#dirty = [loadedRun];
    else this.#dirty.push(loadedRun);
  }

  readonly #arrange = (): void => {
    const { store, clock } = this.#options;
    if (store.isDurable || this.#eventsInTurn >= EVENTS_PER_TURN) clock.defer(this.#turn);
    else queueMicrotask(this.#flush);
  };

  readonly #turn = (): void => {
    this.#eventsInTurn = 0;
    this.#flush();
  };

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#isCommitting || this.#fatal !== undefined) return;
    this.#options.beforeCommit();
    const acks = this.#acks;
    this.#acks = [];
    if (!this.#hasWork) {
      for (const { loadedRun, resolve } of acks) resolve(loadedRun?.dropped);
      return;
    }
    this.#isCommitting = true;
    const parts = this.#dirty.map(takePart);
    this.#dirty = NO_RUNS;
    const removals = this.#removals;
    this.#removals = NO_REMOVALS;
    const batch: Batch = { parts, removals, acks };
    this.#options.store.append(removals.length === 0 ? parts : [...parts, ...removals]).then(
      (refused) => this.#succeeded(batch, refused),
      (error: unknown) => this.#failed(batch, error),
    );
  };

  #succeeded({ parts, removals, acks }: Batch, refused: readonly RefusedPart[]): void {
    this.#isCommitting = false;
    this.#failures = 0;
    this.storeError = null;
    this.lastCommitAtMs = this.#options.clock.nowMs();
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at] as Part;
      const { loadedRun, events } = part;
      const refusal = refused.length === 0 ? undefined : refused.find((each) => each.part === at);
      if (refusal !== undefined) {
        loadedRun.appendRefused();
        this.#options.onRefused(loadedRun, refusal);
        continue;
      }
      this.#eventsInTurn += events.length;
      loadedRun.appended(part);
      this.#options.afterCommit(loadedRun, events);
    }
    for (const [at, { resolve }] of removals.entries()) resolve(refused.find(({ part }) => part === parts.length + at));
    const isStored = (loadedRun: LoadedRun): boolean =>
      parts.some((each, at) => each.loadedRun === loadedRun && refused.every(({ part }) => part !== at));
    for (const { loadedRun, resolve } of acks) {
      resolve(loadedRun?.dropped === undefined || isStored(loadedRun) ? undefined : loadedRun.dropped);
    }
    this.schedule();
  }

  #failed({ parts, removals, acks }: Batch, error: unknown): void {
    const { clock, logger, onFatal } = this.#options;
    for (const part of parts) if (part.loadedRun.appendFailed(part)) this.#markDirty(part.loadedRun);
    this.#removals = [...removals, ...this.#removals];
    this.#acks = [...acks, ...this.#acks];
    if (!TransientError.is(error)) {
      this.#isCommitting = false;
      onFatal(error);
      return;
    }
    this.storeError = error.message;
    const delayMs = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MAX_MS);
    this.#failures++;
    logger.error(
      { code: error.code, failures: this.#failures, delayMs, error: error.message },
      'The store refused a commit; it is tried again',
    );
    clock.setTimer(delayMs, () => {
      this.#isCommitting = false;
      this.schedule();
    });
  }
}

/** What one append takes of a run. */
function takePart(loadedRun: LoadedRun): Part {
  const { state } = loadedRun;
  const expectedSeq = loadedRun.durableSeq;
  const { events, changed } = loadedRun.takeStaged();
  const isNew = events[0]?.type === 'TreeCreated';
  const { tree, tasks, indexOf } = factsOf(state, isNew ? state.tasks : changed);
  return { kind: 'tree', loadedRun, changed, expectedSeq, events, tree, tasks, indexOf };
}
