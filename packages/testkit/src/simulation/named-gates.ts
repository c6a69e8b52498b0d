/** Counts what running attempts hold at the gates that tasks name, in another way than the engine does. */
import assert from 'node:assert/strict';
import { lockCapacity, resourceCapacity, type GateLimits, type TaskState } from '@coppice/core';

/** Amounts are counted in thousandths. */
const PARTS = 1_000;

export class NamedGates {
  readonly #limits: GateLimits;
  readonly #holders = new Map<string, number>();
  readonly #parts = new Map<string, number>();

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Counts one attempt. */
  take({ locks, resources }: NonNullable<TaskState['demands']>): void {
    for (const name of locks) this.#holders.set(name, (this.#holders.get(name) ?? 0) + 1);
    for (const [name, amount] of Object.entries(resources))
      this.#parts.set(name, (this.#parts.get(name) ?? 0) + Math.round(amount * PARTS));
  }

  /** No gate is above its capacity. */
  check(): void {
    for (const [name, held] of this.#holders) {
      const capacity = lockCapacity(this.#limits, name);
      assert.ok(held <= capacity, `5: ${held} attempts hold the lock ${name}, of ${capacity}`);
    }
    for (const [name, parts] of this.#parts) {
      const capacity = resourceCapacity(this.#limits, name);
      assert.ok(parts <= capacity * PARTS, `5: attempts hold ${parts / PARTS} of the resource ${name}, of ${capacity}`);
    }
  }
}
