/** Checks that no start is above the capacity of a gate, counting in another way than the engine does. */
import assert from 'node:assert/strict';
import { executorOf, LimitGates, type EngineState, type GateLimits, type TaskState } from '@coppice/core';

/** Amounts are counted in thousandths. */
const PARTS = 1_000;

export class GateCheck {
  readonly #limits: GateLimits;
  readonly #engine: EngineState;
  /** The capacities when it was checked last. What starts in the same append as a change was decided before. */
  #former: LimitGates;
  #formerParts = new Map<string, number>();
  #parts = new Map<string, number>();

  /** `engine`: with the limits that were set. */
  constructor(limits: GateLimits, engine: EngineState) {
    this.#limits = limits;
    this.#engine = engine;
    this.#former = this.#gates();
  }

  /** Counts one running attempt. */
  take(task: TaskState): void {
    const { demands } = task;
    this.#add('global', 1);
    this.#add(`executor:${executorOf(task)}`, 1);
    for (const tag of tagsAround(task)) this.#add(`tag:${tag}`, 1);
    for (const name of demands?.locks ?? []) this.#add(`lock:${name}`, 1);
    for (const [name, amount] of Object.entries(demands?.resources ?? {})) this.#add(`resource:${name}`, amount);
  }

  /** A lowered limit ends nothing; but nothing starts that was not allowed before or is now. */
  check(): void {
    const gates = this.#gates();
    for (const [gate, parts] of this.#parts) {
      const capacity = gates.capacityOf(gate);
      const allowed = Math.max(
        capacity * PARTS,
        this.#former.capacityOf(gate) * PARTS,
        this.#formerParts.get(gate) ?? 0,
      );
      assert.ok(parts <= allowed, `5: ${gate} holds ${parts / PARTS} of ${capacity}`);
    }
    this.#former = gates;
    this.#formerParts = this.#parts;
    this.#parts = new Map();
  }

  /** The gates as they are now: later changes do not reach them. */
  #gates(): LimitGates {
    return new LimitGates(this.#limits, () => undefined, { ...this.#engine, limits: new Map(this.#engine.limits) });
  }

  #add(gate: string, amount: number): void {
    this.#parts.set(gate, (this.#parts.get(gate) ?? 0) + Math.round(amount * PARTS));
  }
}

/** The tags of a task and of the groups around it. */
function tagsAround(task: TaskState): ReadonlySet<string> {
  const tags = new Set<string>();
  for (let at: TaskState | undefined = task; at !== undefined; at = at.parent)
    for (const tag of at.definition.tags) tags.add(tag);
  return tags;
}
