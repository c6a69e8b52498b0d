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
import { Buckets } from './buckets.ts';
import { burstOf, type RateGate, type Rate } from './rate-gate.ts';
import { byName, lockCapacity, resourceCapacity, tighter, unlimitedAt0, type GateLimits } from './gate-limits.ts';

const NO_GATES: GateSet = [];
const NO_TAGS: readonly string[] = [];

/** Keys that are kept for each tag. */
const KEYS_MAX = 1_000;

export class LimitGates implements GateSource {
  readonly breakers: Breakers;
  #global: Gate | undefined;
  readonly #limits: GateLimits;
  readonly #executorLimit: (type: string) => number | undefined;
  readonly #engine: EngineState;
  readonly #users = new Map<string, GateSet>();
  readonly #executors = new Map<string, GateSet>();
  /** Counting gates that outlive trees, by name: what they hold outlives a change of other limits. */
  readonly #counters = new Map<string, CounterGate>();
  readonly #buckets = new Buckets((name) => this.rateOf(name));
  /** Gates of locks, resources and rates that tasks name and starts pass, by name. */
  readonly #named = new Map<string, Gate>();
  /** Tags that have, or had, a limit: others are not looked at. */
  readonly #tags: Set<string>;
  readonly #loneTags = new Map<string, readonly string[]>();
  /** Keys of tasks with one tag that has a limit, by the list with the tag, and by the key that they would have without it. */
  readonly #taggedKeys = new Map<readonly string[], Map<string, string>>();

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
    this.#tags = new Set(Object.keys(limits.tags ?? {}));
    this.#global = this.#gateOf('global')[0]?.gate;
  }

  get global(): Gate | undefined {
    return this.#global;
  }

  /** True when a limit of this name makes tasks differ that did not: `reset` is then called in `Admission.rekey`. */
  givesNewKeys(name: string): boolean {
    const [kind, rest] = partsOf(name);
    return kind === 'tag' && !this.#tags.has(rest);
  }

  /** Gives a gate the limit that was set for it, and returns it. Undefined: starts may pass other gates than before. */
  reset(name: string): Gate | undefined {
    const gate = this.#named.get(name) ?? this.#counters.get(name);
    if (gate instanceof CounterGate) {
      gate.limit = this.capacityOf(name);
      return gate;
    }
    const bucket = this.#buckets.find(name);
    if (bucket !== undefined) bucket.rate = this.rateOf(name);
    const [kind, rest] = partsOf(name);
    if (kind === 'global') this.#global = this.#gateOf('global')[0]?.gate;
    else if (kind === 'tag') this.#tags.add(rest);
    else if (kind === 'user' || kind === 'user-starts') this.#users.delete(rest);
    else if (kind === 'executor' || kind === 'rate') this.#executors.delete(rest);
    return undefined;
  }

  /** Capacity of the gate of this name, of a rate its burst; Infinity: no limit. That which was set wins over the configuration. */
  capacityOf(name: string): number {
    const set = this.#engine.limits.get(name)?.limit;
    if (set === undefined) return this.configured(name);
    return set === 'unlimited' ? Infinity : typeof set === 'number' ? set : burstOf(set);
  }

  /** Capacity by the configuration. */
  configured(name: string): number {
    const [kind, rest] = partsOf(name);
    const { global, users, perUser, executors, tags, submissions } = this.#limits;
    switch (kind) {
      case 'lock':
        return lockCapacity(this.#limits, rest);
      case 'resource':
        return resourceCapacity(this.#limits, rest);
      case 'user':
        return unlimitedAt0(limitOf(users, rest) ?? perUser);
      case 'executor':
        return unlimitedAt0(limitOf(executors, rest) ?? this.#executorLimit(rest));
      case 'tag':
        return unlimitedAt0(limitOf(tags, rest));
      case 'rate':
      case 'user-starts':
        return burstOf(this.configuredRate(name));
      case 'submissions':
        return unlimitedAt0(submissions?.max);
      default:
        return unlimitedAt0(global);
    }
  }

  /** Rate of the gate of this name; undefined: it has none. That which was set wins over the configuration. */
  rateOf(name: string): Rate | undefined {
    const set = this.#engine.limits.get(name)?.limit;
    if (set === undefined) return this.configuredRate(name);
    return typeof set === 'object' ? set : undefined;
  }

  /** Rate by the configuration. */
  configuredRate(name: string): Rate | undefined {
    const [kind, rest] = partsOf(name);
    if (kind === 'user-starts') return this.#limits.userStarts;
    return kind === 'rate' ? byName(this.#limits.rates, rest) : undefined;
  }

  /** The gate of a limit, if there is one. */
  #gateOf(name: string): GateSet {
    const known = this.#counters.get(name);
    if (known !== undefined) return [{ gate: known, amount: 1 }];
    const limit = this.capacityOf(name);
    if (limit === Infinity) return NO_GATES;
    const gate = new CounterGate(name, limit);
    this.#counters.set(name, gate);
    return [{ gate, amount: 1 }];
  }

  heldByRun({ userId }: RunState): GateSet {
    return (
      this.#users.get(userId) ??
      add(this.#users, userId, [...this.#gateOf(`user:${userId}`), ...this.#bucketOf(`user-starts:${userId}`)])
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
    const tags = this.#tagsOf(task);
    if (demands === undefined && breaker === undefined && tags.length === 0) return ofType;
    const set = [...ofType, ...tags.flatMap((tag) => this.#gateOf(`tag:${tag}`))];
    for (const demand of demands === undefined ? NO_GATES : this.#demandsOf(demands))
      // A rate may be that of the executor.
      if (!ofType.some(({ gate }) => gate === demand.gate)) set.push(demand);
    if (breaker !== undefined) set.push(breaker);
    return set;
  }

  *#demandsOf({ locks, rates, resources }: Demands): Generator<Demand> {
    for (const name of locks) {
      const gate = this.#named.get(`lock:${name}`) ?? new LockGate(`lock:${name}`, this.capacityOf(`lock:${name}`));
      yield { gate, amount: 1 };
    }
    for (const name of rates) yield { gate: this.#bucket(`rate:${name}`), amount: 1 };
    for (const name of Object.keys(resources).toSorted()) {
      const gateName = `resource:${name}`;
      const gate = this.#named.get(gateName) ?? new AmountGate(gateName, this.capacityOf(gateName));
      yield { gate, amount: resources[name] as number };
    }
  }

  /** Tags with a limit, of the task and of the groups around it, in order, each once. */
  #tagsOf(task: TaskState): readonly string[] {
    if (this.#tags.size === 0) return NO_TAGS;
    let first: string | undefined;
    let found: Set<string> | undefined;
    for (let at: TaskState | undefined = task; at !== undefined; at = at.parent) {
      const { tags } = at.definition;
      for (let index = 0; index < tags.length; index++) {
        const tag = tags[index] as string;
        if (tag === first || !this.#tags.has(tag)) continue;
        if (first === undefined) first = tag;
        else (found ??= new Set([first])).add(tag);
      }
    }
    if (found !== undefined) return [...found].toSorted();
    return first === undefined ? NO_TAGS : this.#lone(first);
  }

  /** The list with this tag alone. */
  #lone(tag: string): readonly string[] {
    let list = this.#loneTags.get(tag);
    if (list === undefined) this.#loneTags.set(tag, (list = [tag]));
    return list;
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
    return add(this.#executors, type, [...this.#gateOf(`executor:${type}`), ...this.#bucketOf(`rate:${type}`)]);
  }

  /** The bucket of a rate that tasks need not name, if there is a rate. */
  #bucketOf(name: string): GateSet {
    if (this.rateOf(name) === undefined) return NO_GATES;
    const gate = this.#bucket(name);
    gate.isTransient = undefined;
    return [{ gate, amount: 1 }];
  }

  #bucket(name: string): RateGate {
    return this.#buckets.of(name, (each) => this.#named.has(each));
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
    const tags = this.#tagsOf(task);
    const key = this.#untaggedKeyOf(task);
    return tags.length === 0 ? key : this.#taggedKey(tags, key);
  }

  /** Of a list that many tasks share the key is made once: a new text would be made and read letter by letter at each start and end. */
  #taggedKey(tags: readonly string[], key: string): string {
    if (tags.length > 1) return `${JSON.stringify(tags)} ${key}`;
    let known = this.#taggedKeys.get(tags);
    if (known === undefined || known.size >= KEYS_MAX) this.#taggedKeys.set(tags, (known = new Map<string, string>()));
    let tagged = known.get(key);
    if (tagged === undefined) known.set(key, (tagged = `${JSON.stringify(tags)} ${key}`));
    return tagged;
  }

  #untaggedKeyOf(task: TaskState): string {
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

/** Kind of a gate, and what follows the colon. */
function partsOf(name: string): [kind: string, rest: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
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
