/**
 * Port: the logs of events, which are the truth. One writer process; any number of readers.
 *
 * 1. `append` is one transaction. Each of its parts is stored whole, events and rows, or not at all.
 * 2. Sequence numbers of a stream are 1..n without gap; a part that does not continue the stored log is refused.
 * 3. A refused part is an answer, never an error: all other parts of its batch are stored.
 * 4. What an append is given never changes: the store may read it whenever it wants.
 * Environment faults are thrown as `TransientError`; they leave nothing behind and may be retried with the same batch.
 * Any other error says that the store itself has failed.
 */
import type { TreeId } from '@coppice/extension';
import type { RunEvent } from '../run/event.ts';
import type { RunFacts, TaskFacts, TreeFacts } from '../run/facts.ts';

/** The part of a transaction that belongs to one stream of events. Each stream is a tree: one of another kind would be one more `kind`. */
export type StreamAppend = TreeAppend | TreeRemoval;

/** Events that go on with the log of a tree, and what is shown of the tree after them. */
export interface TreeAppend extends RunFacts {
  readonly kind: 'tree';
  /** The last event that the writer knows of; 0: the tree is new. A log that ends elsewhere is a conflict. */
  readonly expectedSeq: number;
  /** The tree after the events. */
  readonly tree: TreeFacts;
  /** Tasks whose row changed; for a new tree (first event is `TreeCreated`) all of them. Deleted tasks have `deleted: true`. */
  readonly tasks: readonly TaskFacts[];
  /** Events in order; the first has the number after `expectedSeq`. */
  readonly events: readonly RunEvent[];
}

/** The end of a whole tree: its log, rows, snapshots and cursors go. */
export interface TreeRemoval {
  readonly kind: 'treeRemoval';
  readonly treeId: TreeId;
  /** As in `TreeAppend`. A tree that is not stored is a conflict. */
  readonly expectedSeq: number;
}

/** A part of an append that was not stored. */
export interface RefusedPart {
  /** Its place in the batch. */
  readonly part: number;
  /** `conflict`: it contradicts what is stored; who decided it must load the run again. `refused`: its values can not be written. */
  readonly code: 'storage/conflict' | 'storage/refused';
  readonly message: string;
}

/** What is known of a log without reading it. */
export interface StoredLog {
  readonly userId: string;
  /** Sequence number of the last event. */
  readonly seq: number;
}

export interface EventLog {
  /** True when an append costs a write to a disk or a network: the engine then lets all decisions of a turn of the event loop share one. */
  readonly isDurable: boolean;

  /** Answers the parts that were refused; the others are durable. */
  append(batch: readonly StreamAppend[]): Promise<readonly RefusedPart[]>;
  /** Who owns a tree, and its last event. */
  findLog(treeId: TreeId): Promise<StoredLog | undefined>;
  /** Events with `seq > afterSeq`, in order, at most `limit`. Unknown tree: empty. */
  readEvents(treeId: TreeId, afterSeq: number, limit: number): Promise<readonly RunEvent[]>;
  /**
   * Checks the stored log: from 1, no gap, no duplicate, known types, as it was written. Undefined when sound, else where and what.
   * `soundSeq` is set when nothing is wrong but that the end was cut off: the last event of the append before, from which the run can go on.
   */
  verifyLog(
    treeId: TreeId,
  ): Promise<{ readonly seq: number; readonly problem: string; readonly soundSeq?: number | undefined } | undefined>;
}
