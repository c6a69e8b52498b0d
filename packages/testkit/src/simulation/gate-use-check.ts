/** Invariant 5 as the engine counts: no gate holds more than its limit, or than it held when the limit was lowered. */
import assert from 'node:assert/strict';

interface GateUse {
  readonly gate: string;
  readonly used: number;
  readonly limit: number;
}

export interface GateUseContext {
  /** True for a gate whose limit was set while the engine ran. */
  readonly isSet: (gate: string) => boolean;
  /** Parts of appends that the store has refused. */
  readonly refusals: number;
}

export class GateUseCheck {
  /** What each gate held, and its limit, at the last look. */
  readonly #before = new Map<string, GateUse>();

  look(gates: readonly GateUse[], { isSet, refusals }: GateUseContext): void {
    for (const { gate, used, limit } of gates) {
      // A run whose end was refused goes on, beside one of its user that was begun because of that end.
      const more = gate.startsWith('user:') ? refusals : 0;
      const before = this.#before.get(gate);
      // A limit that is set ends nothing, and until then starts went by the former one. An attempt whose end was refused takes its place again.
      const isAbove = isSet(gate) && (before?.limit !== limit || refusals > 0);
      const allowed = isAbove ? Infinity : Math.max(limit + more, before?.used ?? 0);
      assert.ok(used >= 0 && used <= allowed, `5: ${gate} holds ${used} of ${limit}`);
    }
    // A limit that was taken away may come back: nothing is known of its gate then.
    this.#before.clear();
    for (const use of gates) this.#before.set(use.gate, use);
  }
}
