/**
 * Time of a simulation: it stands still while anything can happen now, then jumps to the next timer. Order is by due time, then by
 * the order of the calls. Wall-clock time may be set forward or back; timers follow the monotonic time, as the port asks.
 */
import { Heap, type Clock } from '@coppice/core';

interface Timer {
  readonly dueAtMs: number;
  readonly number: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** The clock of one process: once it is dead, nothing it has asked for happens any more. */
export interface ProcessClock extends Clock {
  kill(): void;
}

export class VirtualClock implements Clock {
  readonly #timers = new Heap<Timer>((a, b) => (a.dueAtMs === b.dueAtMs ? a.number < b.number : a.dueAtMs < b.dueAtMs));
  #deferred: (() => void)[] = [];
  #monotonicMs = 0;
  #offsetMs: number;
  #number = 0;

  /** `startAtMs`: the wall-clock time at the beginning. Default 1,700,000,000,000. */
  constructor(startAtMs = 1_700_000_000_000) {
    this.#offsetMs = startAtMs;
  }

  /** Ms since the beginning, never set back. */
  get elapsedMs(): number {
    return this.#monotonicMs;
  }

  nowMs(): number {
    return this.#offsetMs + this.#monotonicMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer: Timer = {
      dueAtMs: this.#monotonicMs + Math.max(delayMs, 0),
      number: this.#number++,
      callback,
      isCancelled: false,
    };
    this.#timers.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** Sets the wall clock forward, or back with a negative number. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /** Does the next thing; false: there is nothing more to do. */
  step(): boolean {
    const deferred = this.#deferred.shift();
    if (deferred !== undefined) {
      deferred();
      return true;
    }
    for (let timer = this.#timers.pop(); timer !== undefined; timer = this.#timers.pop()) {
      if (timer.isCancelled) continue;
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueAtMs);
      timer.callback();
      return true;
    }
    return false;
  }

  /** A clock for one process of the simulation. */
  forProcess(): ProcessClock {
    let isAlive = true;
    const whileAlive = (callback: () => void) => () => {
      if (isAlive) callback();
    };
    return {
      nowMs: () => this.nowMs(),
      setTimer: (delayMs, callback) => this.setTimer(delayMs, whileAlive(callback)),
      defer: (callback) => this.defer(whileAlive(callback)),
      kill: () => {
        isAlive = false;
      },
    };
  }
}

/** Lets every promise that is settled be heard. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
