/** What says what may start in all runs: holds, and limits that change while the engine runs. */
import type { Actor, EngineEventOf, GateLine, Hold, HoldTarget, LimitSetting, Outcome, SetLimit } from '@coppice/core';

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
  /** Absent: the configuration holds. */
  readonly setting?: LimitSetting;
}

/** Limits while the engine runs. A change is durable when it is answered: the answer says whether anything has changed. */
export interface Limits {
  /** At the next admission the gate has this capacity. What runs goes on, also above it. */
  set(gate: string, limit: SetLimit, options: HoldOptions): Promise<Outcome<boolean>>;
  /** Gates that starts pass now, and gates whose limit was set. */
  list(): Promise<readonly GateReport[]>;
  /** All that were ever set, as events. */
  history(range: HistoryRange): Promise<readonly EngineEventOf<'LimitSet'>[]>;
}
