/** Gates of kinds that no limit makes, to show that admission can carry them; and ready tasks that pass gates of a test's choice. */
import assert from 'node:assert/strict';
import type { RunState, TaskState } from '../run/state.ts';
import { Admission, type Reservation } from './admission.ts';
import type { Gate, GateSet, GateSource } from './gate.ts';

/** What all of them share. */
abstract class TestGate implements Gate {
  readonly name: string;
  used = 0;

  constructor(name: string) {
    this.name = name;
  }

  abstract get limit(): number;
  abstract free(nowMs: number): number;
  abstract freeAtMs(amount: number, nowMs: number): number | undefined;

  take(amount: number, nowMs: number): void {
    assert.ok(this.free(nowMs) >= amount, `${this.name} has ${amount} free`);
    this.used += amount;
  }

  adopt(amount: number): void {
    this.used += amount;
  }

  giveBack(amount: number): void {
    this.used -= amount;
  }
}

/** So many units at once; the limit may change. */
export class ResizableGate extends TestGate {
  limit: number;

  constructor(name: string, limit: number) {
    super(name);
    this.limit = limit;
  }

  free(): number {
    return this.limit - this.used;
  }

  freeAtMs(_amount: number, _nowMs: number): number | undefined {
    return undefined;
  }
}

/** Lets nothing pass until it is opened. */
export class ClosableGate extends TestGate {
  isOpen = false;

  get limit(): number {
    return this.isOpen ? Infinity : 0;
  }

  free(): number {
    return this.limit;
  }

  freeAtMs(): undefined {
    return undefined;
  }
}

/** A bucket of `limit` tokens, one of which comes back every `everyMs`. */
export class BucketGate extends TestGate {
  readonly limit: number;
  readonly #everyMs: number;
  #tokens: number;
  #countedAtMs = 0;

  constructor(name: string, limit: number, everyMs: number) {
    super(name);
    this.limit = limit;
    this.#tokens = limit;
    this.#everyMs = everyMs;
  }

  free(nowMs: number): number {
    const more = Math.floor((nowMs - this.#countedAtMs) / this.#everyMs);
    if (more > 0) {
      this.#tokens = Math.min(this.#tokens + more, this.limit);
      this.#countedAtMs += more * this.#everyMs;
    }
    return this.#tokens;
  }

  freeAtMs(amount: number, nowMs: number): number | undefined {
    return amount > this.limit ? undefined : this.#countedAtMs + (amount - this.free(nowMs)) * this.#everyMs;
  }

  override take(amount: number, nowMs: number): void {
    super.take(amount, nowMs);
    this.#tokens -= amount;
  }

  /** Its token was taken by the process in which it started. */
  override adopt(): void {}

  /** Tokens come back with time only. */
  override giveBack(): void {}
}

/** `limit` units in every window of time. */
export class QuotaGate extends TestGate {
  readonly limit: number;
  readonly #windowMs: number;
  #window = 0;

  constructor(name: string, limit: number, windowMs: number) {
    super(name);
    this.limit = limit;
    this.#windowMs = windowMs;
  }

  free(nowMs: number): number {
    const window = Math.floor(nowMs / this.#windowMs);
    if (window !== this.#window) this.used = 0;
    this.#window = window;
    return this.limit - this.used;
  }

  freeAtMs(amount: number, nowMs: number): number | undefined {
    return amount > this.limit ? undefined : (Math.floor(nowMs / this.#windowMs) + 1) * this.#windowMs;
  }

  override giveBack(): void {}
}

/** Opens for `openForMs` when it is tripped, lets single probes pass then, and everything once one went well. */
export class BreakerGate extends TestGate {
  readonly #openForMs: number;
  #state: 'closed' | 'open' | 'probing' = 'closed';
  #openUntilMs = 0;

  constructor(name: string, openForMs: number) {
    super(name);
    this.#openForMs = openForMs;
  }

  get limit(): number {
    return { closed: Infinity, open: 0, probing: 1 }[this.#state];
  }

  free(nowMs: number): number {
    if (this.#state === 'open' && nowMs >= this.#openUntilMs) this.#state = 'probing';
    return this.limit - this.used;
  }

  freeAtMs(): number | undefined {
    return this.#state === 'open' ? this.#openUntilMs : undefined;
  }

  trip(nowMs: number): void {
    this.#state = 'open';
    this.#openUntilMs = nowMs + this.#openForMs;
  }

  mend(): void {
    this.#state = 'closed';
  }
}

export interface TestGates {
  readonly global?: Gate;
  readonly heldByRun?: GateSet;
  readonly ofTree?: GateSet;
  /** By executor type. */
  readonly executors?: Readonly<Record<string, GateSet>>;
}

const NO_GATES: GateSet = [];

function sourceOf({ global, heldByRun = NO_GATES, ofTree = NO_GATES, executors = {} }: TestGates): GateSource {
  const keyOf = ({ definition }: TaskState): string => definition.executor as string;
  return {
    global,
    heldByRun: () => heldByRun,
    ofTree: () => ofTree,
    ofGroup: () => [],
    ofTask: (task) => executors[keyOf(task)] ?? NO_GATES,
    closedTo: () => undefined,
    keyOf,
    weightOf: () => 1,
    keep: () => undefined,
    forget: () => undefined,
  };
}

/** Admission with gates of a test's choice, and the engine's part in small. */
export class GateDesk {
  readonly admission: Admission;
  readonly running = new Map<TaskState, RunState>();
  nowMs = 0;
  /** When admission wants to pick again. */
  nextAtMs: number | undefined;

  /** Gates that the last pick has reserved. */
  reserved: readonly Reservation[] | undefined;

  constructor(gates: TestGates, ageingMs = 1_000_000) {
    this.admission = new Admission({ gates: sourceOf(gates), ageingMs });
  }

  add(run: RunState): void {
    for (const task of run.tasks) if (task.status === 'ready') this.admission.enqueue(run, task, this.nowMs);
  }

  /** Ids of what is picked at a time, in order. */
  pick(nowMs = this.nowMs): string[] {
    this.nowMs = nowMs;
    const { picked, nextAtMs, reserved } = this.admission.pick(nowMs, 1_000_000);
    this.nextAtMs = nextAtMs;
    this.reserved = reserved;
    for (const { run, task } of picked) {
      assert.equal(task.status, 'ready', `${task.id} is picked once, while it is ready`);
      task.status = 'running';
      this.running.set(task, run);
    }
    return picked.map(({ task }) => task.id);
  }

  /** Lets the time pass until admission wants to pick again. */
  wait(): void {
    assert.ok(this.nextAtMs !== undefined && this.nextAtMs > this.nowMs, 'a later time is known');
    this.nowMs = this.nextAtMs;
  }

  /** Ends attempts: those of the ids, or all. */
  end(...ids: string[]): void {
    for (const [task, run] of this.running) {
      if (ids.length > 0 && !ids.includes(task.id)) continue;
      this.running.delete(task);
      task.status = 'completed';
      this.admission.release(run, task);
    }
  }
}
