/** Wakes readers who wait for more lines of a tree or a task, or for the end of what writes them. */
import { EVENT_MEANING, type Clock, type RunEvent, type TaskId, type TreeId } from '@coppice/core';

/** From so many readers on they are woken together and less often, because each of them reads for itself. */
const MANY_READERS = 50;
/** How long the lines of a task are collected for many readers, ms. */
const COLLECTED_MS = 250;

interface Watch {
  readonly changed: Promise<void>;
  /** Resolves `changed`. */
  readonly wake: () => void;
  readonly end: () => void;
}

/** Whose lines a reader waits for: those of one task that is no group; without a task those of all. */
export interface WatchScope {
  readonly treeId: TreeId;
  readonly taskId?: TaskId | undefined;
}

/** Readers of a tree who wait: by the task whose lines they want; undefined: they want those of several. */
type Readers = Map<TaskId | undefined, Set<() => void>>;

export class LogWatch {
  readonly #clock: Clock;
  isClosed = false;
  /** Number of readers who wait. */
  #size = 0;
  readonly #trees = new Map<TreeId, Readers>();
  /** Tasks that have written since their readers were woken. */
  readonly #collected = new Map<TreeId, Set<TaskId>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Number of readers who wait. */
  get size(): number {
    return this.#size;
  }

  /** Tells that these tasks of the tree have written. */
  written(treeId: TreeId, taskIds: ReadonlySet<TaskId>): void {
    if (!this.#trees.has(treeId)) return;
    if (this.#size < MANY_READERS) return this.#wakeReaders(treeId, taskIds);
    const collected = this.#collected.get(treeId);
    if (collected !== undefined) for (const taskId of taskIds) collected.add(taskId);
    else {
      const first = new Set(taskIds);
      this.#collected.set(treeId, first);
      this.#clock.setTimer(COLLECTED_MS, () => {
        this.#collected.delete(treeId);
        this.#wakeReaders(treeId, first);
      });
    }
  }

  /** Tells of committed events: readers look again when something has ended, because that may have been what they wait for. */
  committed(treeId: TreeId, events: readonly RunEvent[]): void {
    const readers = this.#trees.get(treeId);
    if (readers === undefined) return;
    for (const event of events) {
      if (!endsSomething(event)) continue;
      if (event.taskId === undefined) return this.#wakeTree(readers);
      wakeAll(readers.get(event.taskId));
      wakeAll(readers.get(undefined));
    }
  }

  /** Begins to watch. `changed` resolves at the next change after this call, or after `maxMs`. `end` must be called. */
  begin({ treeId, taskId }: WatchScope, maxMs: number): Watch {
    let wake = (): void => {};
    const changed = new Promise<void>((resolve) => (wake = resolve));
    const readers: Readers = this.#trees.get(treeId) ?? new Map();
    this.#trees.set(treeId, readers);
    const ofTask = readers.get(taskId) ?? new Set();
    readers.set(taskId, ofTask.add(wake));
    this.#size += 1;
    const cancel = this.#clock.setTimer(maxMs, wake);
    const end = (): void => {
      cancel();
      this.#size -= 1;
      ofTask.delete(wake);
      if (ofTask.size === 0) readers.delete(taskId);
      if (readers.size === 0) this.#trees.delete(treeId);
    };
    return { changed, wake, end };
  }

  /** Wakes all readers, because the engine stops. */
  close(): void {
    this.isClosed = true;
    for (const readers of this.#trees.values()) this.#wakeTree(readers);
  }

  #wakeReaders(treeId: TreeId, taskIds: ReadonlySet<TaskId>): void {
    const readers = this.#trees.get(treeId);
    if (readers === undefined) return;
    wakeAll(readers.get(undefined));
    for (const taskId of taskIds) wakeAll(readers.get(taskId));
  }

  #wakeTree(readers: Readers): void {
    for (const ofTask of readers.values()) wakeAll(ofTask);
  }
}

/** A reader who is woken again before it looks is woken once. */
function wakeAll(readers: ReadonlySet<() => void> | undefined): void {
  if (readers !== undefined) for (const wake of readers) wake();
}

function endsSomething({ type }: RunEvent): boolean {
  const { attempt, task, run } = EVENT_MEANING[type];
  return attempt === 'ends' || task === 'ends' || run === 'ends';
}
