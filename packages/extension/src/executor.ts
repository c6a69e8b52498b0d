/** Executors: the code that does tasks' work. */
import type { CutPart } from './cut-part.ts';
import type { TaskId, TreeId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';

/** A schema for inputs or outputs: plain JSON Schema (2020-12), or any Standard Schema (zod, valibot, arktype, …). */
export type ValueSchema = JsonObject | StandardSchema;

/** The part of Standard Schema v1 (https://standardschema.dev) that Coppice uses. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** Standard JSON Schema extension; without it `executors.get` shows no schema. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => Record<string, unknown> };
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
      }[];
    };

/** Structured log lines of one attempt: in the log of the task, and in that of the server. Secrets are redacted before they are written. */
export interface TaskLogger {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

/** A seeded generator: the same run seed, task, attempt and purpose give the same numbers. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
}

/** What an executor knows about its attempt. */
export interface ExecutorContext {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly taskName: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Position in the declared tree, e.g. `0.3.1`. */
  readonly orderKey: string;
  /** The same for every try of the same activation: hand it to the outside system. */
  readonly idempotencyKey: string;
  /** Absolute folder that relative paths in the input start from: that of the definition file, unless the submission says otherwise. */
  readonly baseDir: string;
  /** Outputs of the dependencies that fired, under the id or name they were referred to by; of a task that failed `{ error, attempts }`. */
  readonly dependencies: JsonObject;
  /** Seeded by run, task and attempt. */
  readonly random: SeededRandom;
  /** Current time, epoch ms, by the engine's clock. */
  nowMs(): number;
  /** Aborted on cancel, time-out and shutdown; `signal.reason` says which. */
  readonly signal: AbortSignalLike;
  readonly logger: TaskLogger;
  /** Reports progress; `fraction` in [0, 1]. Coalesced; never fails. */
  progress(fraction: number, message?: string): void;
  /** Tells that the attempt is alive (see the policy `heartbeatTimeoutMs`). */
  heartbeat(): void;
  /** Variables of the server's environment that the configuration lets tasks read (`env`), each an own key; undefined: not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Writes to the log of the task, which people follow while the task works. Lines end with a line break; bytes are UTF-8. A sign of life.
   * The newest lines of an attempt are kept (10 million characters); secrets are hidden. Never fails, never waits. Default `stdout`.
   */
  stream(chunk: string | Uint8Array, name?: 'stdout' | 'stderr'): void;
  /** Says how to read what the attempt has produced so far. Read once, when a time-out or a cancel ends the attempt, and kept as evidence of it. */
  partialOutput(read: () => Json): void;
  /** Runs `fn` and stores its value durably before going on; a later try of the same activation gets the stored value and `fn` is not called. */
  record<T extends Json>(key: string, fn: () => T | Promise<T>): Promise<T>;
}

/** The part of `AbortSignal` that the contract promises; at run time it is a real `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
  throwIfAborted(): void;
}

/** What an executor may return instead of a plain output: `outcome({...})`. */
export interface ExecutorOutcome {
  readonly output: Json;
  /** A declared port; absent: the primary one. */
  readonly port?: string;
  /** Texts of the output that are not whole: people see it, and expressions that read them fail. */
  readonly cut?: readonly CutPart[];
  /** What the task writes to variables of the tree, by their names. Each must be declared; secrets are refused. Tasks of the same outcome see it. */
  readonly patch?: JsonObject;
  /**
   * Tasks to do now: they become members of the task, which is a group from then on and ends when they have ended. Written as in
   * `tasks.create`, without a root; they depend on each other only, and read the input of the attempt as `inputs`. What is wrong with
   * them fails the attempt for good, with `tree/invalid`. An output that is null is made of theirs, by key.
   */
  readonly tasks?: readonly TaskToAdd[];
}

/** A task as in `tasks.create`; the engine checks it. */
export interface TaskToAdd {
  readonly id?: string;
  readonly name?: string;
  readonly parentId?: string;
  readonly executor?: string;
  readonly inputs?: JsonObject;
  readonly dependencies?: readonly (string | (JsonObject & { readonly task: string }))[];
  readonly policies?: JsonObject;
  readonly [field: string]: Json | undefined;
}

const outcomeBrand = Symbol.for('coppice.ExecutorOutcome');

/** Marks a return value as an outcome with a port. */
export function outcome(value: ExecutorOutcome): ExecutorOutcome {
  return { ...value, [outcomeBrand]: true } as ExecutorOutcome;
}

/** True for a value made by `outcome`, by any loaded copy of this package. */
export function isOutcome(value: unknown): value is ExecutorOutcome {
  return typeof value === 'object' && value !== null && outcomeBrand in value;
}

/** `pure`: no effect outside; `recorded`: effects go through `ctx.record`; `external`: needs the idempotency key. */
export type Effects = 'pure' | 'recorded' | 'external';

/** An executor: does the work of the tasks that name its type. */
export interface Executor {
  /** Unique name that tasks refer to, e.g. `command`. */
  readonly type: string;
  /** One line for people. */
  readonly description: string;
  readonly input?: ValueSchema;
  readonly output?: ValueSchema;
  /** Named outputs beside the primary one; `dynamic`: any. Default none. */
  readonly ports?: readonly string[] | 'dynamic';
  readonly effects: Effects;
  /** What happens to an attempt that a crash interrupted: tried again under the same idempotency key, or failed. Default `retry`. */
  readonly onCrash?: 'retry' | 'fail';
  /** Attempts of this type that may run at once in one engine; absent or 0: unlimited. Configuration may override it. */
  readonly concurrency?: number;
  /** What the executor offers, for `capabilities` of tasks. */
  readonly capabilities?: readonly string[];
  /**
   * Whether a task can make this executor do what only the server's own account may do: run a program or a module that the task
   * names, read a file of the server, reach its network. `true`: every task can. A function says it of a task by its inputs as they
   * are defined, before expressions are evaluated, and by the input keys that its dependencies supply. Absent: none can.
   * The role `user` may not submit such tasks, unless the configuration allows it (`roles.user.executors`).
   */
  readonly actsAsServer?: boolean | ((inputs: JsonObject, suppliedKeys: readonly string[]) => boolean);
  /** Variables of the server's environment that a task with these inputs asks for; a task that asks for others than the configuration allows (`env`) is refused. Absent: none. */
  readonly envOf?: (inputs: JsonObject) => readonly string[];
  /** A definition of example inputs, shown by `coppice executors show`. */
  readonly example?: JsonObject;
  /** Does the work. Throw `RetryableError` or `TerminalError`; any other throw is retryable. The value returned must be JSON (undefined counts as null). */
  execute(input: JsonObject, ctx: ExecutorContext): unknown;
  /**
   * Called at the next start for each attempt that a killed process left open, before it is tried again or failed: ends what still runs of
   * it outside, or waits for that. `ctx.record` answers what the attempt recorded; the signal is aborted when the attempt is cancelled.
   * Until it resolves the attempt keeps its places at all gates. Must be harmless when nothing is left, and when it is called again.
   */
  reclaim?(input: JsonObject, ctx: ExecutorContext): void | Promise<void>;
  /** Called after the signal was aborted; for executors whose work the signal can not stop. */
  cancel?(ctx: { readonly treeId: TreeId; readonly taskId: TaskId; readonly attempt: number }): void | Promise<void>;
  /** Called once when the extension is unloaded or the engine stops. */
  close?(): void | Promise<void>;
}
