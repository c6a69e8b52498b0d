/**
 * The log of one tree, kept up to date: events are added in order, each once, and what is missing is read.
 *
 * 1. `events` is the log from its first event, without a gap; `view` is its fold.
 * 2. An event that does not follow the last one is never folded: the log is read from there instead.
 */
import type { RunEvent } from '@coppice/protocol';
import { applyEvent } from '../run/apply-event.ts';
import { createRunView } from '../run/run-view.ts';
import type { RunView } from '../run/run-view.ts';

/** Reads events after a number; `lastSeq`: how many there were when they were read. */
export type ReadEvents = (
  treeId: string,
  afterSeq: number,
) => Promise<{ readonly items: readonly RunEvent[]; readonly lastSeq: number }>;

/** Called after events were added to the log: those after `afterSeq`. */
export type LogListener = (events: readonly RunEvent[], afterSeq: number) => void;

export class TreeLog {
  readonly treeId: string;
  readonly view: RunView = createRunView();
  readonly #read: ReadEvents;
  readonly #events: RunEvent[] = [];
  readonly #listeners = new Set<LogListener>();
  /** Number of the newest event that the server has sent. */
  #heardSeq = 0;
  #reading: Promise<void> | undefined;

  constructor(treeId: string, read: ReadEvents) {
    this.treeId = treeId;
    this.#read = read;
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /** The number of the last event. */
  get seq(): number {
    return this.#events.length;
  }

  /** Answers the function that ends the listening. */
  onEvents(listener: LogListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a notified event. Answers the reading that became necessary, if any; it may reject as the read does. */
  receive(event: RunEvent): Promise<void> | undefined {
    this.#heardSeq = Math.max(this.#heardSeq, event.seq);
    if (event.seq <= this.seq) return undefined;
    if (event.seq === this.seq + 1 && this.#reading === undefined) {
      this.#add([event]);
      return undefined;
    }
    return this.catchUp();
  }

  /** Reads until nothing is missing. Calls while it is under way share it. */
  catchUp(): Promise<void> {
    this.#reading ??= this.#readOn();
    return this.#reading;
  }

  /** Marks the end in the same step that finds nothing missing: an event that comes later must begin a new reading. */
  async #readOn(): Promise<void> {
    try {
      for (;;) {
        const { items, lastSeq } = await this.#read(this.treeId, this.seq);
        const fresh = items.filter(({ seq }) => seq > this.seq);
        if (fresh.length > 0) this.#add(fresh);
        if (items.length === 0 || this.seq >= Math.max(lastSeq, this.#heardSeq)) return;
      }
    } finally {
      this.#reading = undefined;
    }
  }

  #add(events: readonly RunEvent[]): void {
    const afterSeq = this.seq;
    for (const event of events) {
      this.#events.push(event);
      applyEvent(this.view, event);
    }
    for (const listener of this.#listeners) listener(events, afterSeq);
    this.view.changed.clear();
  }
}
