/** Builds the state of a tree from its `TreeCreated` event: tasks, scopes, edges, and the outcomes that a copy carried over. Iterative throughout. */
import { InvariantError } from '../errors/invariant.ts';
import { dealsWithFailure } from '../task/failure-edge.ts';
import { isGroup } from '../task/kind.ts';
import type { TaskDefinition, TaskId } from '../task/task.ts';
import type { EventOf } from './event.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { emptyCounts } from './counts.ts';
import { connect, deadKeys, NO_EDGES, outgoingEdges, settleOutgoing } from './edges.ts';

/** The state after a tree's first event. */
export function buildRun(event: EventOf<'TreeCreated'>): RunState {
  const { definition, userId, seed, idempotencyKey } = event.data;
  const scope: Scope = { owner: undefined, members: NO_TASKS, open: 0, unhandled: 0 };
  const byId = new Map<TaskId, TaskState>();
  const tasks: TaskState[] = [];
  for (let index = 0; index < definition.tasks.length; index++) {
    const state = newTaskState(definition.tasks[index] as TaskDefinition, { index, scope });
    byId.set(state.id, state);
    tasks.push(state);
  }
  const root = plant(tasks, byId);
  if (root === undefined || setOrder(root, scope) !== tasks.length) {
    throw new InvariantError(`Tree ${definition.treeId} is not one connected tree`);
  }
  for (let index = 0; index < tasks.length; index++) {
    const task = tasks[index] as TaskState;
    task.scope.members = withTask(task.scope.members, task);
    connect(task, byId);
  }
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
    policies: definition.policies,
    baseDir: definition.baseDir,
    createdAtMs: event.atMs,
    startedAtMs: undefined,
    endedAtMs: undefined,
    deadlineAtMs: undefined,
    error: undefined,
    reason: undefined,
    retries: 0,
    tasks,
    byId,
    root,
    scope,
    counts: emptyCounts(),
    executing: 0,
    selectedCount: 0,
  };
  carryOver(tasks, event);
  return run;
}

/** Settles the edges of tasks that were created already settled. */
function carryOver(tasks: readonly TaskState[], event: EventOf<'TreeCreated'>): void {
  const dead = deadKeys(event.data.dead);
  for (const task of tasks) {
    const settled = task.definition.settled;
    if (settled === undefined) continue;
    task.status = settled.status;
    task.output = settled.output;
    task.outputSecrets = settled.secrets;
    task.cut = settled.cut;
    task.port = settled.port;
    task.error = settled.error;
    task.attempt = settled.attempt;
    task.uncounted = settled.attempt;
    task.startedAtMs = settled.startedAtMs;
    task.firstStartedAtMs = settled.startedAtMs;
    task.endedAtMs = settled.endedAtMs;
    task.reused = settled.reused;
    settleOutgoing(task, dead);
    task.handled = task.definition.allowFailure || isDealtWith(task);
  }
}

function isDealtWith(task: TaskState): boolean {
  for (const { status, dependency } of outgoingEdges(task)) {
    if (status === 'fired' && dealsWithFailure(dependency)) return true;
  }
  return false;
}

/** Of all tasks without children. */
const NO_TASKS: readonly TaskState[] = Object.freeze([]);

/** The list with one more; the shared empty one gives way to a list of its own. */
function withTask(tasks: readonly TaskState[], task: TaskState): readonly TaskState[] {
  if (tasks === NO_TASKS) return [task];
  (tasks as TaskState[]).push(task);
  return tasks;
}

/** Gives all tasks their parents and children, in declared order; answers the root. */
function plant(tasks: readonly TaskState[], byId: ReadonlyMap<TaskId, TaskState>): TaskState | undefined {
  let root: TaskState | undefined;
  for (let index = 0; index < tasks.length; index++) {
    const task = tasks[index] as TaskState;
    const { parentId } = task.definition;
    if (parentId === undefined) {
      root ??= task;
      continue;
    }
    const parent = byId.get(parentId);
    task.parent = parent;
    if (parent !== undefined) parent.children = withTask(parent.children, task);
  }
  return root;
}

/** Ranks the tasks depth-first, siblings in declared order (R-SC-03), and gives them their scopes; answers how many there are. */
function setOrder(root: TaskState, runScope: Scope): number {
  let order = 0;
  const stack = [root];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    task.order = order++;
    task.scope = task.parent === undefined ? runScope : (task.parent.group ?? task.parent.scope);
    for (let at = task.children.length - 1; at >= 0; at--) stack.push(task.children[at] as TaskState);
  }
  return order;
}

function newTaskState(definition: TaskDefinition, place: { readonly index: number; readonly scope: Scope }): TaskState {
  const task: TaskState = {
    definition,
    id: definition.id,
    index: place.index,
    order: 0,
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
    input: undefined,
    inputSecrets: undefined,
    output: null,
    outputSecrets: undefined,
    cut: undefined,
    port: undefined,
    error: undefined,
    handled: false,
    reason: undefined,
    dueAtMs: undefined,
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
  if (isGroup(definition)) task.group = { owner: task, members: NO_TASKS, open: 0, unhandled: 0 };
  return task;
}
