/**
 * Shares the event loop between users. What one turn of the loop spends on requests has a limit; what comes after it waits for
 * later turns, and the user who has used the least time goes first. So nobody waits for more than one piece of another's work.
 *
 * Source: start-time fair queueing (Goyal, Vin, Cheng, 1996), with time in place of packet lengths. Time that a user did not use
 * while nobody waited is no credit.
 */

import type { Awaitable } from './awaitable.ts';

/** What requests may take of one turn of the event loop before the others wait, ms. A single piece may take longer. */
const TURN_MS = 10;

type Piece = () => void;

export class Turns {
  readonly #nowMs: () => number;
  #spentMs = 0;
  #isNextDue = false;
  #waitingCount = 0;
  /** Pieces that wait, by user. */
  readonly #waiting = new Map<string, Piece[]>();
  /** Time that each user has used, ms; counted from `#floorMs` at least. */
  readonly #usedMs = new Map<string, number>();
  /** What the user who went last had used before. */
  #floorMs = 0;

  /** `nowMs`: time that only goes forward, ms. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Does a piece of work: at once if nobody waits and the turn has time left. */
  run<Value>(userId: string, work: () => Awaitable<Value>): Awaitable<Value> {
    if (this.#waitingCount === 0 && this.#spentMs < TURN_MS) {
      this.#floorMs = this.#usedBy(userId);
      return this.#spend(userId, work);
    }
    return new Promise((resolve, reject) => {
      this.#wait(userId, () => {
        try {
          resolve(this.#spend(userId, work));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #wait(userId: string, piece: Piece): void {
    const pieces = this.#waiting.get(userId);
    if (pieces === undefined) this.#waiting.set(userId, [piece]);
    else pieces.push(piece);
    this.#waitingCount += 1;
    this.#expectNext();
  }

  /** What is done inside of a piece counts once. */
  #spend<Value>(userId: string, work: () => Value): Value {
    const before = this.#spentMs;
    const startedMs = this.#nowMs();
    this.#expectNext();
    try {
      return work();
    } finally {
      const tookMs = this.#nowMs() - startedMs;
      this.#spentMs = before + tookMs;
      this.#usedMs.set(userId, this.#usedBy(userId) + tookMs);
    }
  }

  #expectNext(): void {
    if (this.#isNextDue) return;
    this.#isNextDue = true;
    setImmediate(this.#begin);
  }

  /** A new turn of the event loop: it has looked for what came in meanwhile. */
  readonly #begin = (): void => {
    this.#isNextDue = false;
    this.#spentMs = 0;
    while (this.#waitingCount > 0 && this.#spentMs < TURN_MS) this.#takeNext()();
    if (this.#waitingCount > 0) this.#expectNext();
  };

  #takeNext(): Piece {
    let next = '';
    let leastMs = Infinity;
    for (const userId of this.#waiting.keys()) {
      const usedMs = this.#usedBy(userId);
      if (usedMs < leastMs) [next, leastMs] = [userId, usedMs];
    }
    this.#floorMs = leastMs;
    const pieces = this.#waiting.get(next) as Piece[];
    const piece = pieces.shift() as Piece;
    if (pieces.length === 0) this.#waiting.delete(next);
    this.#waitingCount -= 1;
    return piece;
  }

  #usedBy(userId: string): number {
    return Math.max(this.#usedMs.get(userId) ?? 0, this.#floorMs);
  }
}
