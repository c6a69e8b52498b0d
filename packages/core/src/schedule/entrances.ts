/** The entrances of all gates that some tree's starts pass. */
import type { Demand, Gate, GateSet, GateSource } from './gate.ts';
import type { Entrance } from './ready-queue.ts';
import { ShortLivedMap } from './short-lived-map.ts';

const NO_ENTRANCES: readonly Entrance[] = [];

export class Entrances {
  readonly source: GateSource;
  /** Of every start; undefined: none. */
  readonly global: Entrance | undefined;
  readonly #byGate = new ShortLivedMap<Gate, Entrance[]>();

  constructor(source: GateSource) {
    this.source = source;
    this.global = source.global === undefined ? undefined : this.#findOrAdd({ gate: source.global, amount: 1 });
  }

  /** Those of a set of demands. */
  of(set: GateSet): readonly Entrance[] {
    return set.length === 0 ? NO_ENTRANCES : set.map((demand) => this.#findOrAdd(demand));
  }

  ofGate(gate: Gate): readonly Entrance[] {
    return this.#byGate.get(gate) ?? NO_ENTRANCES;
  }

  /** Gate by gate, in the order in which they were first passed. */
  byGate(): Iterable<readonly Entrance[]> {
    return this.#byGate.values();
  }

  /** The gates are not passed any more. */
  remove(entrances: readonly Entrance[]): void {
    for (const { gate } of entrances) this.#byGate.delete(gate);
  }

  #findOrAdd({ gate, amount }: Demand): Entrance {
    let ofGate = this.#byGate.get(gate);
    if (ofGate === undefined) this.#byGate.set(gate, (ofGate = []));
    let entrance = ofGate.find((each) => each.amount === amount);
    if (entrance === undefined) {
      entrance = { gate, amount, ofGate, waiting: undefined, recalled: 0, recallAtMs: Infinity };
      ofGate.push(entrance);
    }
    return entrance;
  }
}
