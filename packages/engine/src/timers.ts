/** Timers of an engine: many due times, one timer of the clock. A due time that the clock can not wait for in one go is waited for in parts. */
import { Heap, type Clock } from '@coppice/core';

/** A pending timer. */
export interface Timer {
  readonly dueAtMs: number;
  /** Called with the due time, once. */
  readonly fire: (dueAtMs: number) => void;
  cancelled: boolean;
}

/** Stale timers are swept out when they are more than this, and more than half. */
const STALE_MAX = 1_000;

export class Timers {
  readonly #clock: Clock;
  #heap = new Heap<Timer>((a, b) => a.dueAtMs < b.dueAtMs);
  #stale = 0;
  #armedFor = Infinity;
  #disarm: () => void = () => {};
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `fire` at or after `dueAtMs` (epoch ms). */
  add(dueAtMs: number, fire: (dueAtMs: number) => void): Timer {
    const timer: Timer = { dueAtMs, fire, cancelled: false };
    if (this.#stopped) return timer;
    this.#heap.push(timer);
    if (dueAtMs < this.#armedFor) this.#arm();
    return timer;
  }

  /** The timer will not fire. Cancelling one that has fired is harmless. */
  cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    this.#stale++;
    if (this.#stale > STALE_MAX && this.#stale * 2 > this.#heap.size) this.#sweep();
  }

  /** Cancels all, for good. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
    this.#heap = new Heap<Timer>((a, b) => a.dueAtMs < b.dueAtMs);
  }

  #sweep(): void {
    const kept = [...this.#heap].filter((timer) => !timer.cancelled);
    this.#heap = new Heap<Timer>((a, b) => a.dueAtMs < b.dueAtMs);
    for (const timer of kept) this.#heap.push(timer);
    this.#stale = 0;
  }

  #arm(): void {
    this.#disarm();
    const next = this.#heap.peek();
    this.#armedFor = next?.dueAtMs ?? Infinity;
    if (next === undefined) {
      this.#disarm = () => {};
      return;
    }
    const delayMs = Math.max(next.dueAtMs - this.#clock.nowMs(), 0);
    const startedAtMs = this.#clock.nowMs();
    this.#disarm = this.#clock.setTimer(delayMs, () =>
      this.#fire(Math.max(this.#clock.nowMs(), startedAtMs + Math.min(delayMs, 2 ** 31 - 1))),
    );
  }

  /** `nowMs`: the later of the wall clock and the monotonic wait, so that a clock set back delays nothing (R-TO-10). */
  #fire(nowMs: number): void {
    this.#armedFor = Infinity;
    for (let next = this.#heap.peek(); next !== undefined && next.dueAtMs <= nowMs; next = this.#heap.peek()) {
      this.#heap.pop();
      if (next.cancelled) this.#stale--;
      else {
        next.cancelled = true;
        next.fire(next.dueAtMs);
      }
    }
    if (!this.#stopped) this.#arm();
  }
}
