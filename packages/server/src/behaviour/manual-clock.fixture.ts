/** A clock that a test moves. What is deferred happens by itself, so that commits go on; timers fire only when time is moved. */
import { Heap, type Clock } from '@coppice/core';

interface Timer {
  readonly dueAtMs: number;
  readonly number: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

export const START_MS = Date.UTC(2026, 10, 20, 12);

export class ManualClock implements Clock {
  readonly #timers = new Heap<Timer>((a, b) => (a.dueAtMs === b.dueAtMs ? a.number < b.number : a.dueAtMs < b.dueAtMs));
  #nowMs: number;
  #number = 0;

  constructor(startAtMs = START_MS) {
    this.#nowMs = startAtMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const dueAtMs = this.#nowMs + Math.max(delayMs, 0);
    const timer: Timer = { dueAtMs, number: this.#number++, callback, isCancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  defer(callback: () => void): void {
    setImmediate(callback);
  }

  /** Moves time on and fires what becomes due, each timer at its own time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#timers.peek(); next !== undefined && next.dueAtMs <= untilMs; next = this.#timers.peek()) {
      this.#timers.pop();
      if (next.isCancelled) continue;
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }
}
