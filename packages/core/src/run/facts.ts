/**
 * Facts: the data of a run at one moment. Nobody changes facts, so a store may read them at any time.
 * Facts share values with the state. That is safe, because the state replaces values and never changes one.
 */
import type { TaskId } from '@coppice/extension';
import type { Pause, RunState, StatusCounts, TaskState } from './state.ts';

/** Facts that few tasks have. */
export interface RareTaskFacts extends Readonly<
  Pick<TaskState, 'cut' | 'port' | 'error' | 'reason' | 'progress' | 'progressMessage' | 'reused'>
> {
  /** While waiting: epoch ms at which the task becomes ready. */
  readonly dueAtMs: number | undefined;
}

type OfTask = Readonly<
  Pick<
    TaskState,
    | 'id'
    | 'index'
    | 'definition'
    | 'status'
    | 'attempt'
    | 'input'
    | 'output'
    | 'readyAtMs'
    | 'startedAtMs'
    | 'endedAtMs'
    | 'deleted'
  >
>;

/** A task. */
export interface TaskFacts extends OfTask {
  /** Undefined: the task has none of them. */
  readonly rare: RareTaskFacts | undefined;
}

type OfRun = Readonly<
  Pick<
    RunState,
    | 'treeId'
    | 'userId'
    | 'idempotencyKey'
    | 'status'
    | 'seq'
    | 'inputs'
    | 'variables'
    | 'policies'
    | 'origin'
    | 'error'
    | 'reason'
    | 'result'
    | 'createdAtMs'
    | 'startedAtMs'
    | 'endedAtMs'
    | 'deadlineAtMs'
  >
>;

/** A tree and its run. */
export interface TreeFacts extends OfRun {
  /** Name of the root task. */
  readonly name: string;
  /** Position of the root task. */
  readonly rootIndex: number;
  /** Tasks that are not deleted. */
  readonly taskCount: number;
  /** Selected tasks by status. */
  readonly counts: Readonly<StatusCounts>;
  /** What is paused of it, in the order in which that began; undefined: nothing. */
  readonly pauses: readonly PauseFacts[] | undefined;
}

/** What is shown of a pause. */
export type PauseFacts = Omit<Pause, 'executing'>;

/** A tree and some of its tasks. */
export interface RunFacts {
  readonly tree: TreeFacts;
  readonly tasks: readonly TaskFacts[];
  /** Position of a task of the tree, deleted ones included; it never changes. -1: there is none. */
  readonly indexOf: (id: TaskId) => number;
}

/** The facts of a run and of the given tasks. Default: all tasks. Cost: O(`tasks`). */
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
    readyAtMs: task.readyAtMs,
    startedAtMs: task.startedAtMs,
    endedAtMs: task.endedAtMs,
    deleted: task.deleted,
    rare: rareFacts(task),
  };
}

function rareFacts(task: TaskState): RareTaskFacts | undefined {
  const { cut, port, error, reason, waiting, progress, progressMessage, reused } = task;
  const isCommon =
    cut === undefined &&
    port === undefined &&
    error === undefined &&
    reason === undefined &&
    waiting?.untilMs === undefined &&
    progress === undefined &&
    progressMessage === undefined &&
    !reused;
  return isCommon
    ? undefined
    : { cut, port, error, reason, dueAtMs: waiting?.untilMs, progress, progressMessage, reused };
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
    pauses: run.pauses === undefined ? undefined : [...run.pauses.values()].map(pauseFacts),
    inputs: run.inputs,
    variables: run.variables,
    policies: run.policies,
    origin: run.origin,
    error: run.error,
    reason: run.reason,
    result: run.result,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs,
    endedAtMs: run.endedAtMs,
    deadlineAtMs: run.deadlineAtMs,
  };
}

function pauseFacts({ taskId, sinceMs, by, reason, drainUntilMs, isReached }: Pause): PauseFacts {
  return { taskId, sinceMs, by, reason, drainUntilMs, isReached };
}

/** Copies the counts field by field, because every append needs a copy and this is the fastest way. */
function countsOf(counts: StatusCounts): StatusCounts {
  const { pending, ready, running, waiting, completed, failed, skipped, cancelled } = counts;
  return { pending, ready, running, waiting, completed, failed, skipped, cancelled };
}

function indexOf({ byId, tasks }: RunState, id: TaskId): number {
  return byId.get(id)?.index ?? tasks.find((task) => task.id === id)?.index ?? -1;
}
