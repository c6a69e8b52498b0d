/**
 * The task tree as Coppice works with it: validated, with defaults filled in and references resolved to ids.
 * A caller submits another shape (`submission.ts`: optional ids, names, dependencies as texts); `validate/` turns it into this one.
 */
import type { CutPart, Json, JsonObject, TaskError, TaskId, TreeId } from '@coppice/extension';
import type { SecretReference } from '../run/secret-reference.ts';
import type { BreakerPolicy } from './breaker-policy.ts';
import type { Declares } from './declared-inputs.ts';
import type { Resources } from './demands.ts';
import type { TaskKind } from './kind.ts';
import type { Given, MultiplierFields } from './multiplier.ts';
import type { ApprovalDefinition, WaitDefinition } from './wait.ts';

/** How a task's incoming edges combine (rule 3). Default `all`. */
export type Join = 'all' | 'any' | 'settled';

/** Outcome kinds that an edge can fire on (rule 2). Default `['success']`. */
export type Trigger = 'success' | 'failure' | 'skipped';

/** Which of a task's outgoing edges fire, of those whose filters hold. Default `all`. */
export type Fire = 'all' | 'first';

/** Priority class: 0 urgent, 1 high, 2 normal (default), 3 low. */
export type Priority = 0 | 1 | 2 | 3;

/** One edge of the dependency graph: the task with this dependency waits for `task`. */
export interface Dependency {
  readonly task: TaskId;
  /** The reference as it was written (an id or a name): the key of the source's output in the resolved input. */
  readonly ref: string;
  /** false: the edge fires as soon as its source is terminal, whatever the outcome. Default true. */
  readonly required: boolean;
  readonly on: readonly Trigger[];
  /** Named output of the source that must have been taken; absent: the primary one. */
  readonly port?: string;
  /** CEL expression over `output`, `error`, `status`, `port`; absent: always true. */
  readonly condition?: string;
  /** Input key under which the source's output is delivered; absent: `ref`. */
  readonly into?: string;
  /** false: the edge is dead from the start. Default true. */
  readonly enabled: boolean;
  /**
   * true: the target handles a failure of the source that fires the edge. Stated on every edge that a failure can fire. Absent on such an
   * edge in an old tree: the edge handles the failure if it fires on failure.
   */
  readonly handles?: boolean;
}

export type RetryStrategy = 'none' | 'immediate' | 'fixed' | 'linear' | 'exponential' | 'custom';
export type JitterKind = 'none' | 'proportional' | 'full';

/** When and how often a failed attempt is tried again. All fields but none are optional on the wire; defaults in brackets. */
export interface RetryPolicy {
  /** Attempts in all, the first included; 1 to 10. [3] */
  readonly maxAttempts?: number;
  /** [exponential] */
  readonly strategy?: RetryStrategy;
  /** Delay before the first retry, ms, ≥ 0. [1000] */
  readonly delayMs?: number;
  /** Cap of every delay, ms, ≥ delayMs. [no cap] */
  readonly maxDelayMs?: number;
  /** Factor of the exponential strategy, > 0. [2] */
  readonly multiplier?: number;
  /** `proportional`: ±25 % of the raw delay, then clamped to the cap; `full`: 0 to the raw delay. [proportional] */
  readonly jitter?: JitterKind;
  /** Error-code patterns (`*` matches any run of characters) that may be retried; absent: all retryable errors. */
  readonly allow?: readonly string[];
  /** Error-code patterns that are never retried; wins over `allow`. */
  readonly deny?: readonly string[];
  /** No attempt is scheduled to start later than this many ms after the first attempt's start. */
  readonly maxElapsedMs?: number;
  /** Name of a contributed backoff function; required by, and only for, the strategy `custom`. */
  readonly backoff?: string;
}

/** What a scope does when a failure in it stays unhandled (rule 7). Default `finishIndependent`. */
export type FailurePolicy = 'failFast' | 'finishIndependent';

/** What is compensated when a scope fails. The nearest group that says it wins, else the run. */
export interface CompensationPolicy {
  /** `scope`: what was done in the scope in which the failure began. `run`: what was done in the whole run. [scope] */
  readonly level?: 'scope' | 'run';
  /** Also when the scope is cancelled. [false] */
  readonly onCancel?: boolean;
}

/** What takes the place of the work of a task that has failed: an executor with inputs, or an output. */
export interface Fallback {
  /** Type of the executor of one more attempt. */
  readonly executor?: string;
  /** With expressions in it, over `error`, `breaker` and what inputs may read otherwise. */
  readonly inputs?: JsonObject;
  /** What stands in for the output; may hold expressions, as inputs. */
  readonly output?: Json;
  /** `separate`: only dependents that ask for the port `fallback` go on, not those on the primary port. [primary] */
  readonly port?: 'primary' | 'separate';
}

/** How that which a task did is undone. */
export interface Compensation {
  /** Type of the executor. */
  readonly executor: string;
  /** With expressions in it, over `original`, `failure`, `compensating` and what inputs may read otherwise, `deps` apart. */
  readonly inputs?: JsonObject;
  /** Retry and limits of the attempts. Absent: those of the group around the task. */
  readonly policies?: TaskPolicies;
}

/** Policies of one task. A group's `onFailure` holds for its scope. */
export interface TaskPolicies {
  readonly retry?: RetryPolicy;
  /** Limit of one attempt, ms, > 0; 0 switches the run's default off. */
  readonly timeoutMs?: number;
  /** An attempt that sends no heartbeat for this long, ms, fails. */
  readonly heartbeatTimeoutMs?: number;
  /** Limit from the first attempt to the end of the task, ms, > 0, with all attempts and waits between; of a group from its opening to its end. */
  readonly totalTimeoutMs?: number;
  /** Limit of each wait of an attempt for its start, once it is ready, ms, > 0; 0 switches that of a group around it off. */
  readonly queueTimeoutMs?: number;
  readonly onFailure?: FailurePolicy;
  /** Of a group: tasks below it that may execute at once; 0 or absent: unlimited. */
  readonly concurrency?: number;
  readonly compensation?: CompensationPolicy;
  /** The breaker that the attempts pass. */
  readonly breaker?: BreakerPolicy;
  /** Template of the idempotency key handed to the executor; may hold `${{ … }}`. Default `<treeId>/<taskId>`. */
  readonly idempotencyKey?: string;
}

/** Policies of a whole run. */
export interface RunPolicies {
  /** Tasks of this tree that may execute at once; 0 or absent: unlimited. */
  readonly concurrency?: number;
  /** Default limit of one attempt, ms. */
  readonly timeoutMs?: number;
  /** Wall-clock budget of the whole run, ms. */
  readonly runTimeoutMs?: number;
  /** Default retry policy of the tasks. Absent: one attempt. */
  readonly retry?: RetryPolicy;
  /** Retries allowed in the whole run; absent: unlimited. */
  readonly retryBudget?: number;
  readonly onFailure?: FailurePolicy;
  readonly compensation?: CompensationPolicy;
  /** The breakers that the attempts pass, one for each executor type. */
  readonly breaker?: BreakerPolicy;
}

/** One task, normalised. A definition is never overwritten by a run; `tasks.update` may change it while pending. */
export interface TaskDefinition {
  readonly id: TaskId;
  /** The tree-unique reference as submitted (id or name); copies keep it, so that expressions still resolve. */
  readonly key: string;
  readonly name: string;
  /** Absent only for the root. */
  readonly parentId?: TaskId | undefined;
  /** Absent in old trees. `kindOf` reads it from the executor then. */
  readonly kind?: TaskKind | undefined;
  /** Type of the executor; exactly the tasks of kind `executor` have one. */
  readonly executor?: string | undefined;
  /** What a task of kind `wait` waits for: exactly one of these. */
  readonly wait?: WaitDefinition;
  readonly approval?: ApprovalDefinition;
  /** With expressions in it: of an attempt resolved when it starts, of a group when it opens. Members of a group that has some read those. */
  readonly inputs: JsonObject;
  readonly dependencies: readonly Dependency[];
  readonly join: Join;
  readonly priority: Priority;
  readonly policies: TaskPolicies;
  /** Name of the primary output port; absent: the unnamed primary port. */
  readonly port?: string;
  /** true: the run may do without this task. Neither its failure nor its cancellation fails or cancels its scope. */
  readonly allowFailure: boolean;
  /** true: the task fails when it would otherwise be skipped. Absent: false. */
  readonly mustRun?: boolean;
  /** true: clean-up. It begins once all other members of its group have ended, in whatever way, and the group ends after it. Absent: false. */
  readonly finally?: boolean;
  /** What does its work when its last attempt has failed. Absent: nothing. */
  readonly fallback?: Fallback;
  /** How it is undone when the scope around it fails after it has completed. Absent: not at all. */
  readonly compensate?: Compensation;
  /** Of a task that undoes another: that one. */
  readonly compensates?: TaskId;
  /** Epoch ms before which the task does not become ready. */
  readonly notBeforeMs?: number;
  /** Of a group: what its output is made from when it ends, with expressions in it. Absent: its members' outputs by key. */
  readonly outputTemplate?: Json;
  /** CEL expression over what inputs may read; false when the task could start: it is skipped. Absent: always true. */
  readonly when?: string;
  /** `first`: of its outgoing edges only the first in declared order whose filters hold fires. Absent: `all`. */
  readonly fire?: Fire;
  /** true, with the join `any`: once an edge has fired, what the others come from is cancelled, unless somebody else waits for it. Absent: false. */
  readonly cancelOthers?: boolean;
  /** Of a group: it makes its members when it opens. */
  readonly multiplier?: Multiplier;
  /** Of a member that was made so. */
  readonly given?: Given;
  /** What expressions call the task: in `deps` of its dependents, and in the output of its group. Absent: its key. */
  readonly ref?: string;
  /** Of a group: what its inputs must be, and what its output is made of. Both are checked and made as those of a tree are. */
  readonly declares?: Declares;
  /** What the task writes to variables when it completes, with expressions in it. Absent: nothing but what its executor says. */
  readonly set?: JsonObject;
  /** Names of locks that an attempt holds, with expressions in them. Absent: none. */
  readonly locks?: readonly string[];
  /** Names of rates at which attempts start, with expressions in them. Absent: none. */
  readonly rates?: readonly string[];
  /** Amounts of resources that an attempt needs. Absent: none. */
  readonly resources?: Resources;
  readonly capabilities: readonly string[];
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
  /** The task that this one is a copy of. */
  readonly originalTaskId?: TaskId;
  /** The outcome that a copy carried over. The task does not run again. */
  readonly settled?: SettledOutcome;
  /** Of a group in a copy that goes on with the members that it has: what was written to variables inside of it before them. */
  readonly left?: JsonObject;
}

export interface Multiplier extends MultiplierFields {
  /** What a copy is made of: the task without its multiplier first, then everything below it. Its ids link only these to each other. */
  readonly body: readonly TaskDefinition[];
}

/** The recorded end of a task that a copy carries over. */
export interface SettledOutcome {
  readonly status: 'completed' | 'failed' | 'skipped' | 'cancelled';
  readonly output: Json;
  /** Where secrets stand in the output; absent: nowhere. */
  readonly secrets?: readonly SecretReference[];
  /** Texts of the output that were cut at a limit; absent: none. */
  readonly cut?: readonly CutPart[];
  readonly port?: string;
  readonly error?: TaskError;
  /** Of one that was cancelled because it lost a race; the others keep none. */
  readonly reason?: { readonly code: 'race'; readonly message: string };
  /** What it wrote to variables; absent: nothing. */
  readonly patch?: JsonObject;
  /** Of a group: what was written to variables inside of it before the members that it has. */
  readonly left?: JsonObject;
  /** Its executor made it a group, by adding tasks. */
  readonly expanded?: true;
  readonly attempt: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly reused: boolean;
}

/** A whole tree, normalised: what `TreeCreated` records. Tasks are in declared order; exactly one has no parent. */
export interface TreeDefinition {
  readonly treeId: TreeId;
  readonly tasks: readonly TaskDefinition[];
  /** Run inputs. */
  readonly inputs: JsonObject;
  /** What is said of its inputs and outputs; absent: nothing. */
  readonly declares?: Declares | undefined;
  /** Initial values. */
  readonly variables: JsonObject;
  /** How writes to variables merge, by variable; absent: all are replaced. */
  readonly merges?: Readonly<Record<string, string>> | undefined;
  readonly policies: RunPolicies;
  /** Folder that relative paths in the tasks' inputs start from; absent: that of the engine. Part of the definition, so that every later run agrees. */
  readonly baseDir?: string | undefined;
  /** The tree and task that this tree was copied from. */
  readonly origin?: { readonly treeId: TreeId; readonly taskId: TaskId };
}
