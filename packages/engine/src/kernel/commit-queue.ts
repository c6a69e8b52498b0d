/**
 * The commit queue: group commit of decisions (rule 9, R-EV-05, R-EV-06).
 *
 * 1. At most one append is under way. Events that are decided meanwhile are in the next one.
 * 2. Events leave the queue only when their append has succeeded. A failed append is tried again with back-off, together with newer events.
 * 3. Answers and effects come after the append, in commit order.
 * 4. A part that the store refuses concerns its run only: whoever waits for that run is told, and all other runs go on.
 * 5. Where an append costs a write, all decisions of one turn of the event loop share it. Where it costs none, an append follows each
 *    decision at once, and the event loop gets a turn after at most `EVENTS_PER_TURN` events.
 */
import {
  factsOf,
  TransientError,
  type Clock,
  type EventLog,
  type RefusedPart,
  type StreamAppend,
  type TreeAppend,
  type TreeId,
  type RunEvent,
} from '@coppice/core';
import type { Logger } from '../logger.ts';
import { runUnowned } from './code-owner.ts';
import type { DropReason, LoadedRun, StagedPart } from './loaded-run.ts';

/** Most events that are committed before timers and sockets get their turn: about a millisecond of work. */
const EVENTS_PER_TURN = 512;
const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 5_000;

/** The shared empty list. Nobody pushes to it: the first element comes in a new list. */
const NO_RUNS: LoadedRun[] = [];
const NO_ASIDES: readonly Aside[] = [];

export interface CommitQueueOptions {
  readonly store: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called before each append. Events that are decided in this call share the append. */
  readonly beforeCommit: () => void;
  /** Called after an append, once per run in it. */
  readonly afterCommit: (loadedRun: LoadedRun, events: readonly RunEvent[]) => void;
  /** Called when the store refused the events of a run, which must then be dropped. Effects of earlier parts of the append come before. */
  readonly onRefused: (loadedRun: LoadedRun, refusal: RefusedPart) => void;
  /** Called when the store has failed for good: nothing can be committed any more. */
  readonly onFatal: (error: unknown) => void;
}

/** The part of an append for one run. */
interface Part extends TreeAppend, StagedPart {
  readonly loadedRun: LoadedRun;
}

/** A part of an append that belongs to no run in memory: a tree that is removed or comes as a whole, or events of the engine itself. */
type Aside = StreamAppend & {
  readonly resolve: (refusal: RefusedPart | undefined) => void;
  readonly reject: (error: unknown) => void;
};

interface Ack {
  /** The run whose events are waited for; undefined: all events decided so far. */
  readonly loadedRun: LoadedRun | undefined;
  readonly resolve: (dropped: DropReason | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** The parts of one append, and whoever waits for it. */
interface Batch {
  readonly parts: readonly Part[];
  readonly asides: readonly Aside[];
  readonly acks: readonly Ack[];
}

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  /** Runs with staged events, each once. */
  #dirty = NO_RUNS;
  #asides = NO_ASIDES;
  #acks: Ack[] = [];
  #isScheduled = false;
  #isCommitting = false;
  #fatal: unknown;
  #failures = 0;
  /** Number of events committed since the event loop had its last turn. */
  #eventsInTurn = 0;
  /** Message of the last failed append; null while the store works. */
  storeError: string | null = null;
  lastCommitAtMs: number | null = null;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Puts decided events into the next append. */
  stage(loadedRun: LoadedRun, events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    if (loadedRun.stage(events)) this.#markDirty(loadedRun);
    this.schedule();
  }

  /**
   * Resolves when all events decided so far are durable, at once when they already are. Rejects when the store has failed for good.
   * With a run, call it in the same turn in which the events were decided. The answer says whether the run was dropped instead.
   */
  committed(loadedRun?: LoadedRun): Promise<DropReason | undefined> {
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal);
    if (loadedRun?.dropped !== undefined) return Promise.resolve(loadedRun.dropped);
    if (!this.#hasWork && !this.#isCommitting) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => this.#acks.push({ loadedRun, resolve, reject }));
  }

  /** Removes a tree and all its data in the next append. Answers why the store refused that; undefined: the tree is removed. */
  remove(treeId: TreeId, expectedSeq: number): Promise<RefusedPart | undefined> {
    return this.append({ kind: 'treeRemoval', treeId, expectedSeq });
  }

  /** Makes a part that belongs to no run in memory one of the next append. Answers why the store refused it; undefined: it is durable. */
  append(part: StreamAppend): Promise<RefusedPart | undefined> {
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal);
    return new Promise((resolve, reject) => {
      this.#asides = [...this.#asides, { ...part, resolve, reject }];
      this.schedule();
    });
  }

  /** Gives up the staged events of a run, and returns them. */
  drop(loadedRun: LoadedRun): readonly RunEvent[] {
    this.#dirty = this.#dirty.filter((each) => each !== loadedRun);
    return loadedRun.giveUpStaged();
  }

  /** Makes sure that a commit, and with it admission, comes soon. */
  schedule(): void {
    if (this.#isScheduled || this.#isCommitting || this.#fatal !== undefined) return;
    this.#isScheduled = true;
    runUnowned(this.#arrange);
  }

  /** Stops committing, and tells the reason to whoever waits. */
  fail(error: unknown): void {
    this.#fatal ??= error;
    const waiting = [...this.#acks, ...this.#asides];
    this.#acks = [];
    this.#asides = NO_ASIDES;
    for (const { reject } of waiting) reject(error);
  }

  get #hasWork(): boolean {
    return this.#dirty.length > 0 || this.#asides.length > 0;
  }

  #markDirty(loadedRun: LoadedRun): void {
    // Most commits are of one run. A pushed-to list would reserve room for 16 more.
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
    const asides = this.#asides;
    this.#asides = NO_ASIDES;
    const batch: Batch = { parts, asides, acks };
    this.#options.store.append(asides.length === 0 ? parts : [...parts, ...asides]).then(
      (refused) => this.#succeeded(batch, refused),
      (error: unknown) => this.#failed(batch, error),
    );
  };

  #succeeded({ parts, asides, acks }: Batch, refused: readonly RefusedPart[]): void {
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
    for (const [at, { resolve }] of asides.entries()) resolve(refused.find(({ part }) => part === parts.length + at));
    const isStored = (loadedRun: LoadedRun): boolean =>
      parts.some((each, at) => each.loadedRun === loadedRun && refused.every(({ part }) => part !== at));
    for (const { loadedRun, resolve } of acks) {
      resolve(loadedRun?.dropped === undefined || isStored(loadedRun) ? undefined : loadedRun.dropped);
    }
    this.schedule();
  }

  #failed({ parts, asides, acks }: Batch, error: unknown): void {
    const { clock, logger, onFatal } = this.#options;
    for (const part of parts) if (part.loadedRun.appendFailed(part)) this.#markDirty(part.loadedRun);
    this.#asides = [...asides, ...this.#asides];
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

/** Makes the part of an append for a run. */
function takePart(loadedRun: LoadedRun): Part {
  const { state } = loadedRun;
  const expectedSeq = loadedRun.durableSeq;
  const { events, changed } = loadedRun.takeStaged();
  const isNew = events[0]?.type === 'TreeCreated';
  const { tree, tasks, indexOf } = factsOf(state, isNew ? state.tasks : changed);
  return { kind: 'tree', loadedRun, changed, expectedSeq, events, tree, tasks, indexOf };
}
