/**
 * Timers of an engine: absolute due times, waited for by the clock's monotonic time, so a wall clock that is set neither hurries nor delays
 * any of them (R-TO-10). One that the clock can not wait for in one go is waited for in parts.
 */
import type { Clock } from '@coppice/core';

/** A pending timer. */
export interface Timer {
  disarm: () => void;
}

/** No clock need wait longer in one go, ms. */
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

  /** The timer will not fire. Cancelling one that has fired is harmless. */
  cancel(timer: Timer): void {
    if (!this.#pending.delete(timer)) return;
    timer.disarm();
    timer.disarm = nothing;
  }

  /** Cancels all, for good. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#pending) this.cancel(timer);
  }
}
