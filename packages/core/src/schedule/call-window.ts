/** How the last calls went: so many of them, or those of some time. */
import type { BreakerRules } from '../task/breaker-policy.ts';

export interface CallCounts {
  readonly calls: number;
  readonly failures: number;
}

/** Times are epoch ms. */
export interface CallWindow {
  add(hasFailed: boolean, nowMs: number): void;
  at(nowMs: number): CallCounts;
}

export function newCallWindow({ window, windowMs }: BreakerRules): CallWindow {
  return windowMs === undefined ? new LastCalls(window as number) : new CallsOfTime(windowMs);
}

/** The last `size` calls. */
class LastCalls implements CallWindow {
  readonly #size: number;
  /** Whether each has failed; once it is full, the oldest is at `#next`. */
  readonly #failed: boolean[] = [];
  #next = 0;
  #failures = 0;

  constructor(size: number) {
    this.#size = size;
  }

  at(): CallCounts {
    return { calls: this.#failed.length, failures: this.#failures };
  }

  add(hasFailed: boolean): void {
    if (this.#failed[this.#next] === true) this.#failures--;
    this.#failed[this.#next] = hasFailed;
    if (hasFailed) this.#failures++;
    this.#next = (this.#next + 1) % this.#size;
  }
}

/** A window of time moves on in so many steps, so that it keeps no more than their sums. */
export const WINDOW_STEPS = 20;

interface Step {
  readonly no: number;
  calls: number;
  failures: number;
}

/** The calls of the last `lengthMs`, to a twentieth of it. */
class CallsOfTime implements CallWindow {
  readonly #stepMs: number;
  /** Oldest first. */
  #steps: Step[] = [];

  constructor(lengthMs: number) {
    this.#stepMs = lengthMs / WINDOW_STEPS;
  }

  at(nowMs: number): CallCounts {
    this.#moveOn(nowMs);
    let calls = 0;
    let failures = 0;
    for (const step of this.#steps) {
      calls += step.calls;
      failures += step.failures;
    }
    return { calls, failures };
  }

  add(hasFailed: boolean, nowMs: number): void {
    const no = this.#moveOn(nowMs);
    let step = this.#steps.at(-1);
    if (step === undefined || step.no < no) this.#steps.push((step = { no, calls: 0, failures: 0 }));
    step.calls++;
    if (hasFailed) step.failures++;
  }

  /** Leaves what is too old behind, and returns the number of the step of now. */
  #moveOn(nowMs: number): number {
    const no = Math.floor(nowMs / this.#stepMs);
    // The newest step may be later than now: the clock was set back. When that was far, its calls would stay for as long.
    const isFar = (this.#steps.at(-1)?.no ?? no) >= no + WINDOW_STEPS;
    const isGone = (step: Step): boolean => isFar || step.no <= no - WINDOW_STEPS;
    if (this.#steps.some(isGone)) this.#steps = this.#steps.filter((step) => !isGone(step));
    return no;
  }
}
