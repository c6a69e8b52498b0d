/**
 * Timers of an engine. They have absolute due times and wait by the monotonic clock, so that setting the wall clock changes no timer
 * (R-TO-10). A wait that is too long for the clock is divided into parts.
 */
import type { Clock } from '@coppice/core';

/** A pending timer. */
export interface Timer {
  disarm: () => void;
}

/** Longest single wait, ms. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

const nothing = (): void => {};

export class Timers {
  readonly #clock: Clock;
  readonly #pending = new Set<Timer>();
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `fire` with the due time, once, at or after `dueAtMs` (epoch ms). */
  add(dueAtMs: number, fire: (dueAtMs: number) => void): Timer {
    const timer: Timer = { disarm: nothing };
    if (this.#isStopped) return timer;
    this.#pending.add(timer);
    const wait = (leftMs: number): void => {
      const partMs = Math.min(leftMs, LONGEST_WAIT_MS);
      timer.disarm = this.#clock.setTimer(partMs, () => {
        if (leftMs > partMs) return wait(leftMs - partMs);
        this.#pending.delete(timer);
        timer.disarm = nothing;
        fire(dueAtMs);
      });
    };
    wait(Math.max(dueAtMs - this.#clock.nowMs(), 0));
    return timer;
  }

  /** Cancels a timer. A timer that has fired may be cancelled, too. */
  cancel(timer: Timer): void {
    if (!this.#pending.delete(timer)) return;
    timer.disarm();
    timer.disarm = nothing;
  }

  /** Cancels all timers, and accepts no new ones. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#pending) this.cancel(timer);
  }
}
