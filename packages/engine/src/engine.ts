/**
 * The engine: the imperative shell around the pure core. This file is its public face; `create-engine.ts` builds it.
 *
 * Every request that can be refused answers an `Outcome`; nothing is thrown for a caller's fault.
 * An answer `ok` means that the events behind it are durable.
 */
import type {
  Clock,
  CopyOptions,
  GateLimits,
  GateUse,
  Json,
  JsonObject,
  Outcome,
  RunEvent,
  RunStatus,
  Store,
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
import type { ExtensionRegistry } from './registry/extension-registry.ts';
import type { Logger } from './logger.ts';
import type { CutLog, QuarantinedRun } from './quarantine.ts';

/** Limits of an engine: its gates, and the bounds of what may be submitted. */
export interface EngineLimits extends GateLimits {
  /** Unfinished tasks of active runs beyond which new runs are refused with `limit/refused`. Default 5,000,000. */
  readonly maxOpenTasks?: number | undefined;
  /** Tasks of one submission. Default 1,000,000. */
  readonly maxTreeTasks?: number | undefined;
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
  /** How long an aborted attempt may take to end before it is left behind, ms. Default 5000. */
  readonly cancelGraceMs?: number;
  /** Ageing: after this wait, ms, a ready task is admitted one priority class higher. Default 10000. */
  readonly ageingMs?: number;
  /** Events between two snapshots of a run. Default 200; 0: none. */
  readonly snapshotEvery?: number;
  /** Environment variables that tasks may read: expressions as `env`, executors as `ctx.env`. undefined: allowed, but not set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Absolute folder that relative paths in inputs start from, for submissions that name none. Default: the working directory. */
  readonly baseDir?: string;
  /** Values that expressions may use under `secrets`; they reach executors, and are never stored or logged. */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Called once when the engine has failed for good: it executes and stores nothing any more, and `stop` is all that is left.
   * The log is sound; a new process goes on from there.
   */
  readonly onFailed?: (error: unknown) => void;
}

export interface CreateOptions {
  readonly userId: string;
  /** A second create with the same user and key answers the first tree. */
  readonly idempotencyKey?: string | undefined;
  /** Give the tasks new ids and use the submitted ones as references only. */
  readonly reidentify?: boolean | undefined;
}

export interface RecoveredRun {
  readonly treeId: TreeId;
  /** Attempts that the former process left open. */
  readonly interrupted: number;
}

export type RetryMode = 'failure' | 'start' | 'task';

/** Why a task is not running now; `blockedBy` is empty for one that runs or has ended. */
export interface Explanation {
  readonly taskId: TaskId;
  readonly status: TaskStatus;
  /** One sentence for people. */
  readonly summary: string;
  readonly blockedBy: readonly Blocker[];
}

export type Blocker =
  | { readonly kind: 'dependency'; readonly taskId: TaskId; readonly name: string; readonly status: TaskStatus }
  | { readonly kind: 'group'; readonly taskId: TaskId; readonly name: string; readonly status: TaskStatus }
  | { readonly kind: 'gate'; readonly gate: string; readonly used: number; readonly limit: number }
  | { readonly kind: 'delay'; readonly dueAtMs: number; readonly reason: 'retry' | 'notBefore' }
  | { readonly kind: 'run'; readonly status: RunStatus };

/** One attempt of a task, from its events. */
export interface Attempt {
  readonly attempt: number;
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled' | 'interrupted';
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly input: JsonObject;
  /** Of a completed attempt; of a cancelled one what it had produced until then, if it told. */
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

/** Progress of a run: (terminal tasks) / (selected tasks). */
export interface RunProgress {
  readonly treeId: TreeId;
  readonly seq: number;
  readonly status: RunStatus;
  readonly total: number;
  readonly counts: Readonly<Record<TaskStatus, number>>;
  /** 0 to 1. */
  readonly fraction: number;
  /** Estimated ms to the end; null while unknown. */
  readonly etaMs: number | null;
}

export interface SubscribeOptions {
  /** Absent: all trees (of `userId` if given). */
  readonly treeId?: TreeId | undefined;
  readonly userId?: string | undefined;
  /** With `treeId`: replay stored events after this first. Default: live only. */
  readonly afterSeq?: number | undefined;
}

/**
 * Why nothing more comes: the subscribed tree's run has ended, it was deleted, the engine stops, or the subscription itself failed, because
 * the subscriber threw or what it should get can not be read. A failed one is logged; subscribe again after the last event to go on.
 */
export type SubscriptionEnd = 'runEnded' | 'deleted' | 'shutdown' | 'failed';

/**
 * Receives events in commit order, per tree without gap. What it returns is waited for if it is a promise, and of no interest otherwise:
 * the next call waits, and a slow subscriber is served from the log. One that throws or rejects has failed.
 */
export interface Subscriber {
  event(treeId: TreeId, event: RunEvent): unknown;
  progress?(progress: RunProgress): unknown;
  /** The tree and its log are gone. Nothing of it comes any more. */
  deleted?(treeId: TreeId): unknown;
  /** Called last, not after `unsubscribe`; after `runEnded` more comes only if the run is opened again. */
  end?(reason: SubscriptionEnd): unknown;
}

/** Which failures of a run are asked for. */
export interface FailureQuery {
  /** true: only those that did not fail the run; false: only those that did. Absent: all. */
  readonly isTolerated?: boolean | undefined;
  /** Only tasks declared after this position. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export interface FailurePage {
  readonly items: readonly FailedTask[];
  /** All that were asked for, on whatever page. */
  readonly total: number;
  /** Position to go on after; absent on the last page. */
  readonly next?: number;
}

/** A task that failed for good. */
export interface FailedTask {
  readonly taskId: TaskId;
  readonly name: string;
  readonly attempt: number;
  readonly endedAtMs: number;
  readonly error: TaskError;
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
  readonly runningTasks: number;
  readonly readyTasks: number;
  /** Ms since the last successful commit; null before the first. */
  readonly lastCommitAgeMs: number | null;
  /** Set while commits fail. */
  readonly storeError: string | null;
  /** What the store has, by name: `storage/unavailable` while it may pass. */
  readonly storeErrorCode: string | null;
  /** Runs that are set aside. */
  readonly quarantined: readonly QuarantinedRun[];
  /** Logs that go on without their end, which was cut off; since the engine was started. */
  readonly cutLogs: readonly CutLog[];
}

export interface StartOptions {
  /** false: incomplete runs are left alone until the next start; what this engine is asked to run, it runs. Default true. */
  readonly recover?: boolean;
  /** Called when the store is open and requests are answered, before anything is executed again; what it throws ends the start. */
  readonly opened?: () => void | Promise<void>;
}

export interface Engine {
  /** Opens the store and continues every incomplete run. Calling it twice is harmless. */
  start(options?: StartOptions): Promise<readonly RecoveredRun[]>;
  /** Stops admitting, aborts what runs after `graceMs` (its tasks are ready again for the next start), flushes, closes. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;

  /** Everything wrong with a submission; empty: it can be created. Stores nothing. */
  validate(submission: TreeSubmission, options?: Pick<CreateOptions, 'reidentify'>): Promise<readonly Violation[]>;
  create(submission: TreeSubmission, options: CreateOptions): Promise<Outcome<TreeId>>;
  /** Starts the run of a tree (root id), or of one task with its sub-tree and what they need; `only`: of the tasks with these keys instead. */
  execute(
    taskId: TaskId,
    options?: { readonly inputs?: JsonObject | undefined; readonly only?: readonly string[] | undefined },
  ): Promise<Outcome<{ readonly treeId: TreeId; readonly status: RunStatus }>>;
  /** Resolves when the run has ended; at once when it is not active. Undefined: unknown tree. */
  settled(treeId: TreeId): Promise<RunStatus | undefined>;
  /** Copies a task (spec: "Copy"). With `save: false` answers the submission instead. */
  copy(taskId: TaskId, options: CopyOptions & { readonly userId: string }): Promise<Outcome<TreeId>>;
  previewCopy(taskId: TaskId, options: CopyOptions): Promise<Outcome<readonly TaskSubmission[]>>;
  /** Dependents missing from a selection of a stored tree, direct and transitive. */
  checkSelection(
    rootId: TaskId,
    taskIds: readonly TaskId[],
  ): Promise<Outcome<readonly { readonly taskId: TaskId; readonly via: TaskId }[]>>;
  /** Cancels a run (root id) or a task with its sub-tree. `force`: do not wait for executors to end. */
  cancel(
    taskId: TaskId,
    options?: { readonly reason?: string | undefined; readonly force?: boolean | undefined },
  ): Promise<Outcome<{ readonly status: TaskStatus }>>;
  retry(
    taskId: TaskId,
    options: {
      readonly mode: RetryMode;
      readonly cascade?: boolean | undefined;
      readonly inputs?: JsonObject | undefined;
    },
  ): Promise<Outcome<{ readonly treeId: TreeId; readonly status: RunStatus }>>;
  update(taskId: TaskId, patch: UpdatePatch): Promise<Outcome<TaskId>>;
  /** Answers the number of deleted tasks. */
  delete(taskId: TaskId): Promise<Outcome<number>>;
  explain(taskId: TaskId): Promise<Outcome<Explanation>>;
  attempts(taskId: TaskId): Promise<Outcome<readonly Attempt[]>>;
  /** The failures of a run in declared order, page by page; those that did not fail it say why. */
  failures(treeId: TreeId, query: FailureQuery): Promise<Outcome<FailurePage>>;
  /** Stored events with `seq > afterSeq`, in order, at most `limit`. Unknown tree: empty. */
  events(
    treeId: TreeId,
    range: { readonly afterSeq: number; readonly limit: number },
  ): Promise<Outcome<readonly RunEvent[]>>;
  running(): readonly RunningTask[];
  progress(treeId: TreeId): Promise<RunProgress | undefined>;

  /** Answers the unsubscribe function. */
  subscribe(options: SubscribeOptions, subscriber: Subscriber): () => void;

  health(): Promise<Health>;
  gates(): readonly GateUse[];
  /** What is shown of trees and tasks. */
  readonly index: TreeIndex;
  readonly registry: ExtensionRegistry;
}
