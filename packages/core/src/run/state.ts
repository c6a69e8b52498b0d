/**
 * The folded state of one tree.
 *
 * A run value has one owner, which gives it to `decide` or `evolve` and gets it back advanced; both change it in place,
 * because a completion must cost O(out-degree + depth) and never O(tree). Whoever needs an earlier state folds the log again.
 * Everything here is a function of the events alone.
 */
import type { CutPart, Json, JsonObject, TaskError, TaskId, TreeId } from '@coppice/extension';
import type { RunStatus, TaskStatus } from '../task/status.ts';
import type { Dependency, RunPolicies, TaskDefinition } from '../task/task.ts';
import type { CancelReason, RunEvent, SkipReason } from './event.ts';
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
  /** The next edge from the same source to the same target: few pairs have more than one. */
  next: Edge | undefined;
}

/** A set of members whose end is awaited together: a group, or the run itself (no `owner`). */
export interface Scope {
  readonly owner: TaskState | undefined;
  /** Tasks whose nearest enclosing group is this scope's owner, in declared order. */
  members: readonly TaskState[];
  /** Selected members that are not terminal. */
  open: number;
  /** Selected members that failed unhandled. */
  unhandled: number;
}

/** Why a task waits, and until when. */
export interface Waiting {
  /** For the attempt after one that failed; for the time that its definition gives; for the attempt after one that a crash interrupted. */
  readonly for: 'retry' | 'delay' | 'restart';
  /** Epoch ms at which the task becomes ready. */
  readonly untilMs: number;
}

/** What the children of one task share; roots have one of their own. */
export interface TreeLevel {
  /** Of a root: 0. */
  readonly depth: number;
  /** Position of the task whose children they are. */
  readonly position: number;
  /** The level of that task; of a root the same again. */
  readonly up: TreeLevel;
  /** A level above, one or many further up; of a root the same again. */
  readonly jump: TreeLevel;
}

/** The state of one task. Field order is fixed, so that all have one hidden class. */
export interface TaskState {
  definition: TaskDefinition;
  readonly id: TaskId;
  /** Position in the declared order of the tree. */
  readonly index: number;
  /** Position among the children of its parent, in declared order. With those of its ancestors it is the order key (R-SC-03). */
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
  /** Incoming edges that are not settled, and that fired. */
  unsettled: number;
  fired: number;
  /** The source of the first edge that fired: the winner of an `any` join. */
  winner: TaskId | undefined;
  status: TaskStatus;
  /** Part of what the run executes. */
  selected: boolean;
  /** Last attempt's number; 0 before the first. */
  attempt: number;
  /** Attempts that do not count against the retry policy: those before a re-opening, and interrupted ones. */
  uncounted: number;
  /** Interruptions since the last re-opening. */
  interruptions: number;
  /** How often the task was re-opened by a retry of the run. */
  generation: number;
  input: JsonObject | undefined;
  /** Where secrets stand in the input, and in the output; undefined: nowhere. */
  inputSecrets: readonly SecretReference[] | undefined;
  output: Json;
  outputSecrets: readonly SecretReference[] | undefined;
  /** Texts of the output that are not whole. */
  cut: readonly CutPart[] | undefined;
  /** Port of the outcome; undefined: the primary one. */
  port: string | undefined;
  error: TaskError | undefined;
  /** A failure that someone handles: it does not fail the scope. */
  handled: boolean;
  reason: SkipReason | CancelReason | undefined;
  /** Set exactly while the status is waiting. */
  waiting: Waiting | undefined;
  readyAtMs: number | undefined;
  /** Start of the first attempt since the last re-opening. */
  firstStartedAtMs: number | undefined;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** While running: effective limit of the attempt, ms. */
  timeoutMs: number | undefined;
  timeoutLimit: 'task' | 'run' | undefined;
  /** Of the last attempt; undefined: the default, see `idempotencyKeyOf`. */
  idempotencyKey: string | undefined;
  progress: number | undefined;
  progressMessage: string | undefined;
  /** Recorded inner calls by key and occurrence (`key#1`). */
  calls: Map<string, Json> | undefined;
  /** Where secrets stand in the values of those that hold some. */
  callSecrets: Map<string, readonly SecretReference[]> | undefined;
  reused: boolean;
  deleted: boolean;
  /** No part of the fold: free for the owner of the run, who may note here that he has the task on a list. 0 at first. */
  mark: number;
}

/** Counts of selected tasks by status. */
export type StatusCounts = Record<TaskStatus, number>;

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
  readonly policies: RunPolicies;
  /** Undefined: that of the engine. */
  readonly baseDir: string | undefined;
  readonly createdAtMs: number;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  deadlineAtMs: number | undefined;
  error: TaskError | undefined;
  reason: CancelReason | undefined;
  /** Retries scheduled so far (R-RT-10). */
  retries: number;
  readonly tasks: TaskState[];
  readonly byId: Map<TaskId, TaskState>;
  readonly root: TaskState;
  /** The run as the outermost scope; its only member is the root, or what hangs below roots with an executor. */
  readonly scope: Scope;
  /** Selected tasks by status. */
  readonly counts: StatusCounts;
  /** Attempts that are running now. */
  executing: number;
  /** Number of selected tasks. */
  selectedCount: number;
  /** No part of the fold: told of each event before it changes the state. Undefined: nobody wants to know. */
  beforeEvent: ((event: RunEvent) => void) | undefined;
}
