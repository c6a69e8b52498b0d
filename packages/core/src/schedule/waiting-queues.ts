/**
 * The places where queues wait: for their turn, or at a full gate until the gate recalls them.
 *
 * 1. A queue waits in one place. When enough units are free for its tasks, a full gate recalls the queue whose turn it is there. Queues
 *    whose tasks take more units wait at another entrance, so that they keep no other queue waiting.
 * 2. An entrance promises free units to one queue at a time. After the turn of that queue the next one is recalled for the units left.
 * 3. Where units become free by time alone, a queue is recalled at that time.
 * 4. A gate may be reserved for the queues of one entrance: only these are recalled, until one of them has had its turn or none waits.
 */
import type { TaskState } from '../run/state.ts';
import { Heap } from './heap.ts';
import type { Entrance, OfGate, ReadyQueue } from './ready-queue.ts';
import { TurnOrder } from './turn-order.ts';

/** A time at which an entrance may recall. It is stale when the entrance has another `recallAtMs`. */
interface Recall {
  readonly entrance: Entrance;
  readonly atMs: number;
}

export class WaitingQueues {
  /** The turns of queues that wait at no gate. */
  readonly turns = new TurnOrder<ReadyQueue>();
  readonly #recalls = new Heap<Recall>((a, b) => a.atMs < b.atMs);

  /** Removes and returns the queue whose turn it is. Call `hadTurn` when its turn is over. */
  next(): ReadyQueue | undefined {
    const queue = this.turns.pop();
    if (queue !== undefined) queue.isWaiting = false;
    return queue;
  }

  /** Notes that a queue has had its turn or was removed. The entrance that recalled it recalls the next queue for the units left. */
  hadTurn(queue: ReadyQueue, nowMs: number): void {
    const entrance = queue.recalledBy;
    if (entrance === undefined) return;
    queue.recalledBy = undefined;
    entrance.recalled--;
    // It has started, or waits for something else: then it must not keep others waiting here.
    if (entrance.ofGate.reserved === entrance) this.endReservation(entrance.ofGate, nowMs);
    else this.#recallFor(entrance, nowMs);
  }

  /** Keeps what is free at the entrance's gate for those who wait there. */
  reserve(entrance: Entrance, nowMs: number): void {
    entrance.ofGate.reserved = entrance;
    this.#recallFor(entrance, nowMs);
  }

  /** Lets everybody pass the gate again. */
  endReservation(ofGate: OfGate, nowMs: number): void {
    ofGate.reserved = undefined;
    this.recall(ofGate, nowMs);
  }

  /** Lets the queue wait for its turn, at no gate. */
  waitInTurn(queue: ReadyQueue): void {
    queue.waitsAt = undefined;
    this.renew(queue);
  }

  /** Lets the queue wait at a full gate. */
  waitAt(queue: ReadyQueue, entrance: Entrance, nowMs: number): void {
    queue.waitsAt = entrance;
    queue.delayedBy = entrance.ofGate;
    this.renew(queue);
    this.#recallLater(entrance, nowMs);
  }

  /** Gives a queue, which must not be empty, a new turn in the place where it waits, because its key has changed. */
  renew(queue: ReadyQueue): void {
    queue.isWaiting = true;
    const order = queue.waitsAt === undefined ? this.turns : (queue.waitsAt.waiting ??= new TurnOrder());
    order.push({
      queue,
      isAged: queue.countsAs < queue.priority,
      first: queue.ready.peek() as TaskState,
      turnNo: ++queue.turnNo,
    });
  }

  /** Removes the queue from the place where it waits. */
  remove(queue: ReadyQueue, nowMs: number): void {
    const { waitsAt } = queue;
    queue.turnNo++;
    queue.isWaiting = false;
    queue.waitsAt = undefined;
    this.hadTurn(queue, nowMs);
    if (waitsAt?.ofGate.reserved === waitsAt && waitsAt?.recalled === 0 && waitsAt.waiting?.isEmpty !== false)
      this.endReservation(waitsAt.ofGate, nowMs);
  }

  /** Recalls queues for the units of a gate that are free. */
  recall({ entrances, reserved }: OfGate, nowMs: number): void {
    if (reserved !== undefined) return this.#recallFor(reserved, nowMs);
    for (const entrance of entrances) if (entrance.waiting !== undefined) this.#recallFor(entrance, nowMs);
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
    const { waiting, gate, amount, ofGate } = entrance;
    if (waiting === undefined || (ofGate.reserved !== undefined && ofGate.reserved !== entrance)) return;
    for (let free = gate.free(nowMs) - entrance.recalled * amount; free >= amount; free -= amount) {
      const queue = waiting.pop();
      if (queue === undefined) return;
      waiting.charge();
      entrance.recalled++;
      queue.recalledBy = entrance;
      this.waitInTurn(queue);
    }
    if (entrance.recalled === 0 && !waiting.isEmpty) this.#recallLater(entrance, nowMs);
  }

  #recallLater(entrance: Entrance, nowMs: number): void {
    const freeAtMs = entrance.gate.freeAtMs(entrance.amount, nowMs);
    if (freeAtMs === undefined) return;
    // At least 1 ms later: a gate that rounds its time down would be asked again and again in one pick.
    const atMs = Math.max(freeAtMs, nowMs + 1);
    if (atMs >= entrance.recallAtMs) return;
    entrance.recallAtMs = atMs;
    this.#recalls.push({ entrance, atMs });
  }

  /** The first valid recall. Removes stale ones. */
  #nextRecall(): Recall | undefined {
    for (let next = this.#recalls.peek(); next !== undefined; next = this.#recalls.peek()) {
      if (next.atMs === next.entrance.recallAtMs) return next;
      this.#recalls.pop();
    }
    return undefined;
  }
}
