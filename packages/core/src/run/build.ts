/**
 * Builds the state of a tree from its `TreeCreated` event: tasks, scopes, edges, and the outcomes that a copy carried over. Nothing is
 * recursive, because trees may be deep.
 */
import type { TaskId } from '@coppice/extension';
import { InvariantError } from '../errors/invariant.ts';
import { dealsWithFailure } from '../task/failure-edge.ts';
import { isGroup } from '../task/kind.ts';
import type { TaskDefinition } from '../task/task.ts';
import type { EventOf } from './event.ts';
import type { RunState, Scope, TaskState, TreeLevel } from './state.ts';
import { limitQueues } from './deadlines.ts';
import { demandsOf } from './demands.ts';
import { emptyCounts } from './roll-up.ts';
import { levelBelow, newRootLevel } from './order-key.ts';
import { noteLeft, notePatch } from '../variables/patches.ts';
import { connect, deadKeys, NO_EDGES, outgoingEdges, settleOutgoing } from './edges.ts';

/** Number of tasks that one step works on. */
const STEP_TASKS = 500;

/** The state after a tree's first event. */
export function buildRun(event: EventOf<'TreeCreated'>): RunState {
  return resultOf(buildInSteps(event));
}

/** Takes all steps at once and returns their result. */
export function resultOf<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** What a snapshot knows of tasks beside their definitions, by their place in it. */
export interface Places {
  readonly indexes: readonly number[];
  readonly nextIndex: number;
  /** True for a task whose executor made it a group. */
  readonly isExpanded: (place: number) => boolean;
}

/** Does the same as `buildRun` in steps. The cost of one step does not depend on the size of the tree. */
export function* buildInSteps(event: EventOf<'TreeCreated'>, places?: Places): Generator<void, RunState> {
  const { definition, userId, seed, idempotencyKey } = event.data;
  const scope = newScope(undefined);
  scope.breaker = definition.policies.breaker;
  const byId = new Map<TaskId, TaskState>();
  const tasks: TaskState[] = [];
  yield* eachStep(definition.tasks.length, (index) => {
    const taskDefinition = definition.tasks[index] as TaskDefinition;
    const state = newTaskState(taskDefinition, { index: places?.indexes[index] ?? index, scope });
    const isExpanded = places === undefined ? state.definition.settled?.expanded === true : places.isExpanded(index);
    if (isExpanded) state.group = newScope(state);
    byId.set(state.id, state);
    tasks.push(state);
  });
  yield* eachStep(tasks.length, (index) => plant(tasks[index] as TaskState, byId));
  const root = tasks.find(({ definition }) => definition.parentId === undefined);
  if (root === undefined || (yield* arrange(root, scope)) !== tasks.length) {
    throw new InvariantError(`Tree ${definition.treeId} is not one connected tree`);
  }
  yield* eachStep(tasks.length, (index) => {
    const task = tasks[index] as TaskState;
    enterScope(task);
    connect(task, byId);
  });
  const run: RunState = {
    treeId: definition.treeId,
    seq: event.seq,
    atMs: event.atMs,
    status: 'created',
    userId,
    seed,
    idempotencyKey,
    origin: definition.origin,
    inputs: definition.inputs,
    variables: definition.variables,
    merges: definition.merges,
    declares: definition.declares,
    policies: definition.policies,
    baseDir: definition.baseDir,
    createdAtMs: event.atMs,
    startedAtMs: undefined,
    endedAtMs: undefined,
    deadlineAtMs: undefined,
    error: undefined,
    reason: undefined,
    patches: undefined,
    result: undefined,
    hasBegun: false,
    retries: 0,
    compensation: undefined,
    deadlines: undefined,
    hasQueueLimits: limitQueues(definition.tasks),
    inbox: undefined,
    tasks,
    nextIndex: places?.nextIndex ?? tasks.length,
    byId,
    root,
    scope,
    counts: emptyCounts(),
    executing: 0,
    pauses: undefined,
    selectedCount: 0,
    rollUps: undefined,
    beforeEvent: undefined,
  };
  const dead = deadKeys(event.data.dead);
  yield* eachStep(tasks.length, (index) => carryOver(run, tasks[index] as TaskState, dead));
  return run;
}

/** Calls `work` with each index from 0 to `count` - 1, `STEP_TASKS` of them per step. */
export function* eachStep(count: number, work: (index: number) => void): Generator<void, void> {
  for (let from = 0; from < count; from += STEP_TASKS) {
    const end = Math.min(from + STEP_TASKS, count);
    for (let index = from; index < end; index++) work(index);
    yield;
  }
}

/** Settles the outgoing edges of a task whose outcome a copy carried over. */
function carryOver(run: RunState, task: TaskState, dead: ReadonlySet<string> | undefined): void {
  const { settled } = task.definition;
  if (settled === undefined) return;
  task.status = settled.status;
  task.output = settled.output;
  task.outputSecrets = settled.secrets;
  task.cut = settled.cut;
  task.port = settled.port;
  task.error = settled.error;
  task.reason = settled.reason;
  if (settled.patch !== undefined) notePatch(run, task, settled.patch);
  noteLeft(run, task, settled.left);
  task.attempt = settled.attempt;
  task.uncounted = settled.attempt;
  task.startedAtMs = settled.startedAtMs;
  task.firstStartedAtMs = settled.startedAtMs;
  task.endedAtMs = settled.endedAtMs;
  task.reused = settled.reused;
  settleOutgoing(task, dead);
  task.handled = task.definition.allowFailure || isDealtWith(task);
}

function isDealtWith(task: TaskState): boolean {
  for (const { status, dependency } of outgoingEdges(task)) {
    if (status === 'fired' && dealsWithFailure(dependency)) return true;
  }
  return false;
}

/** The children of a task without children: one shared list saves memory. */
const NO_TASKS: readonly TaskState[] = Object.freeze([]);

/** Returns the list with the task added. The shared empty list is replaced by a new one. */
export function withTask(tasks: readonly TaskState[], task: TaskState): readonly TaskState[] {
  if (tasks === NO_TASKS) return [task];
  (tasks as TaskState[]).push(task);
  return tasks;
}

/** The scope of a group, or of the run. */
export function newScope(owner: TaskState | undefined): Scope {
  return {
    owner,
    members: NO_TASKS,
    open: 0,
    unhandled: 0,
    limited: undefined,
    breaker: undefined,
    made: 0,
    cleanUp: undefined,
    closing: undefined,
  };
}

/** Makes a task a member of its scope. */
export function enterScope(task: TaskState): void {
  const { scope } = task;
  scope.members = withTask(scope.members, task);
  if (task.definition.finally === true) scope.cleanUp = withTask(scope.cleanUp ?? NO_TASKS, task);
}

/** Takes members out of a scope. */
export function leaveScope(scope: Scope, stays: (task: TaskState) => boolean): void {
  scope.members = scope.members.filter(stays);
  if (scope.cleanUp === undefined) return;
  const left = scope.cleanUp.filter(stays);
  scope.cleanUp = left.length === 0 ? undefined : left;
}

/** Links a task and its parent with each other. */
export function plant(task: TaskState, byId: ReadonlyMap<TaskId, TaskState>): void {
  const { parentId } = task.definition;
  const parent = parentId === undefined ? undefined : byId.get(parentId);
  if (parent === undefined) return;
  task.parent = parent;
  task.position = (parent.children.at(-1)?.position ?? -1) + 1;
  parent.children = withTask(parent.children, task);
}

/** Gives the tasks below a root their levels and scopes, and returns the number of these tasks. */
function* arrange(root: TaskState, runScope: Scope): Generator<void, number> {
  root.level = newRootLevel();
  let count = 0;
  const stack = [root];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    count++;
    arrangeBelow(task, runScope, stack);
    if (count % STEP_TASKS === 0) yield;
  }
  return count;
}

/** Notes by which group the tasks in a scope are limited, and what is said of their breakers. */
export function limitScope({ definition: { policies }, scope }: TaskState, group: Scope): void {
  group.limited = (policies.concurrency ?? 0) > 0 ? group : scope.limited;
  group.breaker = policies.breaker ?? scope.breaker;
}

/** Gives a task its scope and its children their level, and puts those on the stack. */
export function arrangeBelow(task: TaskState, runScope: Scope, stack: TaskState[]): void {
  task.scope = task.parent === undefined ? runScope : (task.parent.group ?? task.parent.scope);
  if (task.group !== undefined) limitScope(task, task.group);
  else if (task.scope.breaker !== undefined) task.demands = demandsOf(task.definition, task.scope.breaker);
  const level = task.children.length === 0 ? NO_LEVEL : levelBelow(task);
  for (const child of task.children) {
    child.level = level;
    stack.push(child);
  }
}

/** The level of a task until `arrange` has reached it. */
const NO_LEVEL = Object.freeze({ depth: -1 }) as TreeLevel;

export function newTaskState(
  definition: TaskDefinition,
  place: { readonly index: number; readonly scope: Scope },
): TaskState {
  const task: TaskState = {
    definition,
    id: definition.id,
    index: place.index,
    position: 0,
    level: NO_LEVEL,
    parent: undefined,
    children: NO_TASKS,
    scope: place.scope,
    group: undefined,
    incoming: NO_EDGES,
    outgoing: NO_EDGES,
    unsettled: 0,
    fired: 0,
    winner: undefined,
    status: 'pending',
    selected: false,
    attempt: 0,
    uncounted: 0,
    interruptions: 0,
    generation: 0,
    demands: demandsOf(definition, undefined),
    input: undefined,
    inputSecrets: undefined,
    output: null,
    outputSecrets: undefined,
    cut: undefined,
    port: undefined,
    error: undefined,
    handled: false,
    reason: undefined,
    waiting: undefined,
    readyAtMs: undefined,
    firstStartedAtMs: undefined,
    startedAtMs: undefined,
    endedAtMs: undefined,
    timeoutMs: undefined,
    timeoutLimit: undefined,
    idempotencyKey: undefined,
    progress: undefined,
    progressMessage: undefined,
    calls: undefined,
    callSecrets: undefined,
    reused: false,
    deleted: false,
    mark: 0,
  };
  if (isGroup(definition)) task.group = newScope(task);
  return task;
}
