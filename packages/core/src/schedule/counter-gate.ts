/** Gates that count: at most `limit` units are taken at once. */
import { exact } from '../task/demands.ts';
import type { Gate } from './gate.ts';

export class CounterGate implements Gate {
  readonly name: string;
  limit: number;
  protected taken = 0;

  constructor(name: string, limit: number) {
    this.name = name;
    this.limit = limit;
  }

  get used(): number {
    return this.taken;
  }

  free(): number {
    return this.limit - this.taken;
  }

  /** Undefined: units become free only when they are given back, never by time. */
  freeAtMs(): undefined {
    return undefined;
  }

  take(amount: number): void {
    this.taken += amount;
  }

  adopt(amount: number): void {
    this.taken += amount;
  }

  giveBack(amount: number): void {
    this.taken -= amount;
  }
}

/** Counts those who hold a lock. */
export class LockGate extends CounterGate {
  readonly isTransient = true;
}

/** Counts amounts of a resource, which need not be whole. Their sums are exact. */
export class AmountGate extends CounterGate {
  readonly isTransient = true;

  override free(): number {
    return exact(this.limit - this.taken);
  }

  override take(amount: number): void {
    this.taken = exact(this.taken + amount);
  }

  override adopt(amount: number): void {
    this.take(amount);
  }

  override giveBack(amount: number): void {
    this.take(-amount);
  }
}
