/**
 * What a run says of itself at one moment, as data that nobody changes any more: a store may read it whenever it wants.
 * The values in it are shared with the state, which replaces values and never changes one.
 */
import type { TaskError } from '../errors/task-error.ts';
import type { Json, JsonObject } from '../task/json.ts';
import type { RunStatus, TaskStatus } from '../task/status.ts';
import type { RunPolicies, TaskDefinition, TaskId, TreeId } from '../task/task.ts';
import type { CutPart } from './cut-output.ts';
import type { CancelReason, SkipReason } from './event.ts';
import type { RunState, StatusCounts, TaskState } from './state.ts';

/** A task. Times are epoch ms. */
export interface TaskFacts {
  readonly id: TaskId;
  /** Position in the declared order of the tree. */
  readonly index: number;
  readonly definition: TaskDefinition;
  readonly status: TaskStatus;
  readonly attempt: number;
  readonly input: JsonObject | undefined;
  readonly output: Json;
  readonly cut: readonly CutPart[] | undefined;
  readonly port: string | undefined;
  readonly error: TaskError | undefined;
  readonly reason: SkipReason | CancelReason | undefined;
  readonly dueAtMs: number | undefined;
  readonly readyAtMs: number | undefined;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly progress: number | undefined;
  readonly progressMessage: string | undefined;
  readonly reused: boolean;
  readonly deleted: boolean;
}

/** A tree and its run. Times are epoch ms. */
export interface TreeFacts {
  readonly treeId: TreeId;
  /** Name of the root task. */
  readonly name: string;
  /** Position of the root task. */
  readonly rootIndex: number;
  /** Tasks that are not deleted. */
  readonly taskCount: number;
  readonly userId: string;
  readonly idempotencyKey: string | undefined;
  readonly status: RunStatus;
  /** Sequence number of the last event. */
  readonly seq: number;
  /** Selected tasks by status. */
  readonly counts: Readonly<StatusCounts>;
  readonly inputs: JsonObject;
  readonly variables: JsonObject;
  readonly policies: RunPolicies;
  readonly origin: { readonly treeId: TreeId; readonly taskId: TaskId } | undefined;
  readonly error: TaskError | undefined;
  readonly reason: CancelReason | undefined;
  readonly createdAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly deadlineAtMs: number | undefined;
}

/** A tree and some of its tasks. */
export interface RunFacts {
  readonly tree: TreeFacts;
  readonly tasks: readonly TaskFacts[];
  /** Position of a task of the tree, deleted ones included; it never changes. -1: there is none. */
  readonly indexOf: (id: TaskId) => number;
}

/** Cost: O(`tasks`). Default: all. */
export function factsOf(run: RunState, tasks: readonly TaskState[] = run.tasks): RunFacts {
  return { tree: treeFacts(run), tasks: tasks.map(taskFacts), indexOf: (id) => indexOf(run, id) };
}

export function taskFacts(task: TaskState): TaskFacts {
  return {
    id: task.id,
    index: task.index,
    definition: task.definition,
    status: task.status,
    attempt: task.attempt,
    input: task.input,
    output: task.output,
    cut: task.cut,
    port: task.port,
    error: task.error,
    reason: task.reason,
    dueAtMs: task.dueAtMs,
    readyAtMs: task.readyAtMs,
    startedAtMs: task.startedAtMs,
    endedAtMs: task.endedAtMs,
    progress: task.progress,
    progressMessage: task.progressMessage,
    reused: task.reused,
    deleted: task.deleted,
  };
}

export function treeFacts(run: RunState): TreeFacts {
  return {
    treeId: run.treeId,
    name: run.root.definition.name,
    rootIndex: run.root.index,
    taskCount: run.byId.size,
    userId: run.userId,
    idempotencyKey: run.idempotencyKey,
    status: run.status,
    seq: run.seq,
    counts: countsOf(run.counts),
    inputs: run.inputs,
    variables: run.variables,
    policies: run.policies,
    origin: run.origin,
    error: run.error,
    reason: run.reason,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs,
    endedAtMs: run.endedAtMs,
    deadlineAtMs: run.deadlineAtMs,
  };
}

/** Written out, because it is made for every append. */
function countsOf(counts: StatusCounts): StatusCounts {
  const { pending, ready, running, waiting, completed, failed, skipped, cancelled } = counts;
  return { pending, ready, running, waiting, completed, failed, skipped, cancelled };
}

function indexOf({ byId, tasks }: RunState, id: TaskId): number {
  return byId.get(id)?.index ?? tasks.findIndex((task) => task.id === id);
}
