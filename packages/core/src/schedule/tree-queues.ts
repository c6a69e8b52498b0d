/** The queues of one tree: one per gate set and class. */
import type { RunState, TaskState } from '../run/state.ts';
import type { Entrances } from './entrances.ts';
import type { GateSet, GateSource } from './gate.ts';
import { newReadyQueue, type Entrance, type ReadyQueue, type ReadyTree } from './ready-queue.ts';

/** The queues of one gate set. */
interface SetQueues {
  readonly set: GateSet;
  readonly entrances: readonly Entrance[];
  readonly byPriority: (ReadyQueue | undefined)[];
}

/** An empty place for each class. */
const NO_QUEUES: readonly (ReadyQueue | undefined)[] = [undefined, undefined, undefined, undefined];

export class TreeQueues implements ReadyTree {
  readonly run: RunState;
  readonly queues: ReadyQueue[] = [];
  readonly treeNo: number;
  readonly heldByRun: readonly Entrance[];
  isHeld: boolean;
  /** Entrances of gates that only this tree uses; each start passes them. */
  readonly own: readonly Entrance[];
  readonly #entrances: Entrances;
  readonly #source: GateSource;
  /** Gate sets by key. Most trees have one. */
  readonly #sets = new Map<string, SetQueues>();

  constructor(run: RunState, treeNo: number, entrances: Entrances) {
    const { source } = entrances;
    this.run = run;
    this.treeNo = treeNo;
    this.own = entrances.of(source.ofTree(run));
    this.heldByRun = entrances.of(source.heldByRun(run));
    this.isHeld = this.heldByRun.length === 0;
    this.#entrances = entrances;
    this.#source = source;
  }

  /** Finds the queue that holds the task when it is ready. */
  find(task: TaskState): ReadyQueue | undefined {
    return this.#sets.get(this.#source.keyOf(task))?.byPriority[task.definition.priority];
  }

  /** Makes the queue for a task that has none. */
  add(task: TaskState): ReadyQueue {
    const { priority } = task.definition;
    const { byPriority, entrances } = this.#setOf(task);
    const found = byPriority[priority];
    if (found !== undefined) return found;
    const queue = newReadyQueue(this, priority, entrances);
    byPriority[priority] = queue;
    this.queues.push(queue);
    return queue;
  }

  #setOf(task: TaskState): SetQueues {
    const key = this.#source.keyOf(task);
    let queues = this.#sets.get(key);
    if (queues !== undefined) return queues;
    const set = this.#source.ofTask(task);
    for (const each of this.#sets.values()) if (each.set === set) queues = each;
    queues ??= { set, entrances: this.own.concat(this.#entrances.of(set)), byPriority: NO_QUEUES.slice() };
    this.#sets.set(key, queues);
    return queues;
  }
}
