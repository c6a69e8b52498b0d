/** Queues of ready tasks, and the gates that their starts pass. */
import { isEarlier } from '../run/order-key.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { Gate } from './gate.ts';
import { Heap } from './heap.ts';
import type { TurnOrder } from './turn-order.ts';

/** Where starts that take the same amount pass a gate, and the queues that wait there. */
export interface Entrance {
  readonly gate: Gate;
  readonly amount: number;
  /** All entrances of the gate, for each amount one. */
  readonly ofGate: readonly Entrance[];
  /** Made when the first queue has to wait. */
  waiting: TurnOrder<ReadyQueue> | undefined;
  /** Queues that were recalled and have not had their turn yet. */
  recalled: number;
  /** When time alone makes units free for who waits; Infinity: never, or nobody waits. */
  recallAtMs: number;
}

/** The queues of one tree, and what they share. */
export interface ReadyTree {
  readonly run: RunState;
  readonly queues: readonly ReadyQueue[];
  /** Trees are served in the order in which admission met them. */
  readonly treeNo: number;
  /** What the run takes as a whole, with its first start. */
  readonly heldByRun: readonly Entrance[];
  /** It has taken that, or there is nothing. */
  isHeld: boolean;
}

/** Ready tasks of one tree, gate set and class; the smallest order key is first. */
export interface ReadyQueue {
  readonly tree: ReadyTree;
  readonly priority: number;
  readonly ready: Heap<TaskState>;
  /** What each start passes, beside the global gate and what its run holds. */
  readonly entrances: readonly Entrance[];
  /** The class it counts in now: its priority, or a higher one by ageing. */
  countsAs: number;
  servedAtMs: number;
  /** True while it waits, for its turn or at a gate. */
  isWaiting: boolean;
  /** Where it waits, at a full gate. */
  waitsAt: Entrance | undefined;
  /** Where it was recalled. */
  recalledBy: Entrance | undefined;
  /** Attempts of its tasks that hold their gates. */
  running: number;
  /** Number of its valid turn. */
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
    recalledBy: undefined,
    running: 0,
    turnNo: 0,
  };
}

/** True when a start can not pass now. */
export function isFull({ gate, amount }: Entrance, nowMs: number): boolean {
  return gate.free(nowMs) < amount;
}

/** The first entrance at which a queue's next task can not pass now. */
export function findFull({ tree, entrances }: ReadyQueue, nowMs: number): Entrance | undefined {
  if (!tree.isHeld) for (const entrance of tree.heldByRun) if (isFull(entrance, nowMs)) return entrance;
  for (const entrance of entrances) if (isFull(entrance, nowMs)) return entrance;
  return undefined;
}
