/** Edges of the dependency graph in the state: how they are made, when they fire (rule 2), and when they make a target ready (rule 3). */
import type { TaskId } from '@coppice/extension';
import type { TaskDefinition, Trigger } from '../task/task.ts';
import type { TerminalTaskStatus } from '../task/status.ts';
import { holds, type Ending, type ConditionContext } from './conditions.ts';
import { comesLast } from './comes-last.ts';
import type { DeadEdge } from './event.ts';
import { FALLBACK_PORT } from './falling-back.ts';
import type { Edge, TaskState } from './state.ts';

/** The result of a task's activation rule. */
export type Activation = 'ready' | 'skip' | 'wait';

/** The edges of a task that has none. One list is shared, because a list per task costs more memory than the rest of a leaf. */
export const NO_EDGES: readonly Edge[] = Object.freeze([]);

/** Makes the edges of a task's dependencies. A disabled edge is dead from the start. */
export function connect(target: TaskState, byId: ReadonlyMap<TaskId, TaskState>): void {
  const { dependencies } = target.definition;
  if (dependencies.length === 0) return;
  // `map` makes a list of exactly this length. A list that grows by pushing reserves more room.
  const incoming = dependencies.map((dependency, index): Edge => {
    const source = byId.get(dependency.task) as TaskState;
    return { dependency, index, source, target, status: dependency.enabled ? 'open' : 'dead', next: undefined };
  });
  target.incoming = incoming;
  for (const edge of incoming) if (edge.status === 'open') leave(edge);
}

/** Adds an open edge to the outgoing edges of its source. */
function leave(edge: Edge): void {
  const { source, target } = edge;
  target.unsettled++;
  const { outgoing } = source;
  const last = outgoing[outgoing.length - 1];
  if (last?.target === target) lastOf(last).next = edge;
  else if (outgoing === NO_EDGES) source.outgoing = [edge];
  else (outgoing as Edge[]).push(edge);
}

function lastOf(first: Edge): Edge {
  let edge = first;
  while (edge.next !== undefined) edge = edge.next;
  return edge;
}

/** All edges that leave a task. */
export function* outgoingEdges(source: TaskState): Generator<Edge> {
  for (const first of source.outgoing) {
    for (let edge: Edge | undefined = first; edge !== undefined; edge = edge.next) yield edge;
  }
}

/** True when a new definition has other dependencies. Compares values, because a replayed log has copies where the live state shares. */
export function changesDependencies(task: TaskState, definition: TaskDefinition): boolean {
  return JSON.stringify(definition.dependencies) !== JSON.stringify(task.definition.dependencies);
}

/** Removes the incoming edges of a task. */
export function disconnect(target: TaskState): void {
  for (const { source } of target.incoming) source.outgoing = source.outgoing.filter((edge) => edge.target !== target);
  target.incoming = NO_EDGES;
  target.unsettled = 0;
  target.fired = 0;
  target.winner = undefined;
}

/** The dead edges as a set of keys; undefined when there are none. */
export function deadKeys(dead: readonly DeadEdge[] | undefined): ReadonlySet<string> | undefined {
  return dead === undefined || dead.length === 0 ? undefined : new Set(dead.map((edge) => `${edge.edge}:${edge.task}`));
}

function keyOf(edge: Edge): string {
  return `${edge.index}:${edge.target.id}`;
}

/** Settles all outgoing edges of a task that has ended: an edge in `dead` is dead, every other edge fires. */
export function settleOutgoing(source: TaskState, dead: ReadonlySet<string> | undefined): void {
  const { outgoing } = source;
  for (let at = 0; at < outgoing.length; at++) {
    for (let edge = outgoing[at]; edge !== undefined; edge = edge.next) {
      settleEdge(edge, dead !== undefined && dead.has(keyOf(edge)));
    }
  }
}

/** Settles one open edge. */
export function settleEdge(edge: Edge, dead: boolean): void {
  if (edge.status !== 'open') return;
  const { target } = edge;
  target.unsettled--;
  edge.status = dead ? 'dead' : 'fired';
  if (dead) return;
  target.fired++;
  target.winner ??= edge.source.id;
}

/** Opens the outgoing edges of a task that will run again. */
export function reopenOutgoing(source: TaskState): void {
  for (const edge of outgoingEdges(source)) {
    if (edge.status === 'open') continue;
    const { target } = edge;
    if (edge.status === 'fired') target.fired--;
    edge.status = 'open';
    target.unsettled++;
    if (target.winner === source.id)
      target.winner = target.incoming.find((other) => other.status === 'fired')?.source.id;
  }
}

const triggerOf: Readonly<Record<TerminalTaskStatus, Trigger | undefined>> = {
  completed: 'success',
  failed: 'failure',
  skipped: 'skipped',
  cancelled: undefined,
};

/** Which filter stops an edge, in the order trigger, port, condition (R-RO-12); undefined: it fires. A fatal failure fires none. */
export function whyDead(edge: Edge, ending: Ending, judging: ConditionContext): DeadEdge['because'] | undefined {
  const because = deadBy(edge, ending);
  return because === 'condition' && holds(edge, ending, judging) ? undefined : because;
}

/** Does the same as `whyDead` without evaluating the condition. Answers `condition` when only the condition can still stop the edge. */
export function deadBy({ dependency, source }: Edge, ending: Ending): DeadEdge['because'] | undefined {
  if (ending.error?.fatal === true && ending.status === 'failed' && !comesLast(source)) return 'fatal';
  if (!dependency.required) return undefined;
  const trigger = triggerOf[ending.status];
  if (trigger === undefined || !dependency.on.includes(trigger)) return 'trigger';
  const primary = source.definition.port;
  const port = ending.port === primary ? undefined : ending.port;
  const wanted = dependency.port === primary ? undefined : dependency.port;
  if (port !== wanted && !(wanted === undefined && port === FALLBACK_PORT && firesPrimaryToo(source))) return 'port';
  return dependency.condition === undefined ? undefined : 'condition';
}

/** True for a source whose dependents go on as if the fallback were its own work. */
function firesPrimaryToo({ definition: { fallback } }: TaskState): boolean {
  return fallback !== undefined && fallback.port !== 'separate';
}

/** The result of the activation rule when `unsettled` edges are open and `fired` edges have fired. */
export function activationWith(task: TaskState, unsettled: number, fired: number): Activation {
  return activationBy(task.definition.join, { total: task.incoming.length, unsettled, fired });
}

/** The same for a task that has no state yet. */
export function activationBy(
  join: TaskDefinition['join'],
  { total, unsettled, fired }: { readonly total: number; readonly unsettled: number; readonly fired: number },
): Activation {
  if (total === 0) return 'ready';
  const dead = total - unsettled - fired;
  switch (join) {
    case 'all':
      return dead > 0 ? 'skip' : unsettled === 0 ? 'ready' : 'wait';
    case 'any':
      return fired > 0 ? 'ready' : unsettled === 0 ? 'skip' : 'wait';
    case 'settled':
      return unsettled > 0 ? 'wait' : fired > 0 ? 'ready' : 'skip';
  }
}

/** The result of the activation rule now. */
export function activation(task: TaskState): Activation {
  return activationWith(task, task.unsettled, task.fired);
}

/** True when the group around the task, if there is one, is open, and has come to its clean-up if the task is a part of that. */
export function isScopeOpen(task: TaskState): boolean {
  const { owner, cleanUp, closing } = task.scope;
  if (owner === undefined) return true;
  if (owner.status !== 'running') return false;
  return cleanUp === undefined || task.definition.finally !== true || closing?.isCleaningUp === true;
}
