/** Who follows runs, and what they are told. */
import type { Hold, RunEvent, TaskId, TreeId } from '@coppice/core';
import type { RunProgress } from './shown-run.ts';
import type { GateAlert } from './what-may-start.ts';

export interface SubscribeOptions {
  /** Absent: all trees (of `userId` if given). */
  readonly treeId?: TreeId | undefined;
  readonly userId?: string | undefined;
  /** With `treeId`: replay stored events after this first. Default: live only. */
  readonly afterSeq?: number | undefined;
  /** With `treeId`: `progress` says of these tasks how far what is below them is. */
  readonly groups?: readonly TaskId[] | undefined;
}

/**
 * Why a subscription has ended: the run of the tree has ended, the tree was deleted, the engine stops, or the subscription failed. It fails
 * when the subscriber throws, or when its events can not be read. A failure is logged; to go on, subscribe again after the last event.
 */
export type SubscriptionEnd = 'runEnded' | 'deleted' | 'shutdown' | 'failed';

/**
 * Receives events in commit order, without gaps per tree. When a call returns a promise, the next call waits for it; a slow subscriber gets
 * its events from the log. A subscription whose subscriber throws or rejects has failed.
 */
export interface Subscriber {
  event(treeId: TreeId, event: RunEvent): unknown;
  progress?(progress: RunProgress): unknown;
  /** Called when the tree was deleted. No more events of it come. */
  deleted?(treeId: TreeId): unknown;
  /** Called when a hold was set or released, with all that are in force; for subscriptions to all trees. */
  holds?(holds: readonly Hold[]): unknown;
  /** Of all trees: something needs attention at a gate. With `userId`: only of the tasks of this user, and of gates that all pass. */
  gateAlert?(alert: GateAlert): unknown;
  /** Called last, but not after `unsubscribe`. After `runEnded` more events come only if the run is opened again. */
  end?(reason: SubscriptionEnd): unknown;
}
