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
  /** Queues at closed gates, by the name of the gate. */
  #closed: Map<string, ReadyQueue> | undefined;
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

  /** Finds or makes the queue in which the task waits when it is ready. */
  waitingFor(task: TaskState): ReadyQueue {
    const gate = this.#source.closedTo(this.run, task);
    if (gate === undefined) return this.find(task) ?? this.add(task);
    let queue = this.#closed?.get(gate);
    if (queue === undefined) {
      // The turn of the queue never comes, so it is in the class in which nothing ages.
      queue = newReadyQueue(this, 0, [this.#entrances.close(gate)]);
      (this.#closed ??= new Map()).set(gate, queue);
      this.queues.push(queue);
    }
    return queue;
  }

  /** Removes queues at closed gates, all or the empty ones, and returns them. */
  leaveClosed(which: 'all' | 'empty'): readonly ReadyQueue[] {
    const left: ReadyQueue[] = [];
    for (const [gate, queue] of this.#closed ?? []) {
      if (which === 'empty' && queue.ready.size > 0) continue;
      this.#closed?.delete(gate);
      this.#entrances.leave(gate);
      this.queues.splice(this.queues.indexOf(queue), 1);
      left.push(queue);
    }
    return left;
  }

  /** Finds the queue of the task's gate set, whatever gate is closed to the task. */
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
