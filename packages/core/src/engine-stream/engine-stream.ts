/**
 * The stream of the engine itself: facts that belong to no tree, in the same store as the logs of trees. It has its own decide and
 * evolve, as a run has. It carries holds, limits that were set while the engine runs, and breakers that are not closed.
 */
import { refuse, type Outcome } from '../errors/rejection.ts';
import type { BreakerChange, OpenBreaker } from '../schedule/breaker-state.ts';
import { isSameRate } from '../schedule/rate-gate.ts';
import { limitProblem, type SetLimit } from '../schedule/gate-limits.ts';
import type { Actor } from '../run/actor.ts';
import { executorOf } from '../run/falling-back.ts';
import type { TaskState } from '../run/state.ts';

/** What a hold keeps from starting: everything, the tasks of one executor type, or the tasks with a tag and all tasks below them. */
export type HoldTarget =
  | { readonly of: 'everything' }
  | { readonly of: 'executor'; readonly name: string }
  | { readonly of: 'tag'; readonly name: string };

/** A hold that is in force. */
export interface Hold {
  readonly target: HoldTarget;
  /** Epoch ms. */
  readonly sinceMs: number;
  readonly by: Actor;
  readonly reason: string | undefined;
}

interface HoldChange {
  readonly target: HoldTarget;
  readonly reason?: string;
}

/** A limit that was set while the engine runs, and wins over the configuration. */
export interface LimitSetting {
  readonly limit: Exclude<SetLimit, 'configured'>;
  /** Epoch ms. */
  readonly sinceMs: number;
  readonly by: Actor;
  readonly reason: string | undefined;
}

/** Payload of each event type. */
export interface EngineEventData {
  /** Nothing of the target starts any more. */
  HoldSet: HoldChange;
  HoldReleased: HoldChange;
  /** The gate of this name has this capacity from now on. */
  LimitSet: { readonly gate: string; readonly limit: SetLimit; readonly reason?: string };
  /** Too many calls have failed, or a probe has: nothing passes the breaker. */
  BreakerOpened: BreakerOpening;
  /** Its time has passed: probes pass. */
  BreakerHalfOpened: { readonly breaker: string };
  /** As many probes as it takes have gone well, or, with an actor, somebody has reset it. */
  BreakerClosed: { readonly breaker: string; readonly reason?: string };
}

/** `breaker`: name of the gate. */
type BreakerOpening = { readonly breaker: string } & Omit<OpenBreaker, 'state' | 'sinceMs'>;

export type EngineEventType = keyof EngineEventData;

/** One event of the engine, as stored. `seq` is its id: 1..n without gaps. */
export type EngineEvent = {
  readonly [T in EngineEventType]: {
    readonly type: T;
    readonly seq: number;
    /** Epoch ms; never decreases. */
    readonly atMs: number;
    /** Who caused it by a command. Breakers mostly change by themselves: then there is none. */
    readonly actor: ActorOf<T>;
    readonly data: EngineEventData[T];
  };
}[EngineEventType];

type ActorOf<Type extends EngineEventType> = Type extends 'BreakerOpened' | 'BreakerHalfOpened'
  ? undefined
  : Type extends 'BreakerClosed'
    ? Actor | undefined
    : Actor;

/** An event of a given type. */
export type EngineEventOf<Type extends EngineEventType> = Extract<EngineEvent, { readonly type: Type }>;

/** The fold of the engine's events. */
export interface EngineState {
  seq: number;
  atMs: number;
  /** By the name of the gate that each hold closes. */
  readonly holds: Map<string, Hold>;
  /** By the name of the gate. */
  readonly limits: Map<string, LimitSetting>;
  /** Breakers that are not closed, by the name of the gate. */
  readonly breakers: Map<string, OpenBreaker>;
}

export interface HoldCommand {
  readonly type: 'hold' | 'release';
  readonly target: HoldTarget;
  readonly actor: Actor;
  readonly reason?: string | undefined;
}

export interface SetLimitCommand {
  readonly type: 'setLimit';
  /** Name of the gate: `global`, `user:<id>`, `executor:<type>`, `tag:<tag>`, `lock:<name>`, `resource:<name>`, `rate:<name>` or `user-starts:<id>`. */
  readonly gate: string;
  readonly limit: SetLimit;
  readonly actor: Actor;
  readonly reason?: string | undefined;
}

/** Somebody closes a breaker. */
export interface ResetBreakerCommand {
  readonly type: 'resetBreaker';
  /** Name of the gate, such as `breaker:http`. */
  readonly breaker: string;
  readonly actor: Actor;
  readonly reason?: string | undefined;
}

/** A breaker has changed by itself. */
export interface NoteBreakerCommand {
  readonly type: 'noteBreaker';
  readonly change: BreakerChange;
}

export type EngineCommand = HoldCommand | SetLimitCommand | ResetBreakerCommand | NoteBreakerCommand;

/** Holds that may be in force at once. */
export const HOLDS_MAX = 1_000;

/** Limits that may be set at once while the engine runs. */
export const SET_LIMITS_MAX = 10_000;

/** Breakers whose state is kept while they are not closed; the oldest is forgotten, as if it had been reset. */
export const OPEN_BREAKERS_MAX = 10_000;

export function newEngineState(): EngineState {
  return { seq: 0, atMs: 0, holds: new Map(), limits: new Map(), breakers: new Map() };
}

/** Decides without changing the state. What is so already has no events. */
export function decideEngine(
  state: EngineState,
  command: EngineCommand,
  nowMs: number,
): Outcome<readonly EngineEvent[]> {
  switch (command.type) {
    case 'setLimit':
      return decideLimit(state, command, nowMs);
    case 'resetBreaker':
      return decideReset(state, command, nowMs);
    case 'noteBreaker':
      return { ok: true, value: [noted(state, command.change)] };
    case 'hold':
    case 'release':
      return decideHold(state, command, nowMs);
  }
}

/** A closed breaker is as if it had been reset. */
function decideReset(
  state: EngineState,
  { breaker, actor, reason }: ResetBreakerCommand,
  nowMs: number,
): Outcome<readonly EngineEvent[]> {
  if (!breaker.startsWith('breaker:') || breaker.length === 'breaker:'.length) {
    return refuse(
      'limit/refused',
      `'${breaker}' is no breaker. Name one, such as breaker:http. To take back a limit, set it to configured`,
      { data: { gate: breaker } },
    );
  }
  if (!state.breakers.has(breaker)) return { ok: true, value: [] };
  const data = reason === undefined ? { breaker } : { breaker, reason };
  return { ok: true, value: [{ type: 'BreakerClosed', ...nextEvent(state, actor, nowMs), data }] };
}

function noted(state: EngineState, { breaker, atMs, to }: BreakerChange): EngineEvent {
  const next = nextEvent(state, undefined, atMs);
  if (to === undefined) return { type: 'BreakerClosed', ...next, data: { breaker } };
  if (to.state === 'halfOpen') return { type: 'BreakerHalfOpened', ...next, data: { breaker } };
  const { openUntilMs, openForMs, probes, calls, failures } = to;
  return { type: 'BreakerOpened', ...next, data: { breaker, calls, failures, openUntilMs, openForMs, probes } };
}

function decideLimit(
  state: EngineState,
  { gate, limit, actor, reason }: SetLimitCommand,
  nowMs: number,
): Outcome<readonly EngineEvent[]> {
  const problem = limitProblem(gate, limit);
  if (problem !== undefined) return refuse('limit/refused', problem, { data: { gate } });
  if (isSameLimit(state.limits.get(gate)?.limit ?? 'configured', limit)) return { ok: true, value: [] };
  if (!state.limits.has(gate) && state.limits.size >= SET_LIMITS_MAX) {
    return refuse(
      'limit/refused',
      `${SET_LIMITS_MAX} limits are set. Set some of them back to the configuration first`,
      {
        data: { limit: SET_LIMITS_MAX },
      },
    );
  }
  const data = reason === undefined ? { gate, limit } : { gate, limit, reason };
  return { ok: true, value: [{ type: 'LimitSet', ...nextEvent(state, actor, nowMs), data }] };
}

function isSameLimit(a: SetLimit, b: SetLimit): boolean {
  return typeof a === 'object' && typeof b === 'object' ? isSameRate(a, b) : a === b;
}

function nextEvent<By extends Actor | undefined>(
  state: EngineState,
  actor: By,
  nowMs: number,
): Pick<EngineEvent, 'seq' | 'atMs'> & { readonly actor: By } {
  return { seq: state.seq + 1, atMs: Math.max(nowMs, state.atMs), actor };
}

function decideHold(
  state: EngineState,
  { type, target, actor, reason }: HoldCommand,
  nowMs: number,
): Outcome<readonly EngineEvent[]> {
  const isSet = state.holds.has(holdGate(target));
  if (isSet === (type === 'hold')) return { ok: true, value: [] };
  if (type === 'hold' && state.holds.size >= HOLDS_MAX) {
    return refuse('limit/refused', `${HOLDS_MAX} holds are set, which is the limit. Release some of them first`, {
      data: { limit: HOLDS_MAX },
    });
  }
  const event: EngineEvent = {
    type: type === 'hold' ? 'HoldSet' : 'HoldReleased',
    ...nextEvent(state, actor, nowMs),
    data: reason === undefined ? { target } : { target, reason },
  };
  return { ok: true, value: [event] };
}

/** Folds an event in. Changes the state in place, as the fold of a run does. */
export function evolveEngine(state: EngineState, event: EngineEvent): void {
  state.seq = event.seq;
  state.atMs = event.atMs;
  switch (event.type) {
    case 'HoldSet': {
      const { target, reason } = event.data;
      state.holds.set(holdGate(target), { target, sinceMs: event.atMs, by: event.actor, reason });
      return;
    }
    case 'HoldReleased':
      state.holds.delete(holdGate(event.data.target));
      return;
    case 'LimitSet': {
      const { gate, limit, reason } = event.data;
      if (limit === 'configured') state.limits.delete(gate);
      else state.limits.set(gate, { limit, sinceMs: event.atMs, by: event.actor, reason });
      return;
    }
    case 'BreakerOpened': {
      const { breaker, ...opening } = event.data;
      state.breakers.delete(breaker);
      state.breakers.set(breaker, { state: 'open', sinceMs: event.atMs, ...opening });
      const [oldest] = state.breakers.keys();
      if (state.breakers.size > OPEN_BREAKERS_MAX) state.breakers.delete(oldest as string);
      return;
    }
    case 'BreakerHalfOpened': {
      const { breaker } = event.data;
      const open = state.breakers.get(breaker);
      if (open !== undefined) state.breakers.set(breaker, { ...open, state: 'halfOpen' });
      return;
    }
    case 'BreakerClosed':
      state.breakers.delete(event.data.breaker);
      return;
  }
  event satisfies never;
}

/** Name of the gate that a hold closes. */
export function holdGate(target: HoldTarget): string {
  return target.of === 'everything' ? 'hold' : `hold:${target.of}:${target.name}`;
}

/** Finds a hold that keeps the task from starting. A tag holds its task and all tasks below it. */
export function findHold({ holds }: EngineState, task: TaskState): Hold | undefined {
  if (holds.size === 0) return undefined;
  const name = executorOf(task) ?? '';
  const found = holds.get('hold') ?? holds.get(holdGate({ of: 'executor', name }));
  if (found !== undefined) return found;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.parent) {
    for (const tag of at.definition.tags) {
      const hold = holds.get(holdGate({ of: 'tag', name: tag }));
      if (hold !== undefined) return hold;
    }
  }
  return undefined;
}
