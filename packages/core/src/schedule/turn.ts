/** The turn of a queue: its place in an order. */
import { isEarlier } from '../run/order-key.ts';
import type { TaskState } from '../run/state.ts';

/** The data of a queue that orders need. */
export interface InOrder {
  /** The class that the queue counts in now: its priority, or a higher class by ageing. */
  readonly countsAs: number;
  /** Number of the queue's valid turn. */
  readonly turnNo: number;
  readonly tree: {
    /** Trees have numbers in the order in which admission met them. */
    readonly treeNo: number;
    readonly userId: string;
    /** Turns that the user gets for each one of a user with the weight 1. */
    readonly weight: number;
  };
}

/** The key of a turn never changes: a queue that moves gets a new turn, and the old turn is stale. */
export interface Turn<Queue extends InOrder> {
  readonly queue: Queue;
  readonly isAged: boolean;
  /** The first task of the queue when it got the turn. */
  readonly first: TaskState;
  readonly turnNo: number;
}

export function isValid(turn: Turn<InOrder>): boolean {
  return turn.turnNo === turn.queue.turnNo;
}

/** The older tree first, then the smaller order key. */
export function isBefore(a: Turn<InOrder>, b: Turn<InOrder>): boolean {
  const [left, right] = [a.queue.tree.treeNo, b.queue.tree.treeNo];
  return left === right ? isEarlier(a.first, b.first) : left < right;
}
