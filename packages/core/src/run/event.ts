/**
 * Events: facts about one tree, in the past tense. The log of a tree is the only truth; everything else folds from it.
 *
 * An event that ends a task (or opens a group) carries its consequences for other tasks as data, decided once:
 * `ready` names the tasks that became ready by it, `dead` the outgoing edges that did not fire (all others fired).
 * So replay evaluates no condition, and a client can fold the log without knowing the rules.
 */
import type { CutPart, Json, JsonObject, SignalCommand, TaskError, TaskId } from '@coppice/extension';
import type { TaskStatus } from '../task/status.ts';
import type { FailurePolicy, TaskDefinition, TreeDefinition } from '../task/task.ts';
import type { Actor } from './actor.ts';
import type { CompletedOutcome } from './command.ts';
import type { SecretReference } from './secret-reference.ts';

/**
 * Version of the event schema. It moves on once per release that adds a type of event or a field. Events of older versions are read as
 * they are: what was added since is optional. Events of a newer version are refused. A snapshot has the version of the events it folds.
 */
export const EVENT_VERSION = 2;

/** An outgoing edge that did not fire: the `edge`-th dependency of `task`, and which filter stopped it; `first`: an edge before it has taken the one way on. */
export interface DeadEdge {
  readonly task: TaskId;
  readonly edge: number;
  readonly because: 'trigger' | 'port' | 'condition' | 'disabled' | 'first' | 'fatal';
  /** Why the evaluation of the condition failed. The target of the edge fails then. */
  readonly fault?: string;
}

/** Why a task was skipped: the edges that can not fire any more, its own `when`, the group that was skipped, or a person. */
export interface SkipReason {
  readonly code: 'dependency' | 'when' | 'scope' | 'user';
  readonly message: string;
  readonly tasks: readonly TaskId[];
}

/**
 * Why a task or run was cancelled. `race`: another was first, so that nobody needs it any more; `timeout`: the time of a group around it is
 * over; `fatal`: a task ended the whole run.
 */
export interface CancelReason {
  readonly code: 'user' | 'failFast' | 'runTimeout' | 'timeout' | 'fatal' | 'scope' | 'race';
  readonly message: string;
}

/** What is known of the end of a group before it ends. */
export interface GroupClosing {
  /** Its other members have ended, and its clean-up begins. */
  readonly cleanUp?: true;
  /** Its work has ended, and what was done in it is undone by the members that come with this. */
  readonly compensation?: true;
  /** It will be cancelled, whatever its clean-up does as long as that does not fail. */
  readonly cancelled?: CancelReason;
  /** It will fail with this, whatever its clean-up does: its time is over, or a task ended the whole run. */
  readonly failed?: TaskError;
}

/** Why a task completed without its executor: a person completed it. */
export interface HandReason {
  readonly code: 'user';
  readonly message: string;
}

/** What the end of a task means for the tasks that depend on it. */
export interface Consequences {
  /** Tasks that became ready by this event, in declared order. */
  readonly ready?: readonly TaskId[];
  /** Outgoing edges that are dead; every other outgoing edge fired. */
  readonly dead?: readonly DeadEdge[];
}

/** A failed task in a run's summary. */
export interface FailureSummary {
  readonly taskId: TaskId;
  readonly name: string;
  readonly error: TaskError;
  /** Absent: of a compensation, or in an old log. */
  readonly ladder?: FailureLadder;
}

/** What each step of the failure ladder did about a failure. A step that there was not is absent. */
export interface FailureLadder {
  /** Attempts that the retry policy counts. */
  readonly attempts: number;
  /** Why there was no further attempt. `none`: there is no retry policy. */
  readonly retry: 'none' | 'notRetryable' | 'exhausted' | 'budget' | 'timeUp' | 'fatal';
  /** `notTried`: the failure ended the run, or had nothing to do with the work. */
  readonly fallback?: 'failed' | 'notTried';
  /** The first dependents that wait for a failure of the task, and what became of them. */
  readonly edges?: readonly { readonly taskId: TaskId; readonly name: string; readonly status: TaskStatus }[];
  /** The group around it, and how many tasks in that were cancelled because it fails fast. */
  readonly scope?: {
    readonly taskId: TaskId;
    readonly name: string;
    readonly onFailure: FailurePolicy;
    readonly cancelled: number;
  };
  /** The group around it that has compensated. */
  readonly compensation?: {
    readonly taskId: TaskId;
    readonly name: string;
    readonly result: 'complete' | 'partial';
    readonly tasks: number;
    /** How many of these did not complete. */
    readonly failed: number;
  };
}

/** A failure that did not fail the run: the task or a group around it is allowed to fail, or another task handled the failure. */
export interface ToleratedFailure {
  readonly taskId: TaskId;
  readonly name: string;
  readonly how: 'allowed' | 'handled';
  /** The task or group that is allowed to fail, or the task that handled the failure. */
  readonly by: { readonly taskId: TaskId; readonly name: string };
}

/** The number of tolerated failures, and the first of them. */
export interface ToleratedFailures {
  readonly handled: number;
  readonly allowed: number;
  readonly first: readonly ToleratedFailure[];
}

/** Which limit ends an attempt first: that of the attempt, that of its task, that of a group around it, or that of the run. */
export type LimitName = 'task' | 'total' | 'scope' | 'run';

/** How the compensation of a failed scope has ended. */
export interface CompensationSummary {
  /** `complete`: each of the tasks has completed. */
  readonly result: 'complete' | 'partial';
  /** The number of tasks that were to undo something. */
  readonly tasks: number;
  /** The first of them that did not complete. */
  readonly failures: readonly FailureSummary[];
}

/** Signals that nobody has consumed: how many, and the first of them. */
export interface UnreadSignals {
  readonly count: number;
  readonly first: readonly { readonly signal: number; readonly name: string }[];
}

/** What a run ended with, beside its status. */
export interface RunResult {
  /** The variables after all writes, without those in conflict. Absent: no task has written one. */
  readonly variables?: JsonObject;
  /** Variables without one value, with two tasks that wrote them and of which neither depends on the other. Absent: none. */
  readonly conflicts?: readonly { readonly variable: string; readonly tasks: readonly TaskId[] }[];
  /** The declared outputs of the tree, of a run that has completed. Absent: it declares none. */
  readonly outputs?: JsonObject;
  /** Why the variables could not be merged. Absent: they could. */
  readonly problem?: string;
}

/** Payload of each event type. */
export interface EventData {
  TreeCreated: {
    readonly definition: TreeDefinition;
    readonly userId: string;
    /** Seed of all random numbers of the run. */
    readonly seed: string;
    readonly idempotencyKey?: string;
    /** Outgoing edges that did not fire, of tasks whose outcome a copy carried over. */
    readonly dead?: readonly DeadEdge[];
  };
  /** `selection` absent: the whole tree. */
  RunStarted: {
    readonly selection?: readonly TaskId[];
    readonly inputs?: JsonObject;
    /** Epoch ms at which the run's budget ends. */
    readonly deadlineAtMs?: number;
    readonly ready?: readonly TaskId[];
  };
  /** A group has opened, because its activation rule holds: its members may start. */
  TaskOpened: {
    /** The resolved inputs of a group that has some. */
    readonly input?: JsonObject;
    /** Where secrets stand in the input; absent: nowhere. */
    readonly secrets?: readonly SecretReference[];
    /** What the attempt returned whose executor adds the members: the task is a group from now on. They see its patch. */
    readonly outcome?: CompletedOutcome;
    /** New members of the group, with all that is below them. A repetition opens its group again for each copy. */
    readonly added?: readonly TaskDefinition[];
    /** Tasks that leave the state, because they have ended and only the log still needs them. */
    readonly removed?: readonly TaskId[];
    /**
     * What was written to variables inside of the group before the members that it has: all copies of a repetition that have left so far,
     * merged; in a copy of a tree also what the original task wrote when it added its members. Absent: nothing.
     */
    readonly left?: JsonObject;
    /** Epoch ms at which the time of the group is over. */
    readonly deadlineAtMs?: number;
    /** The group was open already, and is about to end. */
    readonly closing?: GroupClosing;
    readonly ready?: readonly TaskId[];
  };
  /** The task's activation rule holds, but not before `dueAtMs`. */
  TaskDelayed: { readonly dueAtMs: number };
  /** The task is ready: a delay or back-off has passed, or its expressions were evaluated. `locks`, `rates`: the names of those that it has, if some of them were. */
  TaskDue: {
    readonly locks?: readonly string[];
    readonly rates?: readonly string[];
    /** Key of the breaker, when it was worked out. */
    readonly breaker?: string;
    /** Epoch ms at which it fails unless an attempt has started. */
    readonly deadlineAtMs?: number;
  };
  /** The task waits: for a time, or for a signal. It holds no gate, and has no attempt. */
  WaitStarted: {
    /** What its definition says, resolved. Secrets appear as placeholders only. */
    readonly input: JsonObject;
    readonly secrets?: readonly SecretReference[];
    /** Name of the signal; absent: it waits for a time alone. */
    readonly signal?: string;
    /** Epoch ms at which the wait ends if no signal does before. */
    readonly dueAtMs?: number;
    /** Epoch ms of the first reminder. */
    readonly remindAtMs?: number;
  };
  /** People are reminded of a wait that they can end. `remindAtMs`: the next time; `dueAtMs` as before. */
  WaitReminded: { readonly dueAtMs?: number; readonly remindAtMs?: number };
  /** A signal has come. It is known by its sequence number; `to`: the one task that it is for. */
  SignalReceived: {
    readonly name: string;
    readonly payload: Json;
    /** As the sender named it: the same one twice is one signal. */
    readonly id?: string;
    readonly to?: TaskId;
    /** What it gives, of a signal that becomes commands: nobody else gets it. Each `task` is an id. */
    readonly commands?: readonly SignalCommand[];
  };
  /**
   * Nobody will get the signal with this number. `task`: the wait whose schema its payload does not match. Of one that gives commands: why its
   * handler failed, or why a command was refused; those before it were given.
   */
  SignalRejected: { readonly signal: number; readonly name: string; readonly reason: string; readonly task?: TaskId };
  TaskStarted: {
    /** The resolved input. Secrets appear as placeholders only. */
    readonly input: JsonObject;
    /** Where secrets stand in the input; absent: nowhere. */
    readonly secrets?: readonly SecretReference[];
    /** Absent: the default, `<treeId>/<taskId>`. */
    readonly idempotencyKey?: string;
    /** Effective limit of this attempt, ms, and which limit it is. */
    readonly timeoutMs?: number;
    readonly limit?: LimitName;
    /** Of a first attempt: epoch ms at which the time of the whole task is over. */
    readonly deadlineAtMs?: number;
    /** The executor is that of the fallback. */
    readonly fallback?: true;
  };
  /** A call inside an attempt, recorded by `ctx.record`. */
  CallRecorded: {
    readonly key: string;
    readonly occurrence: number;
    readonly value: Json;
    /** Where secrets stand in the value; absent: nowhere. */
    readonly secrets?: readonly SecretReference[];
  };
  TaskProgressed: { readonly fraction?: number; readonly message?: string };
  /** The attempt failed and will be tried again at `dueAtMs`. */
  RetryScheduled: {
    readonly error: TaskError;
    readonly delayMs: number;
    readonly dueAtMs: number;
    /** There is no further try: the fallback of the task takes its place. */
    readonly fallback?: true;
  };
  /** The process ended during the attempt, or a pause released it; the task is ready again, under the same idempotency key: at once, or when it is due. */
  AttemptInterrupted: {
    readonly reason: 'crash' | 'shutdown' | 'pause';
    readonly dueAtMs?: number;
    readonly deadlineAtMs?: number;
  };
  TaskCompleted: Consequences & {
    readonly output: Json;
    readonly port?: string;
    /** Where secrets stand in the output; absent: nowhere. */
    readonly secrets?: readonly SecretReference[];
    /** Texts of the output that were cut at a limit; absent: none. */
    readonly cut?: readonly CutPart[];
    /** Of a wait: the number of the signal that ended it, and is consumed by that. */
    readonly signal?: number;
    /** What the task wrote to variables; absent: nothing. */
    readonly patch?: JsonObject;
    /** Set when a person completed the task by hand. Its attempt, if one was running, is aborted. */
    readonly reason?: HandReason;
  };
  /**
   * Nothing of the task and its sub-tree starts any more; the root stands for the run. Attempts that run go on, until `drainUntilMs` if
   * it is set. For a task that is paused already: another such time.
   */
  TaskPausing: { readonly reason?: string; readonly drainUntilMs?: number };
  /** The last attempt of what is paused has ended. */
  TaskPaused: Record<never, never>;
  /** Its pause is over. Spans of time that were frozen by it alone are moved on by as long as that was. */
  TaskResumed: { readonly reason?: string };
  TaskFailed: Consequences & { readonly error: TaskError; readonly handled: boolean };
  /** With an attempt: it was running when a person skipped the task, and is aborted. */
  TaskSkipped: Consequences & { readonly reason: SkipReason };
  /** `output`: the output that a running attempt had produced so far; absent when the executor told nothing. */
  TaskCancelled: Consequences & { readonly reason: CancelReason; readonly output?: Json };
  RunCompleted: {
    readonly tolerated?: ToleratedFailures;
    readonly unread?: UnreadSignals;
    readonly result?: RunResult;
  };
  RunFailed: {
    readonly error: TaskError;
    /** The first unhandled failures, in declared order. */
    readonly failures: readonly FailureSummary[];
    /** The number of unhandled failures. Absent in old logs, which list all of them. */
    readonly failureCount?: number;
    /** Absent: nothing was compensated. */
    readonly compensation?: CompensationSummary;
    readonly tolerated?: ToleratedFailures;
    readonly unread?: UnreadSignals;
    readonly result?: RunResult;
  };
  RunCancelled: {
    readonly reason: CancelReason;
    readonly compensation?: CompensationSummary;
    readonly unread?: UnreadSignals;
    readonly result?: RunResult;
  };
  /** The same run is opened again; `reset` tasks are pending as if never run (rule 11). */
  RunReopened: {
    readonly mode: 'start' | 'failure' | 'task' | 'selection';
    readonly reset: readonly TaskId[];
    /** Members that leave the state, because their group makes new ones when it opens again. */
    readonly removed?: readonly TaskId[];
    readonly inputs?: JsonObject;
    readonly selection?: readonly TaskId[];
    readonly deadlineAtMs?: number;
    readonly ready?: readonly TaskId[];
  };
  /** The definition of a pending task was changed. `dead`: incoming edges of this task whose source has ended and does not fire them. */
  TaskUpdated: { readonly definition: TaskDefinition } & Consequences;
  /** Pending tasks were taken out of the tree. */
  TasksDeleted: { readonly taskIds: readonly TaskId[] };
}

export type EventType = keyof EventData;

/** Types of events that name no task. */
type TreeEventType =
  | 'TreeCreated'
  | 'RunStarted'
  | 'RunCompleted'
  | 'RunFailed'
  | 'RunCancelled'
  | 'RunReopened'
  | 'TasksDeleted'
  | 'SignalReceived'
  | 'SignalRejected';

/** One event of one tree, as stored. `(treeId, seq)` is its id; the tree is known from the log it is in. */
export type RunEvent = { readonly [T in EventType]: Envelope<T> }[EventType];

/** An event of a given type. */
export type EventOf<T extends EventType> = Extract<RunEvent, { readonly type: T }>;

interface Envelope<T extends EventType> {
  readonly type: T;
  /** 1..n without gaps, per tree. */
  readonly seq: number;
  /** Epoch ms; never decreases within a tree. */
  readonly atMs: number;
  readonly taskId: T extends TreeEventType ? undefined : TaskId;
  /** The attempt that the event belongs to, from 1. */
  readonly attempt: number | undefined;
  readonly data: EventData[T];
  /** Who caused the event by a command. Absent: the event followed from others, or the log is of version 1. */
  readonly actor?: Actor;
}
