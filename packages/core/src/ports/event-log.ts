/**
 * Port: the logs of events. Logs are the only source of truth. There is one process that writes, and any number that read.
 *
 * 1. `append` is one transaction. Each of its parts is stored whole, events and rows, or not at all.
 * 2. Sequence numbers of a stream are 1..n without gaps. A part that does not continue the stored log is refused.
 * 3. A refused part is an answer, never an error: all other parts of the batch are stored.
 * 4. The data of an append never changes: the store may read it at any time.
 * Faults of the environment are thrown as `TransientError`. Such an append stored nothing, and may be tried again with the same batch.
 * Any other error says that the store itself has failed.
 */
import type { TaskId, TreeId } from '@coppice/extension';
import type { EngineEvent } from '../engine-stream/engine-stream.ts';
import type { RunEvent } from '../run/event.ts';
import type { RunFacts, TaskFacts, TreeFacts } from '../run/facts.ts';

/** The part of a transaction that belongs to one stream of events: that of a tree, or that of the engine itself. */
export type StreamAppend = TreeAppend | TreeRemoval | EngineAppend;

/** Events that continue the log of a tree, and the rows of the tree after them. */
export interface TreeAppend extends RunFacts {
  readonly kind: 'tree';
  /** Sequence number of the last event that the writer knows; 0: the tree is new. A log with another last event is a conflict. */
  readonly expectedSeq: number;
  /** The tree after the events. */
  readonly tree: TreeFacts;
  /** Tasks whose row changed. For a new tree (the first event is `TreeCreated`) all tasks. Deleted tasks have `deleted: true`. */
  readonly tasks: readonly TaskFacts[];
  /** Events in order; the first has the number after `expectedSeq`. */
  readonly events: readonly RunEvent[];
}

/** The removal of a whole tree: its log, rows, snapshots and cursors are deleted. */
export interface TreeRemoval {
  readonly kind: 'treeRemoval';
  readonly treeId: TreeId;
  /** The same as in `TreeAppend`. A tree that is not stored is a conflict. */
  readonly expectedSeq: number;
}

/** Events that continue the stream of the engine itself. */
export interface EngineAppend {
  readonly kind: 'engine';
  /** The last event that the writer knows; 0: none. A stream that ends elsewhere is a conflict. */
  readonly expectedSeq: number;
  /** Events in order, at least one; the first has the number after `expectedSeq`. */
  readonly events: readonly EngineEvent[];
}

/** A part of an append that was not stored. */
export interface RefusedPart {
  /** Its place in the batch. */
  readonly part: number;
  /** `conflict`: the part contradicts the stored log; load the run again and decide again. `refused`: its values can not be written. */
  readonly code: 'storage/conflict' | 'storage/refused';
  readonly message: string;
}

/** The data of a log that is known without reading its events. */
export interface StoredLog {
  readonly userId: string;
  /** Sequence number of the last event. */
  readonly seq: number;
}

/** Events of one task: those that a store has found, and where it has not looked yet. */
export interface TaskEventPage {
  readonly events: readonly RunEvent[];
  /** Number of the last event that the store has looked at; undefined: it has seen the whole log. */
  readonly nextAfterSeq: number | undefined;
}

export interface EventLog {
  /** True when an append writes to a disk or a network. Then all decisions of one turn of the event loop share one append. */
  readonly isDurable: boolean;

  /** Answers the parts that were refused; the others are durable. */
  append(batch: readonly StreamAppend[]): Promise<readonly RefusedPart[]>;
  /** Finds the owner of a tree and its last event. */
  findLog(treeId: TreeId): Promise<StoredLog | undefined>;
  /** Events with `seq > afterSeq`, in order, at most `limit`. Unknown tree: empty. */
  readEvents(treeId: TreeId, afterSeq: number, limit: number): Promise<readonly RunEvent[]>;
  /**
   * Events of the task with `seq > afterSeq`, in order. A store without an index on tasks looks at a bounded part of the log for each call,
   * so that no call takes long: the answer can be empty and still say where to go on. Unknown tree or task: empty.
   */
  readTaskEvents(treeId: TreeId, taskId: TaskId, afterSeq: number): Promise<TaskEventPage>;
  /** Events of the engine itself with `seq > afterSeq`, in order, at most `limit`. */
  readEngineEvents(afterSeq: number, limit: number): Promise<readonly EngineEvent[]>;
  /**
   * Checks the stored log: it begins at 1, has no gap and no duplicate, has known types only, and is as it was written. Undefined when the
   * log is sound, else the place and the fault. `soundSeq` is set when only the end of the log is missing: it is the last event of the last
   * whole append, from which the run can go on.
   */
  verifyLog(
    treeId: TreeId,
  ): Promise<{ readonly seq: number; readonly problem: string; readonly soundSeq?: number | undefined } | undefined>;
}
