/** The gates of an engine's limits: each limit that is set makes a counting gate. */
import { findHold, holdGate, newEngineState, type EngineState } from '../engine-stream/engine-stream.ts';
import { executorOf, isOwnWork } from '../run/falling-back.ts';
import { findPause } from '../run/pauses.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { Demands } from '../task/demands.ts';
import { BreakerGate } from './breaker-gate.ts';
import { Breakers } from './breakers.ts';
import { AmountGate, CounterGate, LockGate } from './counter-gate.ts';
import type { Demand, Gate, GateSet, GateSource } from './gate.ts';
import { RateGate, type Rate } from './rate-gate.ts';
import { lockCapacity, resourceCapacity, tighter, unlimitedAt0, type GateLimits } from './gate-limits.ts';

const NO_GATES: GateSet = [];

export class LimitGates implements GateSource {
  readonly breakers: Breakers;
  #global: Gate | undefined;
  readonly #limits: GateLimits;
  readonly #executorLimit: (type: string) => number | undefined;
  readonly #engine: EngineState;
  readonly #users = new Map<string, GateSet>();
  readonly #executors = new Map<string, GateSet>();
  /** Buckets by the name of the gate: what they hold outlives a change of other limits. */
  readonly #rates = new Map<string, RateGate>();
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
    this.breakers = new Breakers(limits.breakers, engine);
    this.#executorLimit = executorLimit;
    this.#global = this.#gateOf('global')[0]?.gate;
  }

  get global(): Gate | undefined {
    return this.#global;
  }

  /**
   * Gives a gate the capacity that was set for it, and returns it. Undefined: nothing passes a gate of this name yet, so the sets of starts
   * are others now.
   */
  reset(name: string): Gate | undefined {
    const gate = this.#find(name);
    if (gate !== undefined) gate.limit = this.capacityOf(name);
    else if (name === 'global') this.#global = this.#gateOf('global')[0]?.gate;
    else if (name.startsWith('user:')) this.#users.delete(after(name));
    else if (name.startsWith('executor:')) this.#executors.delete(after(name));
    return gate;
  }

  /** Capacity of the gate of this name, Infinity: no limit. That which was set wins over the configuration. */
  capacityOf(name: string): number {
    const set = this.#engine.limits.get(name)?.limit;
    if (set !== undefined) return set === 'unlimited' ? Infinity : set;
    return this.configured(name);
  }

  /** Capacity by the configuration. */
  configured(name: string): number {
    const colon = name.indexOf(':');
    const rest = name.slice(colon + 1);
    const { global, users, perUser, executors } = this.#limits;
    switch (name.slice(0, Math.max(colon, 0))) {
      case 'lock':
        return lockCapacity(this.#limits, rest);
      case 'resource':
        return resourceCapacity(this.#limits, rest);
      case 'user':
        return unlimitedAt0(limitOf(users, rest) ?? perUser);
      case 'executor':
        return unlimitedAt0(limitOf(executors, rest) ?? this.#executorLimit(rest));
      default:
        return unlimitedAt0(global);
    }
  }

  #find(name: string): CounterGate | undefined {
    const known =
      name === 'global'
        ? this.#global
        : (this.#named.get(name) ??
          this.#users.get(after(name))?.[0]?.gate ??
          this.#executors.get(after(name))?.[0]?.gate);
    return known?.name === name && known instanceof CounterGate ? known : undefined;
  }

  /** The gate of a limit, if there is one. */
  #gateOf(name: string): GateSet {
    return gateSet(name, this.capacityOf(name));
  }

  heldByRun({ userId }: RunState): GateSet {
    return (
      this.#users.get(userId) ??
      add(this.#users, userId, [
        ...this.#gateOf(`user:${userId}`),
        ...this.#rateOf(`user-starts:${userId}`, this.#limits.userStarts),
      ])
    );
  }

  ofTree({ treeId, policies }: RunState): GateSet {
    return gateSet(`tree:${treeId}`, unlimitedAt0(tighter(this.#limits.perTree, policies.concurrency)));
  }

  ofGroup({ id, definition }: TaskState): GateSet {
    return gateSet(`scope:${id}`, unlimitedAt0(definition.policies.concurrency));
  }

  ofTask(task: TaskState): GateSet {
    const { demands } = task;
    const type = executorOf(task);
    const ofType = this.#ofExecutor(type);
    const breaker = this.breakers.demandOf(task, type);
    if (demands === undefined && breaker === undefined) return ofType;
    const named = demands === undefined ? NO_GATES : this.#demandsOf(demands);
    return [...ofType, ...named, ...(breaker === undefined ? NO_GATES : [breaker])];
  }

  *#demandsOf({ locks, resources }: Demands): Generator<Demand> {
    for (const name of locks) {
      const gate = this.#named.get(`lock:${name}`) ?? new LockGate(`lock:${name}`, this.capacityOf(`lock:${name}`));
      yield { gate, amount: 1 };
    }
    for (const name of Object.keys(resources).toSorted()) {
      const gateName = `resource:${name}`;
      const gate = this.#named.get(gateName) ?? new AmountGate(gateName, this.capacityOf(gateName));
      yield { gate, amount: resources[name] as number };
    }
  }

  /** Amount of the resource that attempts may hold together; Infinity: any. */
  resourceCapacity(name: string): number {
    return this.capacityOf(`resource:${name}`);
  }

  keep(gate: Gate): void {
    if (gate instanceof BreakerGate) this.breakers.keep(gate);
    else if (gate.isTransient === true) this.#named.set(gate.name, gate);
  }

  forget(gate: Gate): void {
    if (gate instanceof BreakerGate) this.breakers.forget(gate);
    else if (gate.isTransient === true) this.#named.delete(gate.name);
  }

  #ofExecutor(type: string): GateSet {
    const known = this.#executors.get(type);
    if (known !== undefined) return known;
    return add(this.#executors, type, [
      ...this.#gateOf(`executor:${type}`),
      ...this.#rateOf(`rate:${type}`, limitOf(this.#limits.rates, type)),
    ]);
  }

  #rateOf(name: string, rate: Rate | undefined): GateSet {
    if (rate === undefined) return NO_GATES;
    const gate = this.#rates.get(name) ?? new RateGate(name, rate);
    this.#rates.set(name, gate);
    return [{ gate, amount: 1 }];
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

  keyOf(task: TaskState): string {
    const { demands } = task;
    const type = executorOf(task);
    const isOwn = isOwnWork(task);
    const key = demands === undefined ? type : isOwn ? demands.key : `${type} in the place of ${demands.key}`;
    const mayLeave = isOwn && task.definition.fallback !== undefined && this.breakers.dependsOnFallback(type);
    return mayLeave ? `${key} or a fallback` : key;
  }
}

/** Looks only at own properties, because a name may be that of a member of every object, such as `toString`. */
function limitOf<Limit>(limits: Readonly<Record<string, Limit>> | undefined, name: string): Limit | undefined {
  return limits !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined;
}

function after(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** `limit`: Infinity: there is none. */
function gateSet(name: string, limit: number): GateSet {
  return limit === Infinity ? NO_GATES : [{ gate: new CounterGate(name, limit), amount: 1 }];
}

/** Keeps a set only if there is a limit: there may be very many users without one, and an executor may be loaded later. */
function add(sets: Map<string, GateSet>, key: string, set: GateSet): GateSet {
  if (set.length === 0) return NO_GATES;
  sets.set(key, set);
  return set;
}
