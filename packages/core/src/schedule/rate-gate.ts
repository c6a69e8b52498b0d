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
  /** true: only tasks that name it pass it. */
  isTransient: true | undefined = true;
  #rate: Rate | undefined;
  /** A new process does not know what the former one has let pass, so that it begins with one token and not with a burst. */
  #tokens = 1;
  #filledAtMs: number | undefined;

  /** `rate` undefined: it lets everything pass. */
  constructor(name: string, rate: Rate | undefined) {
    this.name = name;
    this.#rate = rate;
  }

  get rate(): Rate | undefined {
    return this.#rate;
  }

  /** Another rate holds from now on. What is there stays, up to the new burst; a bucket without a rate has one token. */
  set rate(rate: Rate | undefined) {
    this.#rate = rate;
    this.#tokens = rate === undefined ? 1 : Math.min(this.#tokens, this.limit);
  }

  /** The burst. */
  get limit(): number {
    return burstOf(this.#rate);
  }

  get used(): number {
    return this.#rate === undefined ? 0 : this.limit - Math.floor(this.#tokens + ROUNDING);
  }

  /** When it was filled last, by the times that it was given; undefined: nobody has passed. */
  get filledAtMs(): number | undefined {
    return this.#filledAtMs;
  }

  free(nowMs: number): number {
    const passedMs = nowMs - (this.#filledAtMs ?? nowMs);
    this.#filledAtMs = nowMs;
    if (this.#rate === undefined) return Infinity;
    // A clock that was set back gives nothing; one that was set forward gives one burst at most.
    if (passedMs > 0) this.#tokens = Math.min(this.#tokens + passedMs / msPerToken(this.#rate), this.limit);
    return Math.floor(this.#tokens + ROUNDING);
  }

  freeAtMs(amount: number, nowMs: number): number | undefined {
    if (this.#rate === undefined || amount > this.limit) return undefined;
    return nowMs + Math.ceil((amount - this.#tokens) * msPerToken(this.#rate));
  }

  take(amount: number): void {
    if (this.#rate !== undefined) this.#tokens -= amount;
  }

  /** Its token was taken when it started. */
  adopt(): void {}

  /** Tokens come back with time only. */
  giveBack(): void {}
}

/** Tokens of a full bucket; Infinity: there is no rate. */
export function burstOf(rate: Rate | undefined): number {
  return rate === undefined ? Infinity : (rate.burst ?? rate.count);
}

function msPerToken({ count, perMs = 1_000 }: Rate): number {
  return perMs / count;
}

/** True when both let the same pass. */
export function isSameRate(a: Rate, b: Rate): boolean {
  return msPerToken(a) === msPerToken(b) && burstOf(a) === burstOf(b);
}

/** Sums of parts of a token are not exact. */
const ROUNDING = 1e-9;
