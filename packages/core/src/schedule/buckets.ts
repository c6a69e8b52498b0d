/**
 * The buckets of all rates, by the name of the gate. A bucket outlives the trees whose tasks pass it: otherwise each new tree would begin with
 * a token. It goes when a new one, which has one token, would let no more pass than it does.
 */
import { RateGate, type Rate } from './rate-gate.ts';

/** Buckets from which on those that nobody needs are looked for. */
const KEPT = 1_000;

export class Buckets {
  readonly #byName = new Map<string, RateGate>();
  readonly #rateOf: (name: string) => Rate | undefined;
  #forgetAt = KEPT;

  /** `rateOf`: the rate of the gate of this name; undefined: none. */
  constructor(rateOf: (name: string) => Rate | undefined) {
    this.#rateOf = rateOf;
  }

  get size(): number {
    return this.#byName.size;
  }

  find(name: string): RateGate | undefined {
    return this.#byName.get(name);
  }

  /** `inUse`: true for a gate that some start passes. */
  of(name: string, inUse: (name: string) => boolean): RateGate {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byName.size >= this.#forgetAt) this.#forget(inUse);
    const gate = new RateGate(name, this.#rateOf(name));
    this.#byName.set(name, gate);
    return gate;
  }

  #forget(inUse: (name: string) => boolean): void {
    const nowMs = Math.max(...this.#filledAtMs());
    for (const [name, gate] of this.#byName)
      if (gate.isTransient === true && !inUse(name) && gate.free(nowMs) >= 1) this.#byName.delete(name);
    this.#forgetAt = KEPT + 2 * this.#byName.size;
  }

  /** Times up to which buckets are filled: the latest is the present as admission knows it. */
  *#filledAtMs(): Generator<number> {
    for (const { filledAtMs } of this.#byName.values()) yield filledAtMs ?? 0;
  }
}
