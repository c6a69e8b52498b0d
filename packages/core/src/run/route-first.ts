/**
 * `fire: first`: of the edges that leave a task only the first in declared order whose filters hold fires, like the branches of a
 * switch. Edges that are not required are no branches: they fire whatever happens.
 *
 * An edge whose condition can not be worked out takes the way, too: its target fails, and nobody knows whether another was meant.
 */
import type { Ending, ConditionContext } from './conditions.ts';
import { conditionFault } from './conditions.ts';
import { deadBy, outgoingEdges, whyDead } from './edges.ts';
import type { DeadEdge } from './event.ts';
import type { Edge, TaskState } from './state.ts';

type Because = DeadEdge['because'] | undefined;

export function firesFirstOnly({ definition }: TaskState): boolean {
  return definition.fire === 'first';
}

/** Why each edge that leaves the task is dead; undefined: it fires. */
export function routeFirst(source: TaskState, ending: Ending, judging: ConditionContext): ReadonlyMap<Edge, Because> {
  const route = new Map<Edge, Because>();
  let isTaken = false;
  for (const edge of inDeclaredOrder(source)) {
    const because: Because =
      isTaken && edge.dependency.required ? whyAfter(edge, ending) : whyDead(edge, ending, judging);
    route.set(edge, because);
    isTaken ||= edge.dependency.required && takesTheWay(edge, because, judging);
  }
  return route;
}

/** Why an edge is dead once another has taken the way: what keeps it from firing in any case, else that. */
export function whyAfter(edge: Edge, ending: Ending): Because {
  const because = deadBy(edge, ending);
  return because === undefined || because === 'condition' ? 'first' : because;
}

function takesTheWay(edge: Edge, because: Because, { judged }: ConditionContext): boolean {
  return because === undefined || (because === 'condition' && judged?.get(edge) !== undefined);
}

/** True when a branch before the edge has taken the way; the source has ended, and its edges are settled. */
export function isAfterTaken(edge: Edge, judging: ConditionContext): boolean {
  if (!firesFirstOnly(edge.source) || !edge.dependency.required) return false;
  for (const other of inDeclaredOrder(edge.source)) {
    if (other === edge) return false;
    if (wouldTakeTheWay(other, judging)) return true;
  }
  return false;
}

/** True when a branch to another task has taken the way. */
export function isTakenByOthers(source: TaskState, target: TaskState, judging: ConditionContext): boolean {
  const taker = inDeclaredOrder(source).find((edge) => wouldTakeTheWay(edge, judging));
  return taker !== undefined && taker.target !== target;
}

/** True for a settled branch that takes the way if none before it does. */
function wouldTakeTheWay(edge: Edge, judging: ConditionContext): boolean {
  if (!edge.dependency.required) return false;
  if (edge.status === 'fired') return true;
  if (edge.dependency.condition === undefined) return false;
  const { status, output, cut, port, error } = edge.source;
  const ending = { status, output, cut, port, error } as Ending;
  return deadBy(edge, ending) === 'condition' && conditionFault(edge, judging) !== undefined;
}

/** Targets in declared order, then their dependencies. An update may have appended to the list of edges. */
function inDeclaredOrder(source: TaskState): readonly Edge[] {
  return [...outgoingEdges(source)].sort((a, b) => a.target.index - b.target.index || a.index - b.index);
}
