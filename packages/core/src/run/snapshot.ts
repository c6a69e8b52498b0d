/** Snapshots: the state of a run as JSON, and back. A snapshot is always safe to delete. Equal states have equal snapshots. */
import type { Json, JsonObject, TaskId } from '@coppice/extension';
import { isUnderWay } from '../task/status.ts';
import type { TaskDefinition } from '../task/task.ts';
import { buildInSteps, eachStep, resultOf, type Places } from './build.ts';
import type { EventOf } from './event.ts';
import { evolveDemands, resolvedNames } from './demands.ts';
import { isExpanded } from './expanded.ts';
import { inboxSnapshot, restoreInbox, type InboxSnapshot } from './inbox.ts';
import { noteLeft, notePatch } from '../variables/patches.ts';
import { removeTasks } from './remove.ts';
import type { SecretReference } from './secret-reference.ts';
import type { Closing, Deadlines, EdgeStatus, Pause, RunState, TaskState } from './state.ts';

/** Fields of a run that change. */
const RUN_FIELDS = [
  'status',
  'inputs',
  'startedAtMs',
  'endedAtMs',
  'deadlineAtMs',
  'error',
  'reason',
  'result',
  'retries',
] as const;

/** Fields of a task that change, beside its definition, edges and recorded calls. */
const TASK_FIELDS = [
  'status',
  'selected',
  'attempt',
  'uncounted',
  'interruptions',
  'generation',
  'input',
  'inputSecrets',
  'output',
  'outputSecrets',
  'cut',
  'port',
  'error',
  'handled',
  'reason',
  'waiting',
  'readyAtMs',
  'firstStartedAtMs',
  'startedAtMs',
  'endedAtMs',
  'timeoutMs',
  'timeoutLimit',
  'idempotencyKey',
  'progress',
  'progressMessage',
  'reused',
] as const;

/** A task as plain JSON. */
export interface TaskSnapshot {
  readonly definition: TaskDefinition;
  /** The fields that may change, without those that are undefined. */
  readonly fields: Partial<Pick<TaskState, (typeof TASK_FIELDS)[number]>>;
  readonly edges: readonly EdgeStatus[];
  readonly winner?: TaskId;
  readonly calls?: readonly (readonly [string, Json])[];
  readonly callSecrets?: readonly (readonly [string, readonly SecretReference[]])[];
  readonly deleted?: true;
  /** Absent: its place among the tasks. */
  readonly index?: number;
  /** Members that the group has made. Absent: none. */
  readonly made?: number;
  /** The group is about to end. */
  readonly closing?: Closing;
  /** Its executor made it a group. */
  readonly expanded?: true;
  /** Ends of its time limits. */
  readonly deadlines?: Deadlines;
  readonly patch?: JsonObject;
  /** Names of locks and rates that were worked out. */
  readonly locks?: readonly string[];
  readonly rates?: readonly string[];
  /** Key of its breaker that was worked out. */
  readonly breaker?: string;
  /** Of a group: what was written inside of it before the members that it has. */
  readonly left?: JsonObject;
}

/** A run as plain JSON, without its tasks. */
interface SnapshotHead {
  readonly treeId: TaskId;
  readonly seq: number;
  readonly atMs: number;
  readonly createdAtMs: number;
  readonly userId: string;
  readonly seed: string;
  readonly idempotencyKey?: string;
  readonly origin?: RunState['origin'];
  readonly variables: RunState['variables'];
  readonly merges?: RunState['merges'];
  readonly declares?: RunState['declares'];
  readonly policies: RunState['policies'];
  readonly baseDir?: string;
  /** Absent: the number of tasks, and none says its index. */
  readonly nextIndex?: number;
  readonly fields: Partial<Pick<RunState, (typeof RUN_FIELDS)[number]>>;
  /** Whether the run has begun. Absent: it has if it is under way and one of its tasks has had an attempt. */
  readonly begun?: boolean;
  /** In the order in which they began. */
  readonly pauses?: readonly Pause[];
  readonly inbox?: InboxSnapshot;
  /** Tasks that could be undone, in the order in which they completed. */
  readonly undoable?: readonly TaskId[];
  /** The run is about to end. */
  readonly closing?: Closing;
}

/** A run as plain JSON. */
export interface RunSnapshot extends SnapshotHead {
  readonly tasks: readonly TaskSnapshot[];
}

/** The state as plain data. */
export function toSnapshot(run: RunState): RunSnapshot {
  return { ...snapshotHead(run), tasks: run.tasks.map((task) => taskSnapshot(task, { isPlaced: isDense(run), run })) };
}

export function snapshotHead(run: RunState): SnapshotHead {
  return {
    treeId: run.treeId,
    seq: run.seq,
    atMs: run.atMs,
    createdAtMs: run.createdAtMs,
    userId: run.userId,
    seed: run.seed,
    ...(run.idempotencyKey === undefined ? {} : { idempotencyKey: run.idempotencyKey }),
    ...(run.origin === undefined ? {} : { origin: run.origin }),
    variables: run.variables,
    ...(run.merges === undefined ? {} : { merges: run.merges }),
    ...(run.declares === undefined ? {} : { declares: run.declares }),
    policies: run.policies,
    ...(run.baseDir === undefined ? {} : { baseDir: run.baseDir }),
    ...(isDense(run) ? {} : { nextIndex: run.nextIndex }),
    fields: pick(run, RUN_FIELDS),
    ...(run.hasBegun === seemsBegun(run) ? {} : { begun: run.hasBegun }),
    ...(run.pauses === undefined ? {} : { pauses: [...run.pauses.values()] }),
    ...(run.inbox === undefined ? {} : { inbox: inboxSnapshot(run.inbox) }),
    ...(run.compensation === undefined ? {} : { undoable: run.compensation.undoable.map(({ id }) => id) }),
    ...(run.scope.closing === undefined ? {} : { closing: run.scope.closing }),
  };
}

/** Not so of a run that was opened again or copied with results, and not of one whose members with attempts have left. */
function seemsBegun({ status, tasks }: RunState): boolean {
  return isUnderWay(status) && tasks.some(({ attempt }) => attempt > 0);
}

/** True when the index of every task is its place, because none has left. */
export function isDense({ tasks, nextIndex }: Pick<RunState, 'tasks' | 'nextIndex'>): boolean {
  return tasks.length === nextIndex;
}

/** `isPlaced`: the place of the task says its index. */
export function taskSnapshot(
  task: TaskState,
  { isPlaced, run }: { readonly isPlaced: boolean; readonly run: Pick<RunState, 'patches' | 'deadlines'> },
): TaskSnapshot {
  const patch = run.patches?.get(task);
  const left = run.patches?.leftBy(task);
  const deadlines = run.deadlines?.get(task);
  return {
    definition: task.definition,
    fields: pick(task, TASK_FIELDS),
    edges: task.incoming.map((edge) => edge.status),
    ...(task.winner === undefined ? {} : { winner: task.winner }),
    ...(task.calls === undefined ? {} : { calls: [...task.calls] }),
    ...(task.callSecrets === undefined ? {} : { callSecrets: [...task.callSecrets] }),
    ...(task.deleted ? { deleted: true } : {}),
    ...(isPlaced ? {} : { index: task.index }),
    ...(task.group === undefined || task.group.made === 0 ? {} : { made: task.group.made }),
    ...(task.group?.closing === undefined ? {} : { closing: task.group.closing }),
    ...(isExpanded(task) ? { expanded: true } : {}),
    ...(deadlines === undefined ? {} : { deadlines }),
    ...(patch === undefined ? {} : { patch }),
    ...resolvedNames(task),
    ...(left === undefined ? {} : { left }),
  };
}

/** The state that a snapshot was taken of. */
export function fromSnapshot(snapshot: RunSnapshot): RunState {
  return resultOf(restoreInSteps(snapshot));
}

/** Does the same as `fromSnapshot` in steps. The cost of one step does not depend on the size of the tree. */
export function* restoreInSteps(snapshot: RunSnapshot): Generator<void, RunState> {
  const { treeId, userId, seed, idempotencyKey, origin, variables, merges, declares, policies, baseDir, tasks } =
    snapshot;
  const places: Places = {
    indexes: snapshot.nextIndex === undefined ? NONE : tasks.map(({ index = 0 }) => index),
    nextIndex: snapshot.nextIndex ?? tasks.length,
    isExpanded: (place) => tasks[place]?.expanded === true,
  };
  const created: EventOf<'TreeCreated'> = {
    type: 'TreeCreated',
    seq: 1,
    atMs: snapshot.createdAtMs,
    taskId: undefined,
    attempt: undefined,
    data: {
      definition: {
        treeId,
        tasks: tasks.map((task) => task.definition),
        inputs: snapshot.fields.inputs ?? {},
        variables,
        ...(merges === undefined ? {} : { merges }),
        ...(declares === undefined ? {} : { declares }),
        policies,
        ...(baseDir === undefined ? {} : { baseDir }),
        ...(origin === undefined ? {} : { origin }),
      },
      userId,
      seed,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    },
  };
  const run = yield* buildInSteps(created, places);
  run.seq = snapshot.seq;
  run.atMs = snapshot.atMs;
  Object.assign(run, snapshot.fields);
  run.hasBegun = snapshot.begun === true;
  const isUnsaid = snapshot.begun === undefined && isUnderWay(run.status);
  if (snapshot.pauses !== undefined) run.pauses = new Map(snapshot.pauses.map((pause) => [pause.taskId, pause]));
  if (snapshot.inbox !== undefined) run.inbox = restoreInbox(snapshot.inbox);
  run.scope.closing = snapshot.closing;
  if (snapshot.undoable !== undefined)
    run.compensation = { undoable: snapshot.undoable.flatMap((id) => run.byId.get(id) ?? []), open: 0 };
  yield* eachStep(tasks.length, (index) => {
    const task = run.tasks[index] as TaskState;
    restore(run, task, tasks[index] as TaskSnapshot);
    if (isUnsaid && task.attempt > 0) run.hasBegun = true;
  });
  removeTasks(
    run,
    tasks.filter((task) => task.deleted === true).map((task) => task.definition.id),
  );
  return run;
}

const NONE: readonly number[] = [];

function restore(run: RunState, task: TaskState, snapshot: TaskSnapshot): void {
  notePatch(run, task, snapshot.patch);
  noteLeft(run, task, snapshot.left);
  const fields: Record<string, unknown> = task as never;
  for (const field of TASK_FIELDS) fields[field] = snapshot.fields[field];
  if (snapshot.fields.output === undefined) task.output = null;
  // An old snapshot does not say why and since when the task waits.
  if (task.status === 'waiting' && task.waiting?.sinceMs === undefined)
    throw new Error('it comes from a version that did not save since when and why a task waits');
  if (task.group !== undefined) {
    task.group.made = snapshot.made ?? 0;
    task.group.closing = snapshot.closing;
  }
  evolveDemands(task, snapshot);
  if (snapshot.deadlines !== undefined) (run.deadlines ??= new Map()).set(task, snapshot.deadlines);
  task.winner = snapshot.winner;
  task.calls = snapshot.calls === undefined ? undefined : new Map(snapshot.calls);
  task.callSecrets = snapshot.callSecrets === undefined ? undefined : new Map(snapshot.callSecrets);
  task.unsettled = 0;
  task.fired = 0;
  task.incoming.forEach((edge, index) => {
    edge.status = snapshot.edges[index] ?? 'open';
    if (edge.status === 'open') task.unsettled++;
    else if (edge.status === 'fired') task.fired++;
  });
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key];
  return picked;
}
