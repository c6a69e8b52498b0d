/** The entrances of all gates that starts pass. */
import { CounterGate } from './counter-gate.ts';
import { GateStats } from './gate-stats.ts';
import type { Demand, Gate, GateSet, GateSource } from './gate.ts';
import type { Entrance, OfGate } from './ready-queue.ts';
import { ShortLivedMap } from './short-lived-map.ts';

const NO_ENTRANCES: readonly Entrance[] = [];

export class Entrances {
  readonly source: GateSource;
  /** The entrance that every start passes; undefined: none. */
  global: Entrance | undefined;
  readonly #byGate = new ShortLivedMap<Gate, OfGate>();
  /** Of closed gates by name, and how many trees have queues there. */
  readonly #closed = new Map<string, { readonly entrance: Entrance; trees: number }>();

  constructor(source: GateSource) {
    this.source = source;
    this.global = this.#ofAll();
  }

  /** Asks anew for the gate of every start. True when there is one now and was none. */
  renewGlobal(): boolean {
    const former = this.global;
    this.global = this.#ofAll();
    return former === undefined && this.global !== undefined;
  }

  #ofAll(): Entrance | undefined {
    const { global } = this.source;
    return global === undefined ? undefined : this.#findOrAdd({ gate: global, amount: 1 });
  }

  /** The entrances for a set of demands. */
  of(set: GateSet): readonly Entrance[] {
    return set.length === 0 ? NO_ENTRANCES : set.map((demand) => this.#findOrAdd(demand));
  }

  ofGate(gate: Gate): OfGate | undefined {
    return this.#byGate.get(gate);
  }

  /** The entrances of each gate, in the order in which gates were first used. */
  byGate(): Iterable<OfGate> {
    return this.#byGate.values();
  }

  /** Removes gates that no start passes any more. */
  remove(entrances: readonly Entrance[]): void {
    for (const { gate } of entrances) {
      this.#byGate.delete(gate);
      this.source.forget(gate);
    }
  }

  /** A set of a tree has these entrances, until it leaves them. */
  join(entrances: readonly Entrance[]): void {
    for (const entrance of entrances) entrance.sets++;
  }

  /** Removes gates that tasks name once no set has them any more. */
  part(entrances: readonly Entrance[]): void {
    for (const entrance of entrances) {
      entrance.sets--;
      if (entrance.gate.isTransient === true && entrance.ofGate.entrances.every(({ sets }) => sets === 0))
        this.remove([entrance]);
    }
  }

  /** A tree has a queue at the closed gate of this name. */
  close(name: string): Entrance {
    let closed = this.#closed.get(name);
    if (closed === undefined) {
      closed = { entrance: this.#findOrAdd({ gate: new CounterGate(name, 0), amount: 1 }), trees: 0 };
      this.#closed.set(name, closed);
    }
    closed.trees++;
    return closed.entrance;
  }

  /** The tree has none there any more. */
  leave(name: string): void {
    const closed = this.#closed.get(name);
    if (closed === undefined || --closed.trees > 0) return;
    this.#closed.delete(name);
    this.remove([closed.entrance]);
  }

  #findOrAdd({ gate, amount, whenFull }: Demand): Entrance {
    let ofGate = this.#byGate.get(gate);
    if (ofGate === undefined) {
      this.#byGate.set(gate, (ofGate = { entrances: [], stats: new GateStats(), reserved: undefined }));
      this.source.keep(gate);
    }
    let entrance = ofGate.entrances.find((each) => each.amount === amount && each.whenFull === whenFull);
    if (entrance === undefined) {
      entrance = { gate, amount, whenFull, ofGate, waiting: undefined, recalled: 0, recallAtMs: Infinity, sets: 0 };
      (ofGate.entrances as Entrance[]).push(entrance);
    }
    return entrance;
  }
}
