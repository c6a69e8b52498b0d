/** Commands: requests that `decide` turns into events or refuses. Each is plain data; the shell adds time and outside facts in `DecideContext`. */
import type { Declares } from '../task/declared-inputs.ts';
import type {
  BackoffFunction,
  CutPart,
  Json,
  JsonObject,
  MergeFunction,
  SignalHandlerFunction,
  TaskError,
  TaskId,
  TreeId,
} from '@coppice/extension';
import type { Outcome } from '../errors/rejection.ts';
import type { ExpressionEvaluator } from '../ports/expressions.ts';
import type { SchemaChecker } from '../ports/schemas.ts';
import type { BreakerReport } from '../schedule/breaker-state.ts';
import type { TaskDefinition, TreeDefinition } from '../task/task.ts';
import type { Actor } from './actor.ts';
import type { SecretScope } from './secret-marks.ts';
import type { SecretReference } from './secret-reference.ts';

/** Outcome of a successful attempt, as the executor returned it. */
export interface CompletedOutcome {
  readonly output: Json;
  readonly port?: string | undefined;
  /** Where secrets stand in the output. */
  readonly secrets?: readonly SecretReference[] | undefined;
  /** Texts of the output that were cut at a limit. */
  readonly cut?: readonly CutPart[] | undefined;
  /** Of a wait: the number of the signal that ends it. */
  readonly signal?: number | undefined;
  /** What the task writes to variables. */
  readonly patch?: JsonObject | undefined;
}

/** What an attempt returned, and the tasks that its executor adds: with `parent` as the parent of those at the top. */
export interface ReturnedOutcome extends CompletedOutcome {
  readonly adding?: { readonly parent: TaskId; readonly tasks: readonly TaskDefinition[] } | undefined;
}

/** `actor`, of a command that somebody sends: who sends it. It is stored with the events that the command asks for. */
export type RunCommand =
  /** Start the run: the whole tree, or these tasks with their sub-trees and what they need. */
  | {
      readonly type: 'execute';
      readonly taskIds?: readonly TaskId[] | undefined;
      readonly inputs?: JsonObject | undefined;
      readonly actor?: Actor | undefined;
    }
  /** Admission has picked these ready tasks. Only the engine's admission sends it. Tasks that are left when the turn is over stay ready. */
  | { readonly type: 'start'; readonly taskIds: readonly TaskId[] }
  /** A breaker keeps these ready tasks back, and they do not wait for it. Only the engine's admission sends it. */
  | {
      readonly type: 'turnAway';
      readonly taskIds: readonly TaskId[];
      readonly instead: 'fallback' | 'fail';
      /** Name of the gate. */
      readonly breaker: string;
      readonly report: BreakerReport;
    }
  | { readonly type: 'complete'; readonly taskId: TaskId; readonly attempt: number; readonly outcome: ReturnedOutcome }
  | { readonly type: 'fail'; readonly taskId: TaskId; readonly attempt: number; readonly error: TaskError }
  /** A limit of a running attempt has passed. */
  | {
      readonly type: 'timeout';
      readonly taskId: TaskId;
      readonly attempt: number;
      readonly limit: 'task' | 'heartbeat';
    }
  /** A limit of a whole task, or of its wait for a start, has passed. `gate`: what keeps it from starting now. */
  | { readonly type: 'deadline'; readonly taskId: TaskId; readonly gate?: string | undefined }
  /** The run's budget has passed. */
  | { readonly type: 'runTimeout' }
  /** A signal has come, for whoever waits for it, or will. */
  | {
      readonly type: 'signal';
      readonly name: string;
      readonly payload: Json;
      /** The same one twice is one signal. */
      readonly id?: string | undefined;
      readonly actor?: Actor | undefined;
    }
  /** Somebody ends a wait for a signal. */
  | {
      readonly type: 'answer';
      readonly taskId: TaskId;
      /** Of an approval. */
      readonly approved?: boolean | undefined;
      /** What the form asks for; of a wait for a signal its payload. */
      readonly values?: Json | undefined;
      readonly comment?: string | undefined;
      readonly actor: Actor;
      /** The actor may answer every wait. */
      readonly isAdmin: boolean;
      readonly id?: string | undefined;
    }
  /** A waiting task's due time has passed. */
  | { readonly type: 'due'; readonly taskId: TaskId }
  | {
      readonly type: 'progress';
      readonly taskId: TaskId;
      readonly attempt: number;
      readonly fraction?: number | undefined;
      readonly message?: string | undefined;
    }
  | {
      readonly type: 'record';
      readonly taskId: TaskId;
      readonly attempt: number;
      readonly key: string;
      readonly occurrence: number;
      readonly value: Json;
      readonly secrets?: readonly SecretReference[] | undefined;
    }
  /** Cancel the run, or a task and its sub-tree. */
  | {
      readonly type: 'cancel';
      readonly taskId?: TaskId | undefined;
      readonly reason?: string | undefined;
      readonly actor?: Actor | undefined;
    }
  /** A person completes or skips a task in the place of its executor. What is open in a group is skipped with it. */
  | {
      readonly type: 'endByHand';
      readonly taskId: TaskId;
      readonly ending:
        | { readonly status: 'completed'; readonly output: Json; readonly port?: string | undefined }
        | { readonly status: 'skipped' };
      readonly reason?: string | undefined;
      readonly actor?: Actor | undefined;
    }
  /** Nothing of the run, or of a task and its sub-tree, starts until it is resumed. */
  | {
      readonly type: 'pause';
      readonly taskId?: TaskId | undefined;
      readonly reason?: string | undefined;
      /** After this time, ms, attempts that still run are released; 0: at once. Undefined: they end by themselves. */
      readonly drainTimeoutMs?: number | undefined;
      /** Types of executors that do not allow another try: their attempts end by themselves all the same. */
      readonly failing: readonly string[];
      readonly actor?: Actor | undefined;
    }
  /** The time that a pause gave to attempts has passed. */
  | { readonly type: 'drained'; readonly taskId: TaskId; readonly failing: readonly string[] }
  | {
      readonly type: 'resume';
      readonly taskId?: TaskId | undefined;
      readonly reason?: string | undefined;
      readonly actor?: Actor | undefined;
    }
  /** The process that ran these attempts is gone. */
  | {
      readonly type: 'interrupt';
      readonly reason: 'crash' | 'shutdown';
      /** Types of executors that do not allow another try: their attempts fail. Attempts of all other executors are tried again. */
      readonly failing: readonly string[];
      /** The attempts to interrupt. Those that are not running any more are ignored. Default: all running attempts. */
      readonly attempts?: readonly { readonly taskId: TaskId; readonly attempt: number }[] | undefined;
    }
  /** Re-open a run that has ended. */
  | {
      readonly type: 'retry';
      readonly mode: 'start' | 'failure' | 'task';
      readonly taskId?: TaskId | undefined;
      readonly cascade?: boolean | undefined;
      readonly inputs?: JsonObject | undefined;
      readonly actor?: Actor | undefined;
    }
  | { readonly type: 'update'; readonly definition: TaskDefinition; readonly actor?: Actor | undefined }
  | { readonly type: 'delete'; readonly taskId: TaskId; readonly actor?: Actor | undefined };

/** What the first event of a tree records beside the definition. */
export interface CreateCommand {
  readonly definition: TreeDefinition;
  readonly userId: string;
  readonly seed: string;
  readonly idempotencyKey?: string | undefined;
  readonly actor?: Actor | undefined;
}

/** What a run may grow to. */
export interface GrowthLimits {
  /** Members that one group makes at once. */
  readonly itemsMax: number;
  /** Tasks that a run has at once when tasks are added to it. */
  readonly tasksMax: number;
}

export const GROWTH_DEFAULTS: GrowthLimits = { itemsMax: 10_000, tasksMax: 100_000 };

/** A tree as checks of a change to it need it. */
export interface StoredTree {
  readonly tasks: readonly TaskDefinition[];
  readonly inputs: JsonObject;
  readonly variables: JsonObject;
  readonly declares: Declares | undefined;
}

/** Facts from outside, given to `decide`. */
export interface DecideContext {
  /** Epoch ms. Event times are the larger of this and the last event's time. */
  readonly nowMs: number;
  readonly expressions: ExpressionEvaluator;
  readonly schemas: SchemaChecker;
  /** Contributed backoff functions by name. */
  readonly backoffs: ReadonlyMap<string, BackoffFunction>;
  /** Contributed merges of variables by name; undefined: there are none. */
  readonly merges?: ReadonlyMap<string, MergeFunction> | undefined;
  /** Handlers of signals that extensions contribute, by the name of the signal. What they answer changes no more. Undefined: there are none. */
  readonly signalHandlers?: ReadonlyMap<string, SignalHandlerFunction> | undefined;
  /** Types of executors that do not allow another try; undefined: none. */
  readonly failingExecutors?: (() => readonly string[]) | undefined;
  /** The checked definition of a task with other inputs; undefined: no signal can update a task. */
  readonly updated?: ((tree: StoredTree, taskId: TaskId, inputs: JsonObject) => Outcome<TaskDefinition>) | undefined;
  /** Environment values that expressions may read (`env`), already allow-listed. */
  readonly env: JsonObject;
  /** The secrets that expressions may name. Holds names only, never values. */
  readonly secrets: SecretScope;
  /** Default limit of one attempt, ms; 0: none. */
  readonly defaultTimeoutMs: number;
  /** Absent: `GROWTH_DEFAULTS`. */
  readonly growth?: GrowthLimits | undefined;
  /** True when this turn has taken so long that the remaining starts should wait for the next one; undefined: never. */
  readonly isTurnOver?: (() => boolean) | undefined;
  /** The output that a running attempt has produced so far, without secrets; undefined when the executor tells nothing. */
  readonly partialOutput?: ((treeId: TreeId, taskId: TaskId) => Json | undefined) | undefined;
}
