/**
 * The folded state of one tree.
 *
 * Only one part of a program holds the state of a run, and passes it to `decide` and `evolve`. Both change the state in place, because the
 * end of a task must cost O(out-degree + depth) and never O(tree). Whoever needs an earlier state folds the log again.
 * Everything here is a function of the events alone.
 */
import type { CutPart, Json, JsonObject, TaskError, TaskId, TreeId } from '@coppice/extension';
import type { RunStatus, TaskStatus } from '../task/status.ts';
import type { Dependency, RunPolicies, TaskDefinition } from '../task/task.ts';
import type { Declares } from '../task/declared-inputs.ts';
import type { Actor } from './actor.ts';
import type { Inbox } from './inbox.ts';
import type { Merges } from '../variables/declarations.ts';
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import type { Demands } from '../task/demands.ts';
import type { CancelReason, HandReason, LimitName, RunEvent, RunResult, SkipReason } from './event.ts';
import type { SecretReference } from './secret-reference.ts';

export type EdgeStatus = 'open' | 'fired' | 'dead';

/** One dependency edge in the state. */
export interface Edge {
  readonly dependency: Dependency;
  /** Position in the target's dependencies. */
  readonly index: number;
  readonly source: TaskState;
  readonly target: TaskState;
  status: EdgeStatus;
  /** The next edge from the same source to the same target. Few pairs have more than one edge. */
  next: Edge | undefined;
}

/** A set of members that end together: the members of a group (`owner`), or of the run itself (no `owner`). */
export interface Scope {
  readonly owner: TaskState | undefined;
  /** Tasks whose nearest group is `owner`, in declared order. */
  members: readonly TaskState[];
  /** Selected members that are not terminal. */
  open: number;
  /** Selected members that failed unhandled. */
  unhandled: number;
  /** The nearest scope, this one included, whose group limits how many tasks execute at once. */
  limited: Scope | undefined;
  /** What the nearest group, or the run, says of the breakers of its members' executors; undefined: nothing. */
  breaker: BreakerPolicy | undefined;
  /** Members that were made while the run went on, those that have left included: their ids count on. */
  made: number;
  /** Members that clean up, in declared order; undefined: there are none. */
  cleanUp: readonly TaskState[] | undefined;
  /** Set once something is known of how the group will end, before it does. */
  closing: Closing | undefined;
}

/** A group that is about to end. */
export interface Closing {
  /** True once its other members have ended: its clean-up goes on. */
  readonly isCleaningUp: boolean;
  /** True once it has begun to compensate what was done in it. */
  readonly isCompensating?: true;
  /** The group will be cancelled, because of this; undefined: its members decide. */
  readonly cancelled?: {
    readonly why: Cancellation;
    /** Members that had failed unhandled when that was noted. */
    readonly unhandled: number;
  };
  /** The group will fail with this, whatever its members do. */
  readonly failed?: TaskError;
}

/** Why a task waits, and until when. */
export type Waiting = WaitingToStart | WaitingAsBody;

export interface WaitingToStart {
  /** `retry`: the last attempt failed. `delay`: the definition says `notBefore`. `restart`: a crash interrupted the last attempt. */
  readonly for: 'retry' | 'delay' | 'restart';
  /** Epoch ms at which it began to. */
  readonly sinceMs: number;
  /** Epoch ms at which the task becomes ready. */
  readonly untilMs: number;
  /** Of a retry: the fallback takes the place of the task's own work then. */
  readonly isFallback?: true;
}

/** To wait is what the task is there for; its `input` says more. */
export interface WaitingAsBody {
  readonly for: 'wait';
  /** Epoch ms at which it began to. */
  readonly sinceMs: number;
  /** Epoch ms at which the wait ends by itself; undefined: it does not. */
  readonly untilMs: number | undefined;
  /** True: that is a span after its begin, not a time that the definition names. */
  readonly isSpan: boolean;
  /** Name of the signal; undefined: it waits for a time alone. */
  readonly signal: string | undefined;
  /** Epoch ms of the next reminder. */
  readonly remindAtMs: number | undefined;
  readonly reminders: number;
}

/** The level of the tree that the children of one task share. Each root has a level, too. */
export interface TreeLevel {
  /** Distance from the root; 0 for the level of a root. */
  readonly depth: number;
  /** Position of the task whose children they are. */
  readonly position: number;
  /** The level of that task. The level of a root refers to itself. */
  readonly up: TreeLevel;
  /** A level further up, for quick look-ups. The level of a root refers to itself. */
  readonly jump: TreeLevel;
}

/** Why a task or run was cancelled, and by whom; `by` absent: by nobody, or by somebody whom the event does not name. */
export interface Cancellation extends CancelReason {
  readonly by?: Actor;
}

/** Why a task ended as it did, and by whom. */
export type EndReason = (SkipReason | CancelReason | HandReason) & { readonly by?: Actor };

/** The state of one task. Field order is fixed, so that all have one hidden class. */
export interface TaskState {
  definition: TaskDefinition;
  readonly id: TaskId;
  /** Position in the declared order of the tree; tasks that are added have the next ones. */
  readonly index: number;
  /** Position among the children of its parent, in declared order. The positions from the root to the task are its order key (R-SC-03). */
  position: number;
  level: TreeLevel;
  parent: TaskState | undefined;
  children: readonly TaskState[];
  /** The scope the task is a member of. */
  scope: Scope;
  /** The scope the task owns: set exactly for groups. */
  group: Scope | undefined;
  incoming: readonly Edge[];
  /** The first edge to each dependent. */
  outgoing: readonly Edge[];
  /** Number of incoming edges that are not settled, and of those that fired. */
  unsettled: number;
  fired: number;
  /** The source of the first edge that fired: the winner of an `any` join. */
  winner: TaskId | undefined;
  status: TaskStatus;
  /** True when the run executes this task. */
  selected: boolean;
  /** Last attempt's number; 0 before the first. */
  attempt: number;
  /** Number of attempts that the retry policy does not count: attempts before the run was re-opened, and interrupted attempts. */
  uncounted: number;
  /** Number of interruptions since the task was last re-opened. */
  interruptions: number;
  /** Number of times that a retry of the run re-opened the task. */
  generation: number;
  /** What its starts take at gates beside the limits that hold for all; undefined: nothing. */
  demands: Demands | undefined;
  input: JsonObject | undefined;
  /** Where secrets stand in the input, and in the output; undefined: nowhere. */
  inputSecrets: readonly SecretReference[] | undefined;
  output: Json;
  outputSecrets: readonly SecretReference[] | undefined;
  /** Texts of the output that were cut at a limit. */
  cut: readonly CutPart[] | undefined;
  /** Port of the outcome; undefined: the primary one. */
  port: string | undefined;
  error: TaskError | undefined;
  /** True when another task handles the failure of this task, so that the failure does not fail the scope. */
  handled: boolean;
  reason: EndReason | undefined;
  /** Set exactly while the status is waiting. */
  waiting: Waiting | undefined;
  readyAtMs: number | undefined;
  /** Start of the first attempt since the task was last re-opened, epoch ms. */
  firstStartedAtMs: number | undefined;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** While running: effective limit of the attempt, ms. */
  timeoutMs: number | undefined;
  timeoutLimit: LimitName | undefined;
  /** Key of the last attempt; undefined: the default key, see `idempotencyKeyOf`. */
  idempotencyKey: string | undefined;
  progress: number | undefined;
  progressMessage: string | undefined;
  /** Recorded inner calls by key and occurrence (`key#1`). */
  calls: Map<string, Json> | undefined;
  /** Where secrets stand in the values of recorded calls. */
  callSecrets: Map<string, readonly SecretReference[]> | undefined;
  reused: boolean;
  deleted: boolean;
  /** Not a part of the fold: whoever holds the run may mark tasks here. 0 at first. */
  mark: number;
}

/** One pause of a run. */
export interface Pause {
  /** The top of what is paused; the root: the run. */
  readonly taskId: TaskId;
  /** Epoch ms. */
  readonly sinceMs: number;
  readonly by: Actor | undefined;
  readonly reason: string | undefined;
  /** Epoch ms at which attempts that still run are released; undefined: they end by themselves. */
  readonly drainUntilMs: number | undefined;
  /** Attempts in it that are still running. */
  readonly executing: number;
  /** The last of them has ended, and an event says so. */
  readonly isReached: boolean;
}

/** By the id of the task that they are of. */
export type Pauses = Map<TaskId, Pause>;

/** The time in which something must be done. */
export interface Deadline {
  /** Epoch ms at which it began. */
  readonly sinceMs: number;
  /** Epoch ms at which it is over. */
  readonly untilMs: number;
}

/** Time limits of one task: as a whole, and of its wait for a start. */
export interface Deadlines {
  readonly total?: Deadline;
  readonly queue?: Deadline;
}

/** Counts of selected tasks by status. */
export type StatusCounts = Record<TaskStatus, number>;

/** What tasks have written to variables; `variables/patches.ts` makes it, and reads it. */
export interface WrittenVariables {
  get(task: TaskState): JsonObject | undefined;
  /** What was written inside of the group before the members that it has; undefined: nothing. */
  leftBy(group: TaskState): JsonObject | undefined;
  forgetLeft(group: TaskState): void;
  delete(task: TaskState): void;
  /** Tasks were added to the group. */
  grow(group: TaskState): void;
  /** Forgets what was worked out from it: the tree or its outcomes are others now. */
  forget(): void;
}

/** The state of one tree and its run. */
export interface RunState {
  readonly treeId: TreeId;
  /** Sequence number of the last event folded in. */
  seq: number;
  /** Time of the last event, epoch ms. */
  atMs: number;
  status: RunStatus;
  readonly userId: string;
  readonly seed: string;
  readonly idempotencyKey: string | undefined;
  readonly origin: { readonly treeId: TreeId; readonly taskId: TaskId } | undefined;
  inputs: JsonObject;
  readonly variables: JsonObject;
  /** What is said of its inputs and outputs; undefined: nothing. */
  readonly declares: Declares | undefined;
  /** Merges of the variables that have one; undefined: all are replaced. */
  readonly merges: Merges | undefined;
  readonly policies: RunPolicies;
  /** Folder that relative paths start from; undefined: the base folder of the engine. */
  readonly baseDir: string | undefined;
  readonly createdAtMs: number;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  deadlineAtMs: number | undefined;
  error: TaskError | undefined;
  reason: Cancellation | undefined;
  /** What tasks have written to variables; undefined: no task has. */
  patches: WrittenVariables | undefined;
  /** What the run ended with, beside its status; undefined: nothing, or it has not ended. */
  result: RunResult | undefined;
  /** True from the first attempt that starts since the run was opened, until the run ends: it then holds what gates count by run. */
  hasBegun: boolean;
  /** Retries scheduled so far (R-RT-10). */
  retries: number;
  /** What could be compensated; undefined: nothing has completed that says how it is undone. */
  compensation: { undoable: TaskState[]; open: number } | undefined;
  /** Ends of time limits of single tasks; undefined: none has begun. */
  deadlines: Map<TaskState, Deadlines> | undefined;
  /** True when a task or group limits how long attempts wait for their start. */
  hasQueueLimits: boolean;
  /** Signals and who waits for them; undefined: there has been neither. */
  inbox: Inbox | undefined;
  /** In declared order. Tasks that were added may leave it again, so a place in it is not always the index of the task. */
  tasks: TaskState[];
  /** Index of the next task that is added. */
  nextIndex: number;
  readonly byId: Map<TaskId, TaskState>;
  readonly root: TaskState;
  /** The outermost scope. Its only member is a root group; below a root with an executor its members are the root and the tasks below. */
  readonly scope: Scope;
  /** Selected tasks by status. */
  readonly counts: StatusCounts;
  /** Attempts that are running now. */
  executing: number;
  /** What is paused of it; undefined: nothing. */
  pauses: Pauses | undefined;
  /** Number of selected tasks. */
  selectedCount: number;
  /** Not a part of the fold: counts below each task that has children, once they are watched (`roll-up.ts`). */
  rollUps: Map<TaskState, StatusCounts> | undefined;
  /** Not a part of the fold: called with each event before the event changes the state. */
  beforeEvent: ((event: RunEvent) => void) | undefined;
}
