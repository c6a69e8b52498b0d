/** Wakes readers who wait for more lines of a tree, or for the end of what writes them. */
import type { Clock, TreeId } from '@coppice/core';

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
