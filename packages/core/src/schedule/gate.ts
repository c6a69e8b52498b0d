/**
 * Gates: named capacities that starts must pass (rule 8). A start takes its demands at all its gates in one synchronous step, or none.
 * Each gate decides what it counts (attempts at once, starts per second, or only whether it is open), and when more units are free.
 */
import type { GateStats } from './gate-stats.ts';
import type { TaskId, TreeId } from '@coppice/extension';
import type { RunEvent } from '../run/event.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { WhenOpen } from '../task/breaker-policy.ts';

/** A capacity. All times are those given to `Admission.pick`, epoch ms. */
export interface Gate {
  /**
   * Name that people see, unique among gates: `global`, `user:<id>`, `tree:<id>`, `executor:<type>`, `paused:<task>`, `hold`, `tag:<tag>`,
   * `lock:<name>`, `rate:<name>`, `user-starts:<id>`, `resource:<name>`, `breaker:<type>`.
   */
  readonly name: string;
  /** True for a gate that tasks name: it goes when no task passes it any more. Absent: false. */
  readonly isTransient?: true | undefined;
  /** Units that are taken. */
  readonly used: number;
  /** Number of all units; Infinity: no limit. When it changes, or the time at which units are free, call `Admission.changed`. */
  readonly limit: number;
  /** Units that a start may take now; Infinity: any number; 0 or less: none. */
  free(nowMs: number): number;
  /** Time at which `amount` units are free even if nothing is given back; undefined: not known. Asked only when fewer are free now. */
  freeAtMs(amount: number, nowMs: number): number | undefined;
  /** Takes units for a start. The caller has checked that they are free. `task`: undefined: they are for a whole run. */
  take(amount: number, nowMs: number, task?: TaskState): void;
  /** Takes units for an attempt that started in another process, or whose end was given up. They may exceed the limit. */
  adopt(amount: number): void;
  /** Gives units back, because the attempt of the task or the run that held them has ended, and how the attempt did; undefined: it did not begin. */
  giveBack(amount: number, task?: TaskState, event?: RunEvent): void;
  /** The run goes, whatever of it has passed. Absent: the gate knows no tasks. */
  leave?(run: RunState): void;
}

/** Units that one start takes at a gate. */
export interface Demand {
  readonly gate: Gate;
  /** Above 0. */
  readonly amount: number;
  /** What becomes of a start that can not pass. Absent: it waits. */
  readonly whenFull?: Exclude<WhenOpen, 'wait'> | undefined;
}

/** The demands of a start. Equal sets are the same array, so that their tasks share a queue. */
export type GateSet = readonly Demand[];

/** Says which gates starts must pass. */
export interface GateSource {
  /** The gate at which every start takes one unit; undefined: none. After a change call `Admission.regate`. */
  readonly global: Gate | undefined;
  /** Demands that the first start of a run takes for the whole run. Asked once per loaded run. */
  heldByRun(run: RunState): GateSet;
  /** Demands of each start of a tree at gates that only this tree uses. These gates are removed with the run. Asked once per loaded run. */
  ofTree(run: RunState): GateSet;
  /** Demands of each start below a group that limits how many tasks execute at once, at gates that only these use. Asked once per group. */
  ofGroup(group: TaskState): GateSet;
  /** All other demands of a task's start. Asked once per tree and key. */
  ofTask(task: TaskState): GateSet;
  /**
   * Name of the gate that is closed to the task, whatever else it demands; undefined: none is. Asked for every ready task; call
   * `Admission.lineUp` when the answers for the tasks of a tree are others.
   */
  closedTo(run: RunState, task: TaskState): string | undefined;
  /** Turns that a user gets for each one of a user with the weight 1; above 0. Asked once per loaded run. */
  weightOf(userId: string): number;
  /** Tasks of a tree with the same key have the same set. Asked for every ready task and every end of an attempt. When keys change, see `Admission.rekey`. */
  keyOf(task: TaskState): string;
  /** Starts pass the gate from now on. Until `forget`, sets with a gate of this name have this gate. */
  keep(gate: Gate): void;
  /** No start passes the gate any more. */
  forget(gate: Gate): void;
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

/** A line of tasks that a gate has kept waiting for long, while none of them started. */
export interface Starving {
  /** Name of the gate. */
  readonly gate: string;
  readonly used: number;
  readonly limit: number;
  /** The task whose turn it is. */
  readonly first: Waiter;
  /** Tasks in the line. */
  readonly waiting: number;
  /** Since the last one of them has started, or since the first is ready, ms. */
  readonly waitedMs: number;
}

/** A ready task that waits at a gate. */
export interface Waiter {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly name: string;
  /** Name of its tree. */
  readonly treeName: string;
  readonly userId: string;
  /** From 1, among the tasks of its tree that pass the same gates. */
  readonly place: number;
  /** Epoch ms; undefined: not known. */
  readonly readyAtMs: number | undefined;
}

/** Use of a gate, and who waits there. */
export interface GateLine extends GateUse {
  /** Since when the task is ready that has waited longest; undefined: none waits. */
  readonly oldestReadyAtMs: number | undefined;
  /** When one unit is free even if nothing is given back; undefined: one is free now, or no such time is known. */
  readonly freeAtMs: number | undefined;
  /** The first of those who wait, the smallest places first, then the longest waits. */
  readonly waiters: readonly Waiter[];
  /** Lines of waiting tasks that were found to starve. */
  readonly starving: number;
  /** Since the process began. */
  readonly stats: GateStats;
}

/** Where a ready task stands. */
export interface Place {
  /** From 1, among the tasks of its tree that pass the same gates. */
  readonly place: number;
  /** Number of those tasks. */
  readonly waiting: number;
  readonly oldestReadyAtMs: number | undefined;
  /** What the task takes, by the name of the gate. */
  readonly demands: ReadonlyMap<string, number>;
}
