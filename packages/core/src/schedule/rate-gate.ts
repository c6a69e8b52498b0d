/** A gate that lets so many start in a time: a bucket of tokens, which fills again with time. */
import type { Gate } from './gate.ts';

/** So many starts in a time. */
export interface Rate {
  /** Starts per `perMs`, at least 1. */
  readonly count: number;
  /** Default 1,000. */
  readonly perMs?: number | undefined;
  /** Starts that may come at once after a quiet time, at least 1. Default `count`. */
  readonly burst?: number | undefined;
}

export class RateGate implements Gate {
  readonly name: string;
  /** The burst. */
  readonly limit: number;
  readonly #msPerToken: number;
  /** A new process does not know what the former one has let pass, so that it begins with one token and not with a burst. */
  #tokens = 1;
  #filledAtMs: number | undefined;

  constructor(name: string, { count, perMs = 1_000, burst = count }: Rate) {
    this.name = name;
    this.limit = burst;
    this.#msPerToken = perMs / count;
  }

  get used(): number {
    return this.limit - Math.floor(this.#tokens);
  }

  free(nowMs: number): number {
    const passedMs = nowMs - (this.#filledAtMs ?? nowMs);
    this.#filledAtMs = nowMs;
    // A clock that was set back gives nothing; one that was set forward gives one burst at most.
    if (passedMs > 0) this.#tokens = Math.min(this.#tokens + passedMs / this.#msPerToken, this.limit);
    return Math.floor(this.#tokens + ROUNDING);
  }

  freeAtMs(amount: number, nowMs: number): number | undefined {
    return amount > this.limit ? undefined : nowMs + Math.ceil((amount - this.#tokens) * this.#msPerToken);
  }

  take(amount: number): void {
    this.#tokens -= amount;
  }

  /** Its token was taken when it started. */
  adopt(): void {}

  /** Tokens come back with time only. */
  giveBack(): void {}
}

/** Sums of parts of a token are not exact. */
const ROUNDING = 1e-9;
