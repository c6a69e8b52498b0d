/**
 * Races: a task with the join `any` and `cancelOthers`. Once an edge to it has fired, what its other edges come from is cancelled in
 * the same decision, as far as it has not ended and nobody else waits for its result.
 */
import { isTerminal } from '../task/status.ts';
import type { CancelReason } from './event.ts';
import type { Edge, RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/** True for a task whose first edge has fired, or fires now, and makes the others worthless. */
export function isRace({ definition }: TaskState): boolean {
  return definition.cancelOthers === true && definition.join === 'any';
}

/** Those that have lost the race to a task, and why they are cancelled. */
export function losersOf(
  run: RunState,
  target: TaskState,
): { readonly tasks: TaskState[]; readonly reason: CancelReason } {
  const winner = target.winner === undefined ? undefined : run.byId.get(target.winner);
  const first = winner?.definition.name ?? 'Another';
  const message = `${first} was first, and ${target.definition.name} needs one of them only`;
  const open = target.incoming.filter(({ status, source }) => status === 'open' && hasLost(source, target));
  return { tasks: [...new Set(open.map(({ source }) => source))], reason: { code: 'race', message } };
}

function hasLost(source: TaskState, target: TaskState): boolean {
  return source.selected && !isTerminal(source.status) && !isNeeded(source, target);
}

/** True when somebody else waits for the result of the task; of a group, of anything in it. */
function isNeeded(source: TaskState, target: TaskState): boolean {
  if (source.group === undefined) return source.outgoing.some((edge) => edge.target !== target && waits(edge));
  const inside = new Set(subTree(source));
  for (const task of inside) {
    if (task.outgoing.some((edge) => edge.target !== target && !inside.has(edge.target) && waits(edge))) return true;
  }
  return false;
}

/** A dependency that is not required waits for the end only, and one with the join `any` that has its winner for nothing. */
function waits(first: Edge): boolean {
  const { target } = first;
  if (target.status !== 'pending' || !target.selected) return false;
  if (target.definition.join === 'any' && target.winner !== undefined) return false;
  for (let edge: Edge | undefined = first; edge !== undefined; edge = edge.next) {
    if (edge.status === 'open' && edge.dependency.required) return true;
  }
  return false;
}
