/** The system's clock. */
import type { Clock } from '@coppice/core';

/** Longest time of a Node timer, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Wall-clock time from the system; timers run on its monotonic clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  defer(callback) {
    setImmediate(callback);
  },
};
