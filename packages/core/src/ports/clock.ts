/** Port: time. The only source of the current time and of timers for everything outside the core. */
export interface Clock {
  /** Wall-clock time, epoch ms. */
  nowMs(): number;
  /** Calls `callback` once after `delayMs` by a monotonic clock. The answer cancels it; cancelling twice is harmless. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Calls `callback` once, soon, after the current turn. */
  defer(callback: () => void): void;
}
