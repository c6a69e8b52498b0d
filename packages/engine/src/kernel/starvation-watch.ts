/** Looks now and then for lines of tasks that gates keep waiting for long, and tells of each once. While nothing waits, it sleeps. */
import type { Admission, Clock, Starving } from '@coppice/core';
import { Timers } from '../timers.ts';

export interface StarvationWatchOptions {
  readonly admission: Admission;
  readonly clock: Clock;
  /** A line of which no task has started for so long starves, ms; 0: none does. */
  readonly afterMs: number;
  readonly onStarving: (starving: Starving) => void;
}

/** Looks for each time after which a line starves: it is told at most a quarter of the time late. */
const LOOKS = 4;

export class StarvationWatch {
  readonly #options: StarvationWatchOptions;
  readonly #timers: Timers;
  #isAwake = false;

  constructor(options: StarvationWatchOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  /** Something may wait from now on. */
  wake(): void {
    const { afterMs, clock } = this.#options;
    if (this.#isAwake || afterMs === 0) return;
    this.#isAwake = true;
    this.#timers.add(clock.nowMs() + afterMs / LOOKS, this.#look);
  }

  stop(): void {
    this.#timers.stop();
  }

  readonly #look = (dueAtMs: number): void => {
    const { admission, afterMs, onStarving } = this.#options;
    this.#isAwake = false;
    const { found, isWaiting } = admission.starving(dueAtMs, afterMs);
    found.forEach(onStarving);
    if (isWaiting) this.wake();
  };
}
