/** A gate that counts: at most `limit` units are taken at once. */
import type { Gate } from './gate.ts';

export class CounterGate implements Gate {
  readonly name: string;
  readonly limit: number;
  #used = 0;

  constructor(name: string, limit: number) {
    this.name = name;
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  free(): number {
    return this.limit - this.#used;
  }

  /** Undefined: units become free only when they are given back, never by time. */
  freeAtMs(): undefined {
    return undefined;
  }

  take(amount: number): void {
    this.#used += amount;
  }

  adopt(amount: number): void {
    this.#used += amount;
  }

  giveBack(amount: number): void {
    this.#used -= amount;
  }
}
