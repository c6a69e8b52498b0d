/** Queues of ready tasks, and the gates that their starts pass. */
import { isEarlier } from '../run/order-key.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { GateStats } from './gate-stats.ts';
import type { Demand, Gate } from './gate.ts';
import { Heap } from './heap.ts';
import type { TurnOrder } from './turn-order.ts';

/** An entrance of a gate: for starts that take the same amount, and for the queues that wait for this amount. */
export interface Entrance {
  readonly gate: Gate;
  readonly amount: number;
  /** What becomes of starts that can not pass; undefined: they wait. */
  readonly whenFull: Demand['whenFull'];
  /** What all entrances of the gate share. */
  readonly ofGate: OfGate;
  /** The queues that wait here; undefined until the first one has to wait. */
  waiting: TurnOrder<ReadyQueue> | undefined;
  /** Number of queues that were recalled and have not had their turn yet. */
  recalled: number;
  /** Time at which units become free for the waiting queues without being given back; Infinity: never, or no queue waits. */
  recallAtMs: number;
  /** Number of gate sets of trees that have joined it: those with gates that tasks name. */
  sets: number;
}

/** The entrances of one gate. */
export interface OfGate {
  /** One for each amount and for what becomes of starts. */
  readonly entrances: readonly Entrance[];
  readonly stats: GateStats;
  /** While set, what is free is kept for this entrance, because a queue has waited there for long. */
  reserved: Entrance | undefined;
}

/** The queues of one tree, and what they share. */
export interface ReadyTree {
  readonly run: RunState;
  readonly queues: readonly ReadyQueue[];
  /** Trees are served in the order in which admission met them. */
  readonly treeNo: number;
  readonly userId: string;
  readonly weight: number;
  /** Entrances that the first start passes for the whole run. */
  readonly heldByRun: readonly Entrance[];
  /** True when the run has passed these entrances, or there are none. */
  isHeld: boolean;
  /** True once a task of the tree was started here. */
  hasStarted: boolean;
  /** The queue in which the task waits when it is ready. */
  waitingFor(task: TaskState): ReadyQueue;
  /** Keeps which queue the task took its places from: its executor may be another one when its attempt ends. */
  noteTaken(task: TaskState, queue: ReadyQueue): void;
}

/** Ready tasks of one tree, gate set and class; the smallest order key is first. */
export interface ReadyQueue {
  readonly tree: ReadyTree;
  readonly priority: number;
  readonly ready: Heap<TaskState>;
  /** Entrances that each start passes, beside the global gate and the entrances of the run. */
  entrances: readonly Entrance[];
  /** The class that the queue counts in now: its priority, or a higher class by ageing. */
  countsAs: number;
  servedAtMs: number;
  /** True while the queue waits for its turn or at a gate. */
  isWaiting: boolean;
  /** The entrance of a full gate at which the queue waits. */
  waitsAt: Entrance | undefined;
  /** The gate where the queue had to wait last, since it was empty. */
  delayedBy: OfGate | undefined;
  /** True when somebody was told that the queue is not served. */
  isStarving: boolean;
  /** The entrance that has recalled the queue. */
  recalledBy: Entrance | undefined;
  /** Number of running attempts of the queue's tasks. */
  running: number;
  /** Number of the queue's valid turn. */
  turnNo: number;
}

export function newReadyQueue(tree: ReadyTree, priority: number, entrances: readonly Entrance[]): ReadyQueue {
  return {
    tree,
    priority,
    ready: new Heap(isEarlier),
    entrances,
    countsAs: priority,
    servedAtMs: 0,
    isWaiting: false,
    waitsAt: undefined,
    delayedBy: undefined,
    isStarving: false,
    recalledBy: undefined,
    running: 0,
    turnNo: 0,
  };
}

/** True when a start can not pass now. */
export function isFull(entrance: Entrance, nowMs: number): boolean {
  const { gate, amount, ofGate } = entrance;
  if (gate.free(nowMs) < amount) return true;
  return ofGate.reserved !== undefined && ofGate.reserved !== entrance;
}

/** The first entrance at which a queue's next task can not pass now. */
export function findFull({ tree, entrances }: ReadyQueue, nowMs: number): Entrance | undefined {
  if (!tree.isHeld) for (const entrance of tree.heldByRun) if (isFull(entrance, nowMs)) return entrance;
  for (const entrance of entrances) if (isFull(entrance, nowMs)) return entrance;
  return undefined;
}
