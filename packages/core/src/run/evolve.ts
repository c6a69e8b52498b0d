/**
 * `evolve` folds one event into the state. It is deterministic, decides nothing and evaluates no expression.
 * It changes the given state in place and returns it (see `state.ts`).
 */
import type { TaskId } from '@coppice/extension';
import { InvariantError } from '../errors/invariant.ts';
import { buildRun, limitScope, newScope } from './build.ts';
import type { CompletedOutcome } from './command.ts';
import { keepUndoable, noteCompensated, noteUndoable } from './undoable.ts';
import { recount, setStatus } from './counts.ts';
import { beginDeadline, endDeadline, limitQueues } from './deadlines.ts';
import { demandsOf, evolveDemands } from './demands.ts';
import { changesDependencies, connect, deadKeys, disconnect, settleEdge, settleOutgoing } from './edges.ts';
import { isTerminal, type TaskStatus } from '../task/status.ts';
import { subTree } from './tree-walk.ts';
import { beginsFallback, FALLBACK_PORT } from './falling-back.ts';
import { noteClosing } from './evolve-closing.ts';
import { addTasks, takeOut } from './grow.ts';
import { evolvePause } from './pauses.ts';
import { removeTasks } from './remove.ts';
import type { Actor } from './actor.ts';
import type { Consequences, EventOf, RunEvent } from './event.ts';
import { consumeSignal, endWaiting, evolveSignal, evolveWait } from './evolve-wait.ts';
import type { RunEnd, TaskEnd } from './event-meaning.ts';
import { resetTask } from './reset-task.ts';
import { noteLeft, notePatch } from '../variables/patches.ts';
import type { EndReason, RunState, TaskState, Waiting } from './state.ts';

/** The state after an event. Undefined is the state before the first event of a tree. */
export function evolve(run: RunState | undefined, event: RunEvent): RunState {
  if (run === undefined) {
    if (event.type !== 'TreeCreated') throw new InvariantError(`A log must begin with TreeCreated, not ${event.type}`);
    return buildRun(event);
  }
  if (event.seq !== run.seq + 1) {
    throw new InvariantError(`Tree ${run.treeId}: event ${event.seq} follows ${run.seq}`);
  }
  run.beforeEvent?.(event);
  run.seq = event.seq;
  run.atMs = event.atMs;
  if (event.taskId === undefined) evolveRun(run, event);
  else evolveTask(run, event);
  return run;
}

/** Folds a whole log, or its continuation. */
export function fold(events: Iterable<RunEvent>, from?: RunState): RunState | undefined {
  let run = from;
  for (const event of events) run = evolve(run, event);
  return run;
}

type RunLevelEvent = Extract<RunEvent, { readonly taskId: undefined }>;
type TaskLevelEvent = Exclude<RunEvent, RunLevelEvent>;

function evolveRun(run: RunState, event: RunLevelEvent): void {
  switch (event.type) {
    case 'TreeCreated':
      throw new InvariantError(`Tree ${run.treeId}: TreeCreated at ${event.seq}`);
    case 'RunStarted':
      run.status = 'running';
      run.startedAtMs = event.atMs;
      run.deadlineAtMs = event.data.deadlineAtMs;
      if (event.data.inputs !== undefined) run.inputs = event.data.inputs;
      select(run, event.data.selection);
      recount(run);
      markReady(run, event);
      return;
    case 'RunReopened':
      evolveReopened(run, event);
      return;
    case 'RunCompleted':
      endRun(run, 'completed', event);
      return;
    case 'RunFailed':
      endRun(run, 'failed', event);
      run.error = event.data.error;
      return;
    case 'RunCancelled':
      endRun(run, 'cancelled', event);
      run.reason = withActor(event.data.reason, event.actor);
      return;
    case 'TasksDeleted':
      removeTasks(run, event.data.taskIds);
      return;
    case 'SignalReceived':
    case 'SignalRejected':
      evolveSignal(run, event);
      return;
  }
  event satisfies never;
}

function evolveTask(run: RunState, event: TaskLevelEvent): void {
  const task = run.byId.get(event.taskId);
  if (task === undefined)
    throw new InvariantError(`Tree ${run.treeId}: event ${event.seq} names unknown task ${event.taskId}`);
  switch (event.type) {
    case 'TaskStarted':
      evolveStarted(run, task, event);
      return;
    case 'WaitStarted':
    case 'WaitReminded':
      evolveWait(run, task, event);
      return;
    case 'TaskCompleted':
      evolveCompleted(run, task, event);
      return;
    case 'TaskOpened':
      evolveOpened(run, task, event);
      return;
    case 'TaskFailed':
      task.error = event.data.error;
      task.handled = event.data.handled;
      if (task.selected && !task.handled) task.scope.unhandled++;
      endTask(run, task, event);
      return;
    case 'TaskSkipped':
      task.reason = withActor(event.data.reason, event.actor);
      endTask(run, task, event);
      return;
    case 'TaskCancelled':
      task.reason = withActor(event.data.reason, event.actor);
      endTask(run, task, event);
      return;
    case 'TaskDelayed':
      wait(run, task, { for: 'delay', sinceMs: event.atMs, untilMs: event.data.dueAtMs });
      return;
    case 'TaskDue':
      evolveDemands(task, event.data);
      ready(run, task, event.atMs);
      beginDeadline(run, task, { kind: 'queue', event });
      return;
    case 'RetryScheduled':
      evolveRetry(run, task, event);
      return;
    case 'AttemptInterrupted':
      evolveInterrupted(run, task, event);
      return;
    case 'CallRecorded':
      evolveRecorded(task, event.data);
      return;
    case 'TaskProgressed':
      task.progress = event.data.fraction ?? task.progress;
      task.progressMessage = event.data.message ?? task.progressMessage;
      return;
    case 'TaskUpdated':
      evolveUpdated(run, task, event);
      return;
    case 'TaskPausing':
    case 'TaskPaused':
    case 'TaskResumed':
      evolvePause(run, task, event);
      return;
  }
  event satisfies never;
}

function evolveRetry(run: RunState, task: TaskState, { atMs, data }: EventOf<'RetryScheduled'>): void {
  const isFallback = data.fallback === true;
  if (isFallback) endDeadline(run, task);
  else run.retries++;
  task.error = data.error;
  wait(run, task, {
    for: 'retry',
    sinceMs: atMs,
    untilMs: data.dueAtMs,
    ...(isFallback ? { isFallback: true } : {}),
  });
}

function evolveInterrupted(run: RunState, task: TaskState, event: EventOf<'AttemptInterrupted'>): void {
  const { reason, dueAtMs } = event.data;
  task.uncounted++;
  if (reason !== 'pause') task.interruptions++;
  beginDeadline(run, task, { kind: 'queue', event });
  if (dueAtMs === undefined) ready(run, task, event.atMs);
  else wait(run, task, { for: 'restart', sinceMs: event.atMs, untilMs: dueAtMs });
}

function evolveRecorded(task: TaskState, { key, occurrence, value, secrets }: EventOf<'CallRecorded'>['data']): void {
  const call = `${key}#${occurrence}`;
  (task.calls ??= new Map()).set(call, value);
  if (secrets !== undefined) (task.callSecrets ??= new Map()).set(call, secrets);
}

function evolveStarted(run: RunState, task: TaskState, event: EventOf<'TaskStarted'>): void {
  const { data } = event;
  run.hasBegun = true;
  task.attempt = event.attempt as number;
  task.input = data.input;
  task.inputSecrets = data.secrets;
  task.idempotencyKey = data.idempotencyKey;
  task.timeoutMs = data.timeoutMs;
  task.timeoutLimit = data.limit;
  task.startedAtMs = event.atMs;
  task.firstStartedAtMs ??= event.atMs;
  task.waiting = undefined;
  task.progress = undefined;
  task.progressMessage = undefined;
  setStatus(run, task, 'running');
  endDeadline(run, task, 'queue');
  beginDeadline(run, task, { kind: 'total', event });
}

function evolveOpened(run: RunState, task: TaskState, event: EventOf<'TaskOpened'>): void {
  const { input, secrets, outcome, added, removed, left, closing } = event.data;
  if (closing !== undefined) noteClosing(task.group ?? run.scope, closing, event.actor);
  if (outcome !== undefined) expand(run, task, outcome);
  if (removed !== undefined) takeOut(run, removed);
  if (added !== undefined) {
    run.patches?.grow(task);
    if (closing?.compensation === true) noteCompensated(run, added);
    addTasks(run, task, added);
  }
  const before = left ?? outcome?.patch;
  if (before !== undefined) noteLeft(run, task, before);
  // It was open before: a repetition opens its group again for each copy.
  if (task.status === 'running' || closing !== undefined) return markReady(run, event);
  if (input !== undefined) {
    task.input = input;
    task.inputSecrets = secrets;
  }
  task.startedAtMs = event.atMs;
  task.waiting = undefined;
  beginDeadline(run, task, { kind: 'total', event });
  setStatus(run, task, 'running');
  markReady(run, event);
}

/** The attempt has ended, and its task goes on as a group. */
function expand(run: RunState, task: TaskState, { output, port, secrets, cut }: CompletedOutcome): void {
  run.executing--;
  task.group = newScope(task);
  limitScope(task, task.group);
  task.output = output;
  task.outputSecrets = secrets;
  task.cut = cut;
  task.port = port;
  task.error = undefined;
}

function evolveCompleted(run: RunState, task: TaskState, event: EventOf<'TaskCompleted'>): void {
  if (event.data.signal !== undefined) consumeSignal(run, task, event.data.signal);
  task.output = event.data.output;
  task.outputSecrets = event.data.secrets;
  task.cut = event.data.cut;
  task.port = event.data.port;
  // The error belongs to an earlier attempt. The history of attempts keeps it.
  task.error = undefined;
  if (event.data.reason !== undefined) task.reason = withActor(event.data.reason, event.actor);
  if (event.data.patch !== undefined) notePatch(run, task, event.data.patch);
  if (task.definition.compensate !== undefined) noteUndoable(run, task);
  endTask(run, task, event);
}

const STATUS_AFTER = {
  TaskCompleted: 'completed',
  TaskFailed: 'failed',
  TaskSkipped: 'skipped',
  TaskCancelled: 'cancelled',
} as const satisfies Readonly<Record<TaskEnd['type'], TaskStatus>>;

function endTask(run: RunState, task: TaskState, event: TaskEnd): void {
  task.endedAtMs = event.atMs;
  endWaiting(run, task);
  endDeadline(run, task);
  setStatus(run, task, STATUS_AFTER[event.type]);
  settleOutgoing(task, deadKeys(event.data.dead));
  markReady(run, event);
}

function markReady(run: RunState, event: { readonly atMs: number; readonly data: Consequences }): void {
  const ids = event.data.ready;
  if (ids === undefined) return;
  for (const id of ids) ready(run, run.byId.get(id) as TaskState, event.atMs);
}

function wait(run: RunState, task: TaskState, waiting: Waiting): void {
  task.waiting = waiting;
  setStatus(run, task, 'waiting');
}

function ready(run: RunState, task: TaskState, atMs: number): void {
  task.readyAtMs = atMs;
  if (task.waiting !== undefined && beginsFallback(task.waiting)) task.port = FALLBACK_PORT;
  task.waiting = undefined;
  setStatus(run, task, 'ready');
}

function select(run: RunState, selection: readonly TaskId[] | undefined): void {
  if (selection === undefined) for (const task of run.tasks) task.selected = !task.deleted;
  else for (const id of selection) (run.byId.get(id) as TaskState).selected = true;
}

function endRun(run: RunState, status: 'completed' | 'failed' | 'cancelled', event: RunEnd): void {
  run.status = status;
  run.hasBegun = false;
  run.pauses = undefined;
  run.endedAtMs = event.atMs;
  run.result = event.data.result;
}

function evolveReopened(run: RunState, event: EventOf<'RunReopened'>): void {
  const { data } = event;
  run.status = 'running';
  run.startedAtMs ??= event.atMs;
  run.endedAtMs = undefined;
  run.error = undefined;
  run.reason = undefined;
  run.result = undefined;
  run.retries = 0;
  run.deadlineAtMs = data.deadlineAtMs;
  if (data.inputs !== undefined) run.inputs = data.inputs;
  if (data.removed !== undefined) takeOut(run, data.removed);
  run.patches?.forget();
  run.scope.closing = undefined;
  if (run.compensation !== undefined) keepUndoable(run.compensation, new Set(data.reset));
  for (const id of data.reset) resetTask(run, run.byId.get(id) as TaskState);
  if (data.selection !== undefined) select(run, data.selection);
  recount(run);
  markReady(run, event);
}

function evolveUpdated(run: RunState, task: TaskState, event: EventOf<'TaskUpdated'>): void {
  const { definition } = event.data;
  const relink = changesDependencies(task, definition);
  const former = task.definition.policies;
  task.definition = definition;
  run.hasQueueLimits ||= limitQueues([definition]);
  const { concurrency, breaker } = definition.policies;
  if (former.concurrency !== concurrency || former.breaker !== breaker) limitAnew(task);
  if (relink) {
    run.patches?.forget();
    disconnect(task);
    connect(task, run.byId);
    const dead = deadKeys(event.data.dead);
    for (const edge of task.incoming) {
      if (isTerminal(edge.source.status)) settleEdge(edge, dead?.has(`${edge.index}:${task.id}`) === true);
    }
  }
  markReady(run, event);
}

/** Policies that hold for what is below the task are others. Parents come first. */
function limitAnew(task: TaskState): void {
  for (const each of subTree(task)) {
    if (each.group !== undefined) limitScope(each, each.group);
    else if (each.status === 'pending') each.demands = demandsOf(each.definition, each.scope.breaker);
  }
}

/** Why it ended, and by whom. */
function withActor<Reason extends EndReason>(reason: Reason, by: Actor | undefined): Reason {
  return by === undefined ? reason : { ...reason, by };
}
