/** The breakers of an engine, by name: one for each executor type and key that a policy or the configuration gives one. */
import type { EngineState } from '../engine-stream/engine-stream.ts';
import { isOwnWork } from '../run/falling-back.ts';
import type { TaskState } from '../run/state.ts';
import { breakerRules, type BreakerPolicy } from '../task/breaker-policy.ts';
import { BreakerGate } from './breaker-gate.ts';
import type { BreakerChange, BreakerReport } from './breaker-state.ts';
import type { Demand, Gate } from './gate.ts';

/** Breakers beyond which those that no task passes are forgotten: of an open one the engine's state knows. */
const KEPT = 1_000;

export class Breakers {
  /** Takes each change. What somebody has reset is no change. */
  onChange: (change: BreakerChange) => void = () => {};
  readonly #configured: Readonly<Record<string, BreakerPolicy>>;
  readonly #engine: EngineState;
  /** The one that was asked for last is last. */
  readonly #gates = new Map<string, BreakerGate>();
  readonly #passed = new Set<Gate>();
  /** Executor types whose tasks go to their fallback by the configuration; undefined: none. */
  readonly #leaving: ReadonlySet<string> | undefined;

  /** `configured`: by executor type. */
  constructor(configured: Readonly<Record<string, BreakerPolicy>> = {}, engine: EngineState) {
    this.#configured = configured;
    this.#engine = engine;
    const leaving = Object.keys(configured).filter((type) => configured[type]?.whenOpen === 'fallback');
    this.#leaving = leaving.length === 0 ? undefined : new Set(leaving);
  }

  /** What the start of a task takes at its breaker; undefined: it has none. */
  demandOf(task: TaskState, type: string): Demand | undefined {
    const isOwn = isOwnWork(task);
    // What the task says is about its own executor.
    const own = isOwn ? task.demands?.breaker : undefined;
    const configured = Object.hasOwn(this.#configured, type) ? this.#configured[type] : undefined;
    const policy = configured ?? own;
    if (policy === undefined) return undefined;
    const gate = this.#gateOf(own?.key === undefined ? type : `${type}:${own.key}`, policy);
    const whenOpen = own?.whenOpen ?? configured?.whenOpen;
    if (whenOpen === 'fail') return { gate, amount: 1, whenFull: 'fail' };
    const leaves = whenOpen === 'fallback' && isOwn && task.definition.fallback !== undefined;
    return { gate, amount: 1, whenFull: leaves ? 'fallback' : undefined };
  }

  /** True when it matters whether a task of this type has a fallback. */
  dependsOnFallback(type: string): boolean {
    return this.#leaving?.has(type) === true;
  }

  find(name: string): BreakerGate | undefined {
    return this.#gates.get(name);
  }

  keep(gate: Gate): void {
    this.#passed.add(gate);
  }

  forget(gate: Gate): void {
    this.#passed.delete(gate);
  }

  /** How a breaker is; undefined: there is none of this name. */
  report(name: string, nowMs: number): BreakerReport | undefined {
    const gate = this.#gates.get(name);
    if (gate !== undefined) return gate.report(nowMs);
    const kept = this.#engine.breakers.get(name);
    if (kept === undefined) return undefined;
    const restored = this.#newGate(name, {});
    return restored.report(nowMs);
  }

  #gateOf(id: string, policy: BreakerPolicy): BreakerGate {
    const name = `breaker:${id}`;
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      this.#forgetOldest();
      gate = this.#newGate(name, policy, Object.hasOwn(this.#configured, id));
    } else {
      this.#gates.delete(name);
      gate.follow(breakerRules(policy));
    }
    this.#gates.set(name, gate);
    return gate;
  }

  #newGate(name: string, policy: BreakerPolicy, isConfigured = false): BreakerGate {
    const gate = new BreakerGate(name, breakerRules(policy), (change) => this.onChange(change));
    if (!isConfigured) gate.isTransient = true;
    gate.restore(this.#engine.breakers.get(name));
    return gate;
  }

  #forgetOldest(): void {
    if (this.#gates.size < KEPT) return;
    for (const [name, gate] of this.#gates) {
      if (this.#passed.has(gate)) continue;
      this.#gates.delete(name);
      return;
    }
  }
}
