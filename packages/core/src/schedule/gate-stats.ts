/** What a gate has let pass since the process began, and how long starts have waited for it. */

/** Upper bounds of the parts of a histogram of waits, ms. The last part has none. */
export const WAIT_BOUNDS_MS = [10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000] as const;

export class GateStats {
  /** Starts that have passed. */
  starts = 0;
  /** Those of them that had to wait. */
  waits = 0;
  /** Sum of their waits, from ready to started, ms. */
  waitedMs = 0;
  longestMs = 0;
  /** Requests that were refused here. */
  refused = 0;
  #counts: number[] | undefined;

  /** Numbers of waits, by the bounds and one more. */
  get counts(): readonly number[] {
    return this.#counts ?? NONE;
  }

  /** One of the starts had to wait here. */
  noteWait(waitMs: number): void {
    this.waits++;
    this.waitedMs += waitMs;
    this.longestMs = Math.max(this.longestMs, waitMs);
    this.#counts ??= NONE.slice();
    const found = WAIT_BOUNDS_MS.findIndex((boundMs) => waitMs <= boundMs);
    const at = found < 0 ? WAIT_BOUNDS_MS.length : found;
    this.#counts[at] = (this.#counts[at] as number) + 1;
  }
}

const NONE: readonly number[] = Array.from({ length: WAIT_BOUNDS_MS.length + 1 }, () => 0);
