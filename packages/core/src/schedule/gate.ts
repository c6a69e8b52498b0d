/**
 * Gates: named capacities that starts must pass (rule 8). A start takes its demand at all its gates in one synchronous step, or none.
 * What a gate counts is its own business: attempts at once, starts per second, or whether it is open at all. So is when it has more.
 */
import type { RunState, TaskState } from '../run/state.ts';

/** A capacity. All times are those given to `Admission.pick`, epoch ms. */
export interface Gate {
  /** What people see, one gate each: `global`, `user:<id>`, `tree:<id>`, `executor:<type>`. */
  readonly name: string;
  /** Units that are taken. */
  readonly used: number;
  /** Units there are in all; Infinity: no limit. May change, as may the time at which more are free: call `Admission.changed` then. */
  readonly limit: number;
  /** Units that a start may take now; Infinity: any number; 0 or less: none. */
  free(nowMs: number): number;
  /** The time at which `amount` units are free though nothing is given back; undefined: none is known. Asked when fewer are free now. */
  freeAtMs(amount: number, nowMs: number): number | undefined;
  /** A start passes; as many units are free. */
  take(amount: number, nowMs: number): void;
  /** An attempt is counted that passed earlier, in another process or before its end was given up. It may exceed the limit. */
  adopt(amount: number): void;
  /** The attempt (or the run, for what it holds) that took or adopted the units has ended. */
  giveBack(amount: number): void;
}

/** Units that one start takes at a gate. */
export interface Demand {
  readonly gate: Gate;
  /** At least 1. */
  readonly amount: number;
}

/** What a start demands. Sets of the same demands are the same array, so that their tasks share a queue. */
export type GateSet = readonly Demand[];

/** Says which gates starts must pass. */
export interface GateSource {
  /** The gate of every start, which takes one unit of it; undefined: none. */
  readonly global: Gate | undefined;
  /** What the first start of a run takes for the whole run. Asked once per run in memory. */
  heldByRun(run: RunState): GateSet;
  /** What each start of a tree takes at gates of this tree alone, which go when its run does. Asked once per run in memory. */
  ofTree(run: RunState): GateSet;
  /** What else the start of a task takes. Asked once per tree and key. */
  ofTask(task: TaskState): GateSet;
  /** Tasks of a tree with the same key have the same set. Asked for every ready task and every end of an attempt. */
  keyOf(task: TaskState): string;
}

/** Use of a gate. */
export interface GateUse {
  /** Name of the gate. */
  readonly gate: string;
  readonly used: number;
  readonly limit: number;
  /** Ready tasks that wait for this gate now. */
  readonly waiting: number;
}
