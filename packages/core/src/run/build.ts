/** Builds the state of a tree from its `TreeCreated` event: tasks, scopes, edges, and the outcomes that a copy carried over. Iterative throughout. */
import { InvariantError } from '../errors/invariant.ts';
import type { TaskDefinition, TaskId } from '../task/task.ts';
import type { EventOf } from './event.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { emptyCounts } from './counts.ts';
import { connect, deadKeys, settleOutgoing } from './edges.ts';

/** The state after a tree's first event. */
export function buildRun(event: EventOf<'TreeCreated'>): RunState {
  const { definition, userId, seed, definitionHash, idempotencyKey } = event.data;
  const scope: Scope = { owner: undefined, members: [], open: 0, unhandled: 0 };
  const byId = new Map<TaskId, TaskState>();
  const tasks: TaskState[] = [];
  for (const { task, parent } of inTreeOrder(definition.tasks)) {
    const parentState = parent === undefined ? undefined : byId.get(parent);
    const state = newTaskState(task.definition, {
      index: task.index,
      order: byId.size,
      parent: parentState,
      runScope: scope,
    });
    byId.set(state.id, state);
    tasks[task.index] = state;
  }
  const root = tasks.find((task) => task.parent === undefined);
  if (root === undefined || tasks.length !== definition.tasks.length) {
    throw new InvariantError(`Tree ${definition.treeId} is not one connected tree`);
  }
  for (const task of tasks) {
    task.parent?.children.push(task);
    task.scope.members.push(task);
  }
  for (const task of tasks) connect(task, byId);
  const run: RunState = {
    treeId: definition.treeId,
    seq: event.seq,
    atMs: event.atMs,
    status: 'created',
    userId,
    seed,
    definitionHash,
    idempotencyKey,
    origin: definition.origin,
    inputs: definition.inputs,
    variables: definition.variables,
    policies: definition.policies,
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
    task.port = settled.port;
    task.error = settled.error;
    task.attempt = settled.attempt;
    task.uncounted = settled.attempt;
    task.startedAtMs = settled.startedAtMs;
    task.firstStartedAtMs = settled.startedAtMs;
    task.endedAtMs = settled.endedAtMs;
    task.reused = settled.reused;
    settleOutgoing(task, dead);
    task.handled = task.definition.allowFailure || firesOnFailure(task);
  }
}

function firesOnFailure(task: TaskState): boolean {
  return task.outgoing.some(({ edges }) =>
    edges.some((edge) => edge.status === 'fired' && edge.dependency.on.includes('failure')),
  );
}

interface Placed {
  readonly task: { readonly definition: TaskDefinition; readonly index: number };
  readonly parent: TaskId | undefined;
}

/** Depth-first, siblings in declared order: the order of the order keys (R-SC-03). */
function* inTreeOrder(definitions: readonly TaskDefinition[]): Generator<Placed> {
  const children = new Map<TaskId | undefined, Placed[]>();
  definitions.forEach((definition, index) => {
    const parent = definition.parentId;
    const placed = { task: { definition, index }, parent };
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [placed]);
    else siblings.push(placed);
  });
  const stack = [...(children.get(undefined) ?? [])].reverse();
  for (let placed = stack.pop(); placed !== undefined; placed = stack.pop()) {
    yield placed;
    const below = children.get(placed.task.definition.id);
    if (below !== undefined) for (let i = below.length - 1; i >= 0; i--) stack.push(below[i] as Placed);
  }
}

interface Place {
  readonly index: number;
  readonly order: number;
  readonly parent: TaskState | undefined;
  readonly runScope: Scope;
}

function newTaskState(definition: TaskDefinition, place: Place): TaskState {
  const { parent } = place;
  const task: TaskState = {
    definition,
    id: definition.id,
    index: place.index,
    order: place.order,
    parent,
    children: [],
    scope: parent === undefined ? place.runScope : (parent.group ?? parent.scope),
    group: undefined,
    incoming: [],
    outgoing: [],
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
    output: null,
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
    reused: false,
    deleted: false,
  };
  if (definition.executor === undefined) task.group = { owner: task, members: [], open: 0, unhandled: 0 };
  return task;
}
