/** Wakes readers who wait for more lines of a tree, or for the end of what writes them. */
import { EVENT_MEANING, type Clock, type RunEvent, type TreeId } from '@coppice/core';

interface Watch {
  readonly changed: Promise<void>;
  /** Resolves `changed`. */
  readonly wake: () => void;
  readonly end: () => void;
}

export class LogWatch {
  readonly #clock: Clock;
  isClosed = false;
  readonly #readers = new Map<TreeId, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Number of readers who wait. */
  get size(): number {
    let size = 0;
    for (const readers of this.#readers.values()) size += readers.size;
    return size;
  }

  /** Tells that something of the tree has changed. */
  changed(treeId: TreeId): void {
    const readers = this.#readers.get(treeId);
    if (readers === undefined) return;
    this.#readers.delete(treeId);
    for (const wake of readers) wake();
  }

  /** Tells of committed events: readers look again when something has ended, because that may have been what they wait for. */
  committed(treeId: TreeId, events: readonly RunEvent[]): void {
    if (this.#readers.has(treeId) && events.some(endsSomething)) this.changed(treeId);
  }

  /** Begins to watch. `changed` resolves at the next change after this call, or after `maxMs`. `end` must be called. */
  begin(treeId: TreeId, maxMs: number): Watch {
    let wake = (): void => {};
    const changed = new Promise<void>((resolve) => (wake = resolve));
    const readers = this.#readers.get(treeId) ?? new Set();
    this.#readers.set(treeId, readers.add(wake));
    const cancel = this.#clock.setTimer(maxMs, wake);
    const end = (): void => {
      cancel();
      readers.delete(wake);
      if (readers.size === 0 && this.#readers.get(treeId) === readers) this.#readers.delete(treeId);
    };
    return { changed, wake, end };
  }

  /** Wakes all readers, because the engine stops. */
  close(): void {
    this.isClosed = true;
    for (const treeId of this.#readers.keys()) this.changed(treeId);
  }
}

function endsSomething({ type }: RunEvent): boolean {
  const { attempt, task, run } = EVENT_MEANING[type];
  return attempt === 'ends' || task === 'ends' || run === 'ends';
}
