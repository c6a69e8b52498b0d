/**
 * Where queues wait: for their turn, or at a full gate until it recalls them.
 *
 * 1. A queue waits in one place. A full gate recalls the queue whose turn it is there, once as many units are free as its tasks take.
 *    Queues whose tasks take more wait apart, so that they keep nobody back.
 * 2. At one entrance free units are promised to one queue. Once it has had its turn, the next one is recalled for what is left.
 * 3. Where time alone makes units free, a queue is recalled at that time.
 */
import type { TaskState } from '../run/state.ts';
import { Heap } from './heap.ts';
import type { Entrance, ReadyQueue } from './ready-queue.ts';
import { TurnOrder } from './turn-order.ts';

/** A time at which an entrance may recall; stale when it is not the entrance's. */
interface Recall {
  readonly entrance: Entrance;
  readonly atMs: number;
}

export class WaitingQueues {
  /** Of queues that wait for their turn only. */
  readonly turns = new TurnOrder<ReadyQueue>();
  readonly #recalls = new Heap<Recall>((a, b) => a.atMs < b.atMs);

  /** Takes out the queue whose turn it is. Tell what became of it with `hadTurn`. */
  next(): ReadyQueue | undefined {
    const queue = this.turns.pop();
    if (queue !== undefined) queue.isWaiting = false;
    return queue;
  }

  /** A queue has had its turn, or is gone. Where it was recalled, the next one is recalled for what is left. */
  hadTurn(queue: ReadyQueue, nowMs: number): void {
    const entrance = queue.recalledBy;
    if (entrance === undefined) return;
    queue.recalledBy = undefined;
    entrance.recalled--;
    this.#recallFor(entrance, nowMs);
  }

  /** The queue waits for its turn, and at no gate. */
  waitInTurn(queue: ReadyQueue): void {
    queue.waitsAt = undefined;
    this.renew(queue);
  }

  /** The queue waits at a gate that is full. */
  waitAt(queue: ReadyQueue, entrance: Entrance, nowMs: number): void {
    queue.waitsAt = entrance;
    this.renew(queue);
    this.#recallLater(entrance, nowMs);
  }

  /** The queue, which is not empty, waits where it is, under the key that it has now. */
  renew(queue: ReadyQueue): void {
    queue.isWaiting = true;
    const order = queue.waitsAt === undefined ? this.turns : (queue.waitsAt.waiting ??= new TurnOrder());
    order.push({
      queue,
      isAged: queue.countsAs < queue.priority,
      treeNo: queue.tree.treeNo,
      first: queue.ready.peek() as TaskState,
      turnNo: ++queue.turnNo,
    });
  }

  /** The queue waits nowhere any more. */
  remove(queue: ReadyQueue, nowMs: number): void {
    queue.turnNo++;
    queue.isWaiting = false;
    queue.waitsAt = undefined;
    this.hadTurn(queue, nowMs);
  }

  /** Recalls queues for the units of a gate that are free. */
  recall(ofGate: readonly Entrance[], nowMs: number): void {
    for (const entrance of ofGate) if (entrance.waiting !== undefined) this.#recallFor(entrance, nowMs);
  }

  /** Recalls queues for the units that time has made free. */
  recallDue(nowMs: number): void {
    for (let due = this.#nextRecall(); due !== undefined && due.atMs <= nowMs; due = this.#nextRecall()) {
      this.#recalls.pop();
      due.entrance.recallAtMs = Infinity;
      this.#recallFor(due.entrance, nowMs);
    }
  }

  /** The next time at which `recallDue` has something to do; undefined: none is known. */
  get nextRecallAtMs(): number | undefined {
    return this.#nextRecall()?.atMs;
  }

  #recallFor(entrance: Entrance, nowMs: number): void {
    const { waiting, gate, amount } = entrance;
    if (waiting === undefined) return;
    for (let free = gate.free(nowMs) - entrance.recalled * amount; free >= amount; free -= amount) {
      const queue = waiting.pop();
      if (queue === undefined) return;
      entrance.recalled++;
      queue.recalledBy = entrance;
      this.waitInTurn(queue);
    }
    if (entrance.recalled === 0 && !waiting.isEmpty) this.#recallLater(entrance, nowMs);
  }

  #recallLater(entrance: Entrance, nowMs: number): void {
    const freeAtMs = entrance.gate.freeAtMs(entrance.amount, nowMs);
    if (freeAtMs === undefined) return;
    // A gate that rounds down must not be asked for ever in one pick.
    const atMs = Math.max(freeAtMs, nowMs + 1);
    if (atMs >= entrance.recallAtMs) return;
    entrance.recallAtMs = atMs;
    this.#recalls.push({ entrance, atMs });
  }

  /** The first recall, stale ones taken out. */
  #nextRecall(): Recall | undefined {
    for (let next = this.#recalls.peek(); next !== undefined; next = this.#recalls.peek()) {
      if (next.atMs === next.entrance.recallAtMs) return next;
      this.#recalls.pop();
    }
    return undefined;
  }
}
