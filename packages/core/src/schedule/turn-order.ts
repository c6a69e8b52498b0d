/**
 * The order in which queues get their turn. Smooth weighted round robin (8:4:2:1) says which class is next, so no class is a barrier and
 * none starves (algorithm: nginx's smooth weighted balancing). Within a class, queues that ageing has moved up go first. Then users take
 * turns, each by its weight, then the trees of the user (`fair-turns.ts`). Of a tree the task with the smallest order key goes first.
 * Taking a queue costs O(log users + log trees + log queues).
 */
import { FairTurns } from './fair-turns.ts';
import { Heap } from './heap.ts';
import { isBefore, isValid, type InOrder, type Turn } from './turn.ts';

/** Weights of the classes urgent, high, normal, low (R-SC-20). */
const WEIGHTS: readonly [number, number, number, number] = [8, 4, 2, 1];

/** The turns of one class. */
class ClassTurns<Queue extends InOrder> {
  readonly #aged = new Heap<Turn<Queue>>(isBefore);
  readonly #fair = new FairTurns<Queue>();

  push(turn: Turn<Queue>): void {
    if (turn.isAged) this.#aged.push(turn);
    else this.#fair.push(turn);
  }

  /** True when there is a valid turn. Removes stale turns that would be next. */
  get hasNext(): boolean {
    return this.#nextAged !== undefined || this.#fair.hasNext;
  }

  pop(): Queue | undefined {
    return this.#nextAged === undefined ? this.#fair.pop() : this.#aged.pop()?.queue;
  }

  charge(): void {
    this.#fair.charge();
  }

  *[Symbol.iterator](): IterableIterator<Turn<Queue>> {
    yield* this.#aged;
    yield* this.#fair;
  }

  get #nextAged(): Turn<Queue> | undefined {
    let turn = this.#aged.peek();
    while (turn !== undefined && !isValid(turn)) {
      this.#aged.pop();
      turn = this.#aged.peek();
    }
    return turn;
  }
}

export class TurnOrder<Queue extends InOrder> {
  readonly #classes: readonly ClassTurns<Queue>[] = WEIGHTS.map(() => new ClassTurns<Queue>());
  readonly #credits: number[] = WEIGHTS.map(() => 0);
  #last = 0;

  push(turn: Turn<Queue>): void {
    this.#classes[turn.queue.countsAs]?.push(turn);
  }

  /** True when no queue waits. */
  get isEmpty(): boolean {
    return !this.#classes.some(({ hasNext }) => hasNext);
  }

  /** Removes and returns the queue whose turn it is. */
  pop(): Queue | undefined {
    let next = -1;
    let total = 0;
    for (let each = 0; each < WEIGHTS.length; each++) {
      if (this.#classes[each]?.hasNext !== true) continue;
      const weight = WEIGHTS[each] as number;
      total += weight;
      this.#credits[each] = (this.#credits[each] as number) + weight;
      if (next < 0 || (this.#credits[each] as number) > (this.#credits[next] as number)) next = each;
    }
    if (next < 0) return undefined;
    this.#credits[next] = (this.#credits[next] as number) - total;
    this.#last = next;
    return this.#classes[next]?.pop();
  }

  /** Counts the turn of the queue that was popped last: one of its tasks starts. Without this call its user and tree keep their place. */
  charge(): void {
    this.#classes[this.#last]?.charge();
  }

  /** The queues, each once, in no particular order. */
  *[Symbol.iterator](): IterableIterator<Queue> {
    for (const turns of this.#classes) for (const turn of turns) if (isValid(turn)) yield turn.queue;
  }
}
