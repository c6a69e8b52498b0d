/**
 * The order in which queues get their turn. Smooth weighted round robin (8:4:2:1) says which class is next, so no class is a barrier and
 * none starves (algorithm: nginx's smooth weighted balancing). Within a class, queues that ageing has moved up go first, then queues of the
 * tree that was created first. Taking a queue costs O(log queues).
 */
import { isEarlier } from '../run/order-key.ts';
import type { TaskState } from '../run/state.ts';
import { Heap } from './heap.ts';

/** Weights of the classes urgent, high, normal, low (R-SC-20). */
const WEIGHTS: readonly [number, number, number, number] = [8, 4, 2, 1];

/** The data of a queue that the order needs. */
export interface InOrder {
  /** The class that the queue counts in now: its priority, or a higher class by ageing. */
  readonly countsAs: number;
  /** Number of the queue's valid turn. */
  readonly turnNo: number;
}

/** The place of a queue in the order. The key of a turn never changes: a queue that moves gets a new turn, and the old turn is stale. */
export interface Turn<Queue extends InOrder> {
  readonly queue: Queue;
  readonly isAged: boolean;
  readonly treeNo: number;
  /** The first task of the queue when it got the turn. */
  readonly first: TaskState;
  readonly turnNo: number;
}

function isBefore(a: Turn<InOrder>, b: Turn<InOrder>): boolean {
  if (a.isAged !== b.isAged) return a.isAged;
  return a.treeNo === b.treeNo ? isEarlier(a.first, b.first) : a.treeNo < b.treeNo;
}

export class TurnOrder<Queue extends InOrder> {
  readonly #classes: readonly Heap<Turn<Queue>>[] = WEIGHTS.map(() => new Heap<Turn<Queue>>(isBefore));
  readonly #credits: number[] = WEIGHTS.map(() => 0);

  push(turn: Turn<Queue>): void {
    this.#classes[turn.queue.countsAs]?.push(turn);
  }

  /** True when no queue waits. */
  get isEmpty(): boolean {
    return !WEIGHTS.some((_weight, each) => this.#hasNext(each));
  }

  /** Removes and returns the queue whose turn it is. */
  pop(): Queue | undefined {
    let next = -1;
    let total = 0;
    for (let each = 0; each < WEIGHTS.length; each++) {
      if (!this.#hasNext(each)) continue;
      const weight = WEIGHTS[each] as number;
      total += weight;
      this.#credits[each] = (this.#credits[each] as number) + weight;
      if (next < 0 || (this.#credits[each] as number) > (this.#credits[next] as number)) next = each;
    }
    if (next < 0) return undefined;
    this.#credits[next] = (this.#credits[next] as number) - total;
    return this.#classes[next]?.pop()?.queue;
  }

  /** The queues, each once, in no particular order. */
  *[Symbol.iterator](): IterableIterator<Queue> {
    for (const turns of this.#classes) for (const turn of turns) if (isValid(turn)) yield turn.queue;
  }

  /** True when a class has a valid turn. Removes stale turns. */
  #hasNext(at: number): boolean {
    const turns = this.#classes[at] as Heap<Turn<Queue>>;
    for (let turn = turns.peek(); turn !== undefined; turn = turns.peek()) {
      if (isValid(turn)) return true;
      turns.pop();
    }
    return false;
  }
}

function isValid(turn: Turn<InOrder>): boolean {
  return turn.turnNo === turn.queue.turnNo;
}
