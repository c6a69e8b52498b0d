/**
 * The engine: the imperative shell around the pure core. This file is its public interface; `create-engine.ts` builds it.
 *
 * Every request that can be refused answers an `Outcome`; nothing is thrown for a caller's fault.
 * An answer `ok` means that the events behind it are durable.
 */
import type {
  Actor,
  Clock,
  CopyOptions,
  FailureLadder,
  GateLimits,
  GateUse,
  Json,
  JsonObject,
  Outcome,
  RunCommand,
  RunEvent,
  RunStatus,
  Store,
  TaskDefinition,
  TaskError,
  TaskId,
  TaskStatus,
  TaskSubmission,
  TreeId,
  TreeIndex,
  TreeSubmission,
  UpdatePatch,
  Violation,
} from '@coppice/core';
import type { Explanation } from './explanation.ts';
import type { SubscribeOptions, Subscriber } from './subscriber.ts';
import type { Entry, SubmissionLimits } from './submissions.ts';
import type { Holds, Limits } from './what-may-start.ts';
import type { ExtensionRegistry } from './registry/extension-registry.ts';
import type { GroupProgress, PastRequests, RunFigures, RunProgress } from './shown-run.ts';
import type { LogRequests } from './logs/log-query.ts';
import type { LogLimits } from './logs/log-writer.ts';
import type { Logger } from './logger.ts';
import type { TransferRequests } from './transfers.ts';
import type { WaitRequests } from './waits.ts';
import type { CutLog, QuarantinedRun } from './quarantine.ts';

/** Limits of an engine: its gates, and the size of submissions. */
export interface EngineLimits extends GateLimits {
  /** Most open tasks of all active runs. Beyond it new runs are refused with `limit/refused`. Default 5,000,000. */
  readonly maxOpenTasks?: number | undefined;
  /** Runs that may wait for their first start, and what becomes of a request for one more. */
  readonly submissions?: SubmissionLimits | undefined;
  /** Most tasks of one submission. Default 1,000,000. */
  readonly maxTreeTasks?: number | undefined;
  /** Most members that one group makes at once. Default 10,000. */
  readonly maxItems?: number | undefined;
  /** Most tasks that a run has at once when tasks are added to it. Default 100,000. */
  readonly maxRunTasks?: number | undefined;
}

export interface EngineOptions {
  readonly store: Store;
  readonly registry: ExtensionRegistry;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Makes ids of trees; default: UUID v7. */
  readonly newId?: () => string;
  readonly logger?: Logger;
  readonly limits?: EngineLimits;
  /** Default limit of one attempt, ms; 0 (default): none. */
  readonly defaultTimeoutMs?: number;
  /** Longest wait for an aborted attempt to end, ms. After it the engine goes on without the attempt. Default 5000. */
  readonly cancelGraceMs?: number;
  /** Ageing: after this wait, ms, a ready task is admitted one priority class higher. Default 10000. */
  readonly ageingMs?: number;
  /** After this time, ms, without a start of any of them, subscribers are told of tasks that a gate keeps waiting. Default 60000; 0: never. */
  readonly starvingAfterMs?: number;
  /** Events between two snapshots of a run. Default 200; 0: none. */
  readonly snapshotEvery?: number;
  /** Characters that are kept of what tasks print, the newest. Default 10 million of an attempt, 256 million of a tree. */
  readonly logLimits?: Partial<LogLimits>;
  /** Environment variables that tasks may read: expressions as `env`, executors as `ctx.env`. undefined: allowed, but not set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Absolute folder that relative paths in inputs start from, for submissions that name none. Default: the working directory. */
  readonly baseDir?: string;
  /** Values that expressions may use under `secrets`; they reach executors, and are never stored or logged. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Why a user may not have tasks that an executor adds to a tree of theirs; undefined: the user may. Default: all may. */
  readonly refuseAdded?: (userId: string, tasks: readonly TaskDefinition[]) => string | undefined;
  /**
   * Called once when the engine can not go on: it executes and stores nothing any more, and only `stop` may be called.
   * The log is sound, so a new process can go on from there.
   */
  readonly onFailed?: (error: unknown) => void;
}

export interface CreateOptions {
  readonly userId: string;
  /** A second create with the same user and key answers the first tree. */
  readonly idempotencyKey?: string | undefined;
  /** Give the tasks new ids and use the submitted ones as references only. */
  readonly reidentify?: boolean | undefined;
  /** The run begins at once: inputs that are required must be there before anything is stored. Default false. */
  readonly isExecuted?: boolean | undefined;
  /** Who asks. Default: nobody whom the event would name. */
  readonly actor?: Actor | undefined;
}

/** Who asks for a change of a tree; the events that the change itself makes name the actor. */
export interface ChangeOptions {
  readonly actor?: Actor | undefined;
}

export interface RecoveredRun {
  readonly treeId: TreeId;
  /** Number of attempts that the former process left open. */
  readonly interrupted: number;
}

export interface PauseOptions extends ChangeOptions {
  /** Shown to whoever asks why nothing starts. */
  readonly reason?: string | undefined;
  /** After this time, ms, attempts that still run are released: aborted, and ready again. 0: at once. Default: they end by themselves. */
  readonly drainTimeoutMs?: number | undefined;
}

export interface PauseChange {
  readonly treeId: TreeId;
  /** Of the run. */
  readonly status: RunStatus;
  /** Of what was asked for; undefined: it is not paused by itself. */
  readonly paused: 'pausing' | 'paused' | undefined;
}

export type RetryMode = 'failure' | 'start' | 'task';

/** A request for a whole tree, as `preview` takes it. */
export type TreeAction =
  | { readonly type: 'cancel' }
  | { readonly type: 'retry'; readonly mode: 'failure' | 'start' }
  | { readonly type: 'delete' };

/** One attempt of a task, from its events. */
export interface Attempt {
  readonly attempt: number;
  /** `skipped`: a person skipped the task meanwhile. */
  readonly status: 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'interrupted';
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly input: JsonObject;
  /** Output of a completed attempt. For a cancelled attempt the output so far, if the executor told it. */
  readonly output?: Json;
  readonly error?: TaskError;
  /** Set when another attempt follows: the delay before it and its due time. */
  readonly retryDelayMs?: number;
  readonly retryAtMs?: number;
}

export interface RunningTask {
  readonly taskId: TaskId;
  readonly treeId: TreeId;
  readonly name: string;
  readonly executor: string;
  readonly userId: string;
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly progress: number | null;
  readonly progressMessage: string | null;
}

/** A query for failures of a run. */
export interface FailureQuery {
  /** true: only failures that did not fail the run; false: only those that did. Absent: all. */
  readonly isTolerated?: boolean | undefined;
  /** Only tasks declared after this position. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export interface FailurePage {
  readonly items: readonly FailedTask[];
  /** Number of failures on all pages. */
  readonly total: number;
  /** Value of `after` for the next page; absent on the last page. */
  readonly next?: number;
}

/** A task that failed for good. */
export interface FailedTask {
  readonly taskId: TaskId;
  readonly name: string;
  readonly attempt: number;
  readonly endedAtMs: number;
  readonly error: TaskError;
  readonly ladder: FailureLadder;
  readonly toleration?: {
    readonly how: 'allowed' | 'handled';
    readonly by: { readonly taskId: TaskId; readonly name: string };
  };
}

export interface Health {
  readonly status: 'ok' | 'degraded' | 'failed';
  readonly live: boolean;
  readonly ready: boolean;
  readonly activeRuns: number;
  /** Runs that are pausing or paused. */
  readonly pausedRuns: number;
  /** Holds in force. */
  readonly holdCount: number;
  readonly runningTasks: number;
  readonly readyTasks: number;
  /** Ms since the last successful commit; null before the first. */
  readonly lastCommitAgeMs: number | null;
  /** Set while commits fail. */
  readonly storeError: string | null;
  /** Code of the store's fault. `storage/unavailable`: the fault may pass. */
  readonly storeErrorCode: string | null;
  /** Runs that are set aside. */
  readonly quarantined: readonly QuarantinedRun[];
  /** Logs whose end was lost and whose run went on without it, since the engine was started. */
  readonly cutLogs: readonly CutLog[];
}

/** How a person ends a task. */
export type HandEnding = Extract<RunCommand, { readonly type: 'endByHand' }>['ending'];

export interface StartOptions {
  /** false: the engine does not continue incomplete runs, but executes the runs that it is asked for. Default true. */
  readonly recover?: boolean;
  /** Called when the store is open and requests are answered, before anything is executed. If it throws, the start fails. */
  readonly opened?: () => void | Promise<void>;
}

export interface Engine extends PastRequests, WaitRequests, LogRequests, TransferRequests {
  /** Opens the store and continues every incomplete run. May be called twice. */
  start(options?: StartOptions): Promise<readonly RecoveredRun[]>;
  /** Stops starting tasks, aborts running attempts after `graceMs` (their tasks are ready at the next start), commits, and closes the store. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;

  /** Answers all violations of a submission; empty: the tree can be created. Stores nothing. */
  validate(submission: TreeSubmission, options?: Pick<CreateOptions, 'reidentify'>): Promise<readonly Violation[]>;
  create(submission: TreeSubmission, options: CreateOptions): Promise<Outcome<TreeId>>;
  /**
   * Waits for room where the submissions are bounded, before anything is stored. Refused: there is none in time. Whoever has room gives it to
   * `execute`, and calls `leave` when the request is over.
   */
  enter(): Promise<Outcome<Entry>>;
  /**
   * Starts the run of a tree (root id), or of one task with its sub-tree and its needs. `only`: run the tasks with these keys instead;
   * `taskIds`: those with these ids, of the same tree.
   */
  execute(
    taskId: TaskId,
    options?: ChangeOptions & {
      readonly inputs?: JsonObject | undefined;
      readonly only?: readonly string[] | undefined;
      readonly taskIds?: readonly TaskId[] | undefined;
      /** The room that `enter` has answered. Default: it is asked for. */
      readonly entry?: Entry | undefined;
    },
  ): Promise<Outcome<{ readonly treeId: TreeId; readonly status: RunStatus }>>;
  /** Waits until the run has ended; answers at once when it is not active. Undefined: unknown tree. */
  settled(treeId: TreeId): Promise<RunStatus | undefined>;
  /** Copies a task (spec: "Copy"). With `save: false` answers the submission instead. */
  copy(taskId: TaskId, options: CopyOptions & ChangeOptions & { readonly userId: string }): Promise<Outcome<TreeId>>;
  previewCopy(taskId: TaskId, options: CopyOptions): Promise<Outcome<readonly TaskSubmission[]>>;
  /** Dependents missing from a selection of a stored tree, direct and transitive. */
  checkSelection(
    rootId: TaskId,
    taskIds: readonly TaskId[],
  ): Promise<Outcome<readonly { readonly taskId: TaskId; readonly via: TaskId }[]>>;
  /**
   * Cancels a run (root id) or a task with its sub-tree. `force`: do not wait for executors to end. `taskCount`: number of cancelled tasks.
   */
  cancel(
    taskId: TaskId,
    options?: ChangeOptions & { readonly reason?: string | undefined; readonly force?: boolean | undefined },
  ): Promise<Outcome<{ readonly status: TaskStatus; readonly taskCount: number }>>;
  /**
   * Completes or skips a task in the place of its executor, whose attempt is aborted. What depends on the task goes on. What is open in a
   * group is skipped with it.
   */
  endByHand(
    taskId: TaskId,
    options: ChangeOptions & { readonly ending: HandEnding; readonly reason?: string | undefined },
  ): Promise<Outcome<{ readonly treeId: TreeId; readonly status: RunStatus; readonly taskCount: number }>>;
  /** Nothing of a run (root id), or of a task with its sub-tree, starts until it is resumed. Pausing what is paused changes nothing. */
  pause(taskId: TaskId, options?: PauseOptions): Promise<Outcome<PauseChange>>;
  /** Holds keep attempts from starting, in all runs, until they are released. What runs goes on, and so do all clocks. */
  readonly holds: Holds;
  readonly limits: Limits;
  /** Ends the pause of exactly this task. Resuming what is not paused changes nothing. */
  resume(taskId: TaskId, options?: Pick<PauseOptions, 'actor' | 'reason'>): Promise<Outcome<PauseChange>>;
  /** Opens a run again. `taskCount`: number of tasks that are pending again. */
  retry(
    taskId: TaskId,
    options: ChangeOptions & {
      readonly mode: RetryMode;
      readonly cascade?: boolean | undefined;
      readonly inputs?: JsonObject | undefined;
    },
  ): Promise<Outcome<{ readonly treeId: TreeId; readonly status: RunStatus; readonly taskCount: number }>>;
  update(taskId: TaskId, patch: UpdatePatch, options?: ChangeOptions): Promise<Outcome<TaskId>>;
  /** Answers the number of deleted tasks. `seq`: deletes a whole tree only if this is its last event. */
  delete(taskId: TaskId, options?: ChangeOptions & { readonly seq?: number | undefined }): Promise<Outcome<number>>;
  /** Answers the number of tasks that the action would cancel, reset or delete now, or why it would be refused. Changes nothing. */
  preview(treeId: TreeId, action: TreeAction): Promise<Outcome<number>>;
  explain(taskId: TaskId): Promise<Outcome<Explanation>>;
  attempts(taskId: TaskId): Promise<Outcome<readonly Attempt[]>>;
  /** The failures of a run in declared order, page by page. A failure that did not fail the run says why. */
  failures(treeId: TreeId, query: FailureQuery): Promise<Outcome<FailurePage>>;
  /** Stored events with `seq > afterSeq`, in order, at most `limit`. Unknown tree: empty. */
  events(
    treeId: TreeId,
    range: { readonly afterSeq: number; readonly limit: number },
  ): Promise<Outcome<readonly RunEvent[]>>;
  running(): readonly RunningTask[];
  progress(treeId: TreeId): Promise<RunProgress | undefined>;
  /** The figures of a run. `groups`: tasks below which the tasks are counted, too. */
  figures(treeId: TreeId, groups?: readonly TaskId[]): Promise<Outcome<RunFigures>>;
  /** How far the tasks below these are, or below all that have children. Unknown ids are left out. */
  groups(treeId: TreeId, taskIds: readonly TaskId[] | 'all'): Promise<Outcome<readonly GroupProgress[]>>;

  /** Answers the unsubscribe function. */
  subscribe(options: SubscribeOptions, subscriber: Subscriber): () => void;

  health(): Promise<Health>;
  gates(): readonly GateUse[];
  /** Reads the rows of trees and tasks. */
  readonly index: TreeIndex;
  readonly registry: ExtensionRegistry;
}
