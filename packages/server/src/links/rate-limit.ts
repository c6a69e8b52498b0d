/** How often something may be done in a minute: by each caller, and by all together, so that what is counted stays small. */

const WINDOW_MS = 60_000;

export interface RateLimitOptions {
  readonly perCaller: number;
  readonly inAll: number;
  readonly nowMs: () => number;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #counts = new Map<string, number>();
  #all = 0;
  #beganMs = 0;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** True when it may be done now; that counts. */
  allows(caller: string): boolean {
    const { perCaller, inAll, nowMs } = this.#options;
    const now = nowMs();
    if (now - this.#beganMs >= WINDOW_MS || now < this.#beganMs) {
      this.#beganMs = now;
      this.#counts.clear();
      this.#all = 0;
    }
    const count = this.#counts.get(caller) ?? 0;
    if (count >= perCaller || this.#all >= inAll) return false;
    this.#counts.set(caller, count + 1);
    this.#all += 1;
    return true;
  }
}
