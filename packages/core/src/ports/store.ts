/**
 * Port: the store of event logs and their projections. One writer process; any number of readers.
 *
 * 1. `append` is one transaction. Each of its parts is stored whole, events and rows, or not at all.
 * 2. Sequence numbers of a tree are 1..n without gap; a part that does not continue the stored log is refused.
 * 3. A refused part is an answer, never an error: all other parts of its batch are stored.
 * 4. What an append is given never changes: the store may read it whenever it wants.
 * 5. Reads never see half an append and never block it.
 * Environment faults are thrown as `TransientError`; they leave nothing behind and may be retried with the same batch.
 * Any other error says that the store itself has failed.
 */
import type { CutPart, Json, JsonObject, TaskError, TaskId, TreeId } from '@coppice/extension';
import type { RunEvent } from '../run/event.ts';
import type { RunFacts, TaskFacts, TreeFacts } from '../run/facts.ts';
import type { StatusCounts } from '../run/state.ts';
import type { ShownDefinition } from '../task/shown-definition.ts';
import type { RunStatus, TaskStatus } from '../task/status.ts';
import type { RunPolicies } from '../task/task.ts';
import type { Snapshots } from './snapshots.ts';

/** The part of a transaction that belongs to one tree. */
export interface RunAppend extends RunFacts {
  /** The tree after the events. */
  readonly tree: TreeFacts;
  /** Tasks whose row changed; for a new tree (first event is `TreeCreated`) all of them. Deleted tasks have `deleted: true`. */
  readonly tasks: readonly TaskFacts[];
  /** Events in order; the first continues the stored log. */
  readonly events: readonly RunEvent[];
}

/** A part of an append that was not stored. */
export interface RefusedPart {
  /** Its place in the batch. */
  readonly part: number;
  /** `conflict`: it contradicts what is stored; who decided it must load the run again. `refused`: its values can not be written. */
  readonly code: 'storage/conflict' | 'storage/refused';
  readonly message: string;
}

/** What the run says of a task. Times are epoch ms. */
export interface TaskExecution {
  readonly status: TaskStatus;
  readonly attempt: number;
  /** Resolved input of the last attempt. */
  readonly input: JsonObject | null;
  readonly output: Json;
  readonly outputPort: string | null;
  /** Texts of the output that are not whole. */
  readonly cut: readonly CutPart[] | null;
  readonly error: TaskError | null;
  /** Why it was skipped or cancelled. */
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly dueAtMs: number | null;
  readonly readyAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly progress: number | null;
  readonly progressMessage: string | null;
  readonly reused: boolean;
}

/** A task row: definition and execution, in one flat object because a row is one. */
export interface TaskRecord extends ShownDefinition, TaskExecution {
  readonly treeId: TreeId;
  /** Declared position in the tree. */
  readonly index: number;
}

/** A tree row. */
export interface TreeRecord {
  readonly treeId: TreeId;
  /** Name of the root task. */
  readonly name: string;
  readonly userId: string;
  readonly status: RunStatus;
  /** Last sequence number. */
  readonly seq: number;
  /** Selected tasks by status. */
  readonly counts: StatusCounts;
  readonly taskCount: number;
  readonly inputs: JsonObject;
  readonly variables: JsonObject;
  readonly policies: RunPolicies;
  /** Equal for equal definitions (R-SN-07). */
  readonly definitionHash: string;
  readonly origin: { readonly treeId: TreeId; readonly taskId: TaskId } | null;
  readonly error: TaskError | null;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly deadlineAtMs: number | null;
}

/** Filters of a listing; all given ones must hold. `search` is a case-insensitive part of the name, or the beginning of its tree's id from 4 characters on. */
export interface TaskFilter {
  readonly status?: readonly (TaskStatus | RunStatus)[];
  readonly userId?: string;
  /** true: roots only, whose status is the run's. */
  readonly rootOnly: boolean;
  readonly search?: string;
  readonly tag?: string;
}

/** One page, newest first. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string;
}

/** A row of `list`: a task, and the status of the run it belongs to. */
export interface TaskListItem {
  readonly task: TaskRecord;
  readonly runStatus: RunStatus;
  readonly userId: string;
}

/** What is known of a log without reading it. */
export interface StoredLog {
  readonly userId: string;
  /** Sequence number of the last event. */
  readonly seq: number;
}

export interface Store extends Snapshots {
  /** True when an append costs a write to a disk or a network: the engine then lets all decisions of a turn of the event loop share one. */
  readonly isDurable: boolean;

  /** Opens, migrates and takes the writer's lock (unless `readOnly`). A second writer is refused with code `storage/locked`. Calling it twice is harmless. */
  open(): Promise<void>;
  /** Releases everything. Calling it twice is harmless. */
  close(): Promise<void>;

  /** Answers the parts that were refused; the others are durable. */
  append(batch: readonly RunAppend[]): Promise<readonly RefusedPart[]>;
  /** Removes a whole tree: log, rows, snapshots. */
  deleteTree(treeId: TreeId): Promise<boolean>;

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
  /**
   * Sets a tree aside whose log can not be read: its run and the tasks that were under way are shown as `failed` with this error.
   * The log stays as it is. Unknown tree: nothing happens.
   */
  quarantine(treeId: TreeId, error: TaskError): Promise<void>;
  /** The log holds up to the tree's last event: what follows it goes, the rows are those of `tasks` (all), and the tree is not set aside. */
  restore(run: RunFacts): Promise<void>;
  /** Trees that are set aside, oldest first. */
  listQuarantined(): Promise<readonly TreeId[]>;

  findTree(treeId: TreeId): Promise<TreeRecord | undefined>;
  findTask(taskId: TaskId): Promise<TaskRecord | undefined>;
  /** Those of `ids` that exist. */
  findExisting(ids: readonly TaskId[]): Promise<readonly TaskId[]>;
  /** Tasks of a tree in declared order. */
  listTasks(treeId: TreeId): Promise<readonly TaskRecord[]>;
  listChildren(taskId: TaskId): Promise<readonly TaskRecord[]>;
  /** Ids of the copies of a task. */
  listCopies(taskId: TaskId): Promise<readonly TaskId[]>;
  list(filter: TaskFilter, page: { readonly limit: number; readonly cursor?: string }): Promise<Page<TaskListItem>>;
  count(filter: TaskFilter): Promise<Readonly<Record<string, number>>>;
  /** Trees that were created under this key by this user. */
  findByIdempotencyKey(userId: string, key: string): Promise<TreeId | undefined>;
  /** Trees whose run has started and not ended, oldest first. */
  listIncomplete(): Promise<readonly TreeId[]>;

  /** Durable position of a named subscriber in a tree's log; 0 when unknown. */
  loadCursor(subscriberId: string, treeId: TreeId): Promise<number>;
  saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void>;

  /** For `system.health`: throws when the store can not be read. */
  ping(): Promise<void>;
}
