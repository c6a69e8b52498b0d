/** The gates of an engine's limits: each limit that is set makes a counting gate. */
import { findHold, holdGate, newEngineState, type EngineState } from '../engine-stream/engine-stream.ts';
import { findPause } from '../run/pauses.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { Demands } from '../task/demands.ts';
import { AmountGate, CounterGate, LockGate } from './counter-gate.ts';
import type { Demand, Gate, GateSet, GateSource } from './gate.ts';
import { lockCapacity, resourceCapacity, tighter, type GateLimits } from './gate-limits.ts';

const NO_GATES: GateSet = [];

export class LimitGates implements GateSource {
  readonly global: Gate | undefined;
  readonly #limits: GateLimits;
  readonly #executorLimit: (type: string) => number | undefined;
  readonly #engine: EngineState;
  readonly #users = new Map<string, GateSet>();
  readonly #executors = new Map<string, GateSet>();
  /** Gates of locks and resources that starts pass, by name. */
  readonly #named = new Map<string, Gate>();

  /** `executorLimit`: the limit that an executor type declares itself; configuration wins. `engine`: with the holds; default none. */
  constructor(
    limits: GateLimits,
    executorLimit: (type: string) => number | undefined,
    engine: EngineState = newEngineState(),
  ) {
    this.#limits = limits;
    this.#engine = engine;
    this.#executorLimit = executorLimit;
    this.global = gateSet('global', limits.global)[0]?.gate;
  }

  heldByRun({ userId }: RunState): GateSet {
    const { users, perUser } = this.#limits;
    return (
      this.#users.get(userId) ?? add(this.#users, userId, gateSet(`user:${userId}`, limitOf(users, userId) ?? perUser))
    );
  }

  ofTree({ treeId, policies }: RunState): GateSet {
    return gateSet(`tree:${treeId}`, tighter(this.#limits.perTree, policies.concurrency));
  }

  ofGroup({ id, definition }: TaskState): GateSet {
    return gateSet(`scope:${id}`, definition.policies.concurrency);
  }

  ofTask({ definition, demands }: TaskState): GateSet {
    const ofType = this.#ofExecutor(definition.executor as string);
    return demands === undefined ? ofType : [...ofType, ...this.#demandsOf(demands)];
  }

  *#demandsOf({ locks, resources }: Demands): Generator<Demand> {
    for (const name of locks) {
      const gate = this.#named.get(`lock:${name}`) ?? new LockGate(`lock:${name}`, lockCapacity(this.#limits, name));
      yield { gate, amount: 1 };
    }
    for (const name of Object.keys(resources).toSorted()) {
      const gateName = `resource:${name}`;
      const gate = this.#named.get(gateName) ?? new AmountGate(gateName, this.resourceCapacity(name));
      yield { gate, amount: resources[name] as number };
    }
  }

  /** Amount of the resource that attempts may hold together; Infinity: any. */
  resourceCapacity(name: string): number {
    return resourceCapacity(this.#limits, name);
  }

  keep(gate: Gate): void {
    if (gate.isTransient === true) this.#named.set(gate.name, gate);
  }

  forget(gate: Gate): void {
    if (gate.isTransient === true) this.#named.delete(gate.name);
  }

  #ofExecutor(type: string): GateSet {
    const known = this.#executors.get(type);
    if (known !== undefined) return known;
    const limit = limitOf(this.#limits.executors, type) ?? this.#executorLimit(type);
    return add(this.#executors, type, gateSet(`executor:${type}`, limit));
  }

  closedTo(run: RunState, task: TaskState): string | undefined {
    const pause = run.pauses === undefined ? undefined : findPause(run, task);
    if (pause !== undefined) return `paused:${pause.taskId}`;
    const hold = findHold(this.#engine, task);
    return hold === undefined ? undefined : holdGate(hold.target);
  }

  weightOf(userId: string): number {
    return limitOf(this.#limits.weights, userId) ?? 1;
  }

  keyOf({ definition, demands }: TaskState): string {
    return demands === undefined ? (definition.executor as string) : demands.key;
  }
}

/** Looks only at own properties, because a name may be that of a member of every object, such as `toString`. */
function limitOf(limits: Readonly<Record<string, number>> | undefined, name: string): number | undefined {
  return limits !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined;
}

function gateSet(name: string, limit: number | undefined): GateSet {
  return limit === undefined || limit === 0 ? NO_GATES : [{ gate: new CounterGate(name, limit), amount: 1 }];
}

/** Keeps a set only if there is a limit: there may be very many users without one, and an executor may be loaded later. */
function add(sets: Map<string, GateSet>, key: string, set: GateSet): GateSet {
  if (set !== NO_GATES) sets.set(key, set);
  return set;
}
