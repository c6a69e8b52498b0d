/**
 * Lanes that wait for the same thing, by class. Smooth weighted round robin (8:4:2:1) says which class is next, so none is a barrier
 * and none starves (algorithm: nginx's smooth weighted balancing). Within a class what was moved up by ageing goes first,
 * then the tree that was created first. Taking one is O(log lanes).
 */
import { Heap } from './heap.ts';

/** Weights of the classes urgent, high, normal, low (R-SC-20). */
const WEIGHTS: readonly [number, number, number, number] = [8, 4, 2, 1];

/** What a line needs to know of a lane. */
export interface Standing {
  readonly priority: number;
  /** The class it stands in now: its priority, or a higher one by ageing. */
  readonly rank: number;
  /** Number of its valid stand. */
  readonly ticket: number;
}

/** Where a lane stands. Its key never changes; a lane that moves gets a new stand and the old one is stale. */
export interface Stand<L extends Standing> {
  readonly lane: L;
  readonly isAged: boolean;
  readonly treeRank: number;
  readonly order: number;
  readonly ticket: number;
}

function isBefore(a: Stand<Standing>, b: Stand<Standing>): boolean {
  if (a.isAged !== b.isAged) return a.isAged;
  return a.treeRank === b.treeRank ? a.order < b.order : a.treeRank < b.treeRank;
}

export class Line<L extends Standing> {
  readonly #classes: readonly Heap<Stand<L>>[] = WEIGHTS.map(() => new Heap<Stand<L>>(isBefore));
  readonly #credits: number[] = WEIGHTS.map(() => 0);

  push(stand: Stand<L>): void {
    this.#classes[stand.lane.rank]?.push(stand);
  }

  /** Takes out the lane whose turn it is. */
  pop(): L | undefined {
    let best = -1;
    let total = 0;
    for (let rank = 0; rank < WEIGHTS.length; rank++) {
      if (!this.#hasNext(rank)) continue;
      const weight = WEIGHTS[rank] as number;
      total += weight;
      this.#credits[rank] = (this.#credits[rank] as number) + weight;
      if (best < 0 || (this.#credits[rank] as number) > (this.#credits[best] as number)) best = rank;
    }
    if (best < 0) return undefined;
    this.#credits[best] = (this.#credits[best] as number) - total;
    return this.#classes[best]?.pop()?.lane;
  }

  /** The lanes, each once, in no particular order. */
  *[Symbol.iterator](): IterableIterator<L> {
    for (const heap of this.#classes) for (const stand of heap) if (isValid(stand)) yield stand.lane;
  }

  /** True when a class is not empty, stale stands taken out. */
  #hasNext(rank: number): boolean {
    const heap = this.#classes[rank] as Heap<Stand<L>>;
    for (let stand = heap.peek(); stand !== undefined; stand = heap.peek()) {
      if (isValid(stand)) return true;
      heap.pop();
    }
    return false;
  }
}

function isValid(stand: Stand<Standing>): boolean {
  return stand.ticket === stand.lane.ticket;
}
