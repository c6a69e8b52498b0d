/** Port: reads the rows of trees and tasks. Code that only shows things gets this port alone. A read sees whole appends, and blocks none. */
import type { Actor } from '../run/actor.ts';
import type { RunResult } from '../run/event.ts';
import type { CutPart, Json, JsonObject, TaskError, TaskId, TreeId } from '@coppice/extension';
import type { PauseFacts } from '../run/facts.ts';
import type { StatusCounts } from '../run/state.ts';
import type { ShownDefinition } from '../task/shown-definition.ts';
import type { RunStatus, TaskStatus } from '../task/status.ts';
import type { RunPolicies } from '../task/task.ts';

/** Why something ended as it did. */
export interface ShownReason {
  readonly code: string;
  readonly message: string;
  /** Who caused it; absent: nobody, or the events do not say. */
  readonly by?: Actor;
}

/** The execution of a task so far. Times are epoch ms. */
export interface TaskExecution {
  readonly status: TaskStatus;
  readonly attempt: number;
  /** Resolved input of the last attempt. */
  readonly input: JsonObject | null;
  readonly output: Json;
  readonly outputPort: string | null;
  /** Texts of the output that were cut at a limit. */
  readonly cut: readonly CutPart[] | null;
  readonly error: TaskError | null;
  /** Why the task was skipped, cancelled or completed by hand. */
  readonly reason: ShownReason | null;
  readonly dueAtMs: number | null;
  readonly readyAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly progress: number | null;
  readonly progressMessage: string | null;
  readonly reused: boolean;
}

/** The row of a task: definition and execution in one flat object. */
export interface TaskRecord extends ShownDefinition, TaskExecution {
  readonly treeId: TreeId;
  /** Declared position in the tree. */
  readonly index: number;
}

/** The row of a tree. */
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
  readonly reason: ShownReason | null;
  /** What the run ended with, beside its status. */
  readonly result: RunResult | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** While the run is paused: as it was when that began. */
  readonly deadlineAtMs: number | null;
  /** What is paused of it, in the order in which that began; null: nothing. */
  readonly pauses: readonly PauseFacts[] | null;
}

/**
 * Filters of a listing. All given filters must match. `search` is a part of the name (case does not matter), or the beginning of the
 * tree's id with at least 4 characters.
 */
export interface TaskFilter {
  readonly status?: readonly (TaskStatus | RunStatus)[];
  readonly userId?: string;
  /** true: list roots only. The status of a root is that of its run. */
  readonly rootOnly: boolean;
  /** Only tasks of these trees. */
  readonly treeIds?: readonly string[];
  readonly search?: string;
  readonly tag?: string;
  /** Only tasks of trees that were created before this time, epoch ms. */
  readonly createdBeforeMs?: number;
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

export interface TreeIndex {
  findTree(treeId: TreeId): Promise<TreeRecord | undefined>;
  findTask(taskId: TaskId): Promise<TaskRecord | undefined>;
  /** The given ids that exist. */
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
}
