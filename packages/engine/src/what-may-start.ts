/** What says what may start in all runs: holds, and limits that change while the engine runs. */
import type {
  Actor,
  BreakerReport,
  EngineEventOf,
  GateLine,
  GateUse,
  Hold,
  HoldTarget,
  LimitSetting,
  Outcome,
  Rate,
  SetLimit,
  Starving,
} from '@coppice/core';

export interface HoldOptions {
  /** Who asks for it. */
  readonly actor: Actor;
  readonly reason?: string | undefined;
}

/** Each change is durable when it is answered: the answer says whether anything has changed. */
export interface Holds {
  set(target: HoldTarget, options: HoldOptions): Promise<Outcome<boolean>>;
  release(target: HoldTarget, options: HoldOptions): Promise<Outcome<boolean>>;
  /** Those in force, in the order in which they were set. */
  list(): Promise<readonly Hold[]>;
  /** All that were ever set and released, as events with `seq > afterSeq`. */
  history(range: HistoryRange): Promise<readonly EngineEventOf<'HoldSet' | 'HoldReleased'>[]>;
}

export interface HistoryRange {
  /** Only later events. */
  readonly afterSeq: number;
  readonly limit: number;
}

/** A gate, as whoever looks after limits sees it. */
export interface GateReport extends GateLine {
  /** Capacity by the configuration; Infinity: none. */
  readonly configured: number;
  /** Of a rate: how often starts may pass; absent: it lets everything pass, or is none. */
  readonly rate?: Rate | undefined;
  readonly configuredRate?: Rate | undefined;
  /** Absent: the configuration holds. */
  readonly setting?: LimitSetting;
  /** Of a breaker: how it is. */
  readonly breaker?: BreakerReport;
}

/** Events that say what gates let pass. */
export type LimitEvent = EngineEventOf<'LimitSet' | 'BreakerOpened' | 'BreakerHalfOpened' | 'BreakerClosed'>;

export interface LimitHistoryRange extends HistoryRange {
  /** Only of the gate of this name. Absent: of all. */
  readonly gate?: string | undefined;
}

/** Something at a gate needs attention. */
export interface GateAlert extends GateUse {
  /**
   * `starving`: a line of tasks of which none has started for long. `saturated`: the gate keeps requests waiting now. `relieved`: it does
   * so no more.
   */
  readonly kind: 'starving' | 'saturated' | 'relieved';
  readonly atMs: number;
  /** Of what starves: the task whose turn it is, and since when none of the line has started. */
  readonly starving?: Pick<Starving, 'first' | 'waitedMs'>;
}

/** Limits while the engine runs. A change is durable when it is answered: the answer says whether anything has changed. */
export interface Limits {
  /** At the next admission the gate has this capacity. What runs goes on, also above it. */
  set(gate: string, limit: SetLimit, options: HoldOptions): Promise<Outcome<boolean>>;
  /** Closes a breaker that is not closed: what waits may start, and calls count anew. */
  reset(breaker: string, options: HoldOptions): Promise<Outcome<boolean>>;
  /** Gates that starts pass now, gates whose limit was set, and breakers that are not closed. */
  list(): Promise<readonly GateReport[]>;
  /** All limits that were ever set, and all changes of breakers, as events. */
  history(range: LimitHistoryRange): Promise<readonly LimitEvent[]>;
}
