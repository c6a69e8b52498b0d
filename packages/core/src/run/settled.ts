/** Dead edges whose source ended before the edge was made: a copy carried the outcome over, or the dependency was changed later. */
import { noExpressionUse } from '../ports/expressions.ts';
import { isTerminal } from '../task/status.ts';
import type { TaskDefinition, TreeDefinition } from '../task/task.ts';
import type { DecideContext } from './command.ts';
import { buildRun } from './build.ts';
import { endingOfState, type ConditionContext } from './conditions.ts';
import { outgoingEdges, whyDead } from './edges.ts';
import { firesFirstOnly, isTakenByOthers, routeFirst, whyAfter } from './route-first.ts';
import type { DeadEdge } from './event.ts';
import type { Edge, TaskState } from './state.ts';

/** The dead edges of a new tree: its source has an outcome that a copy carried over, and does not fire the edge. */
export function deadOfSettled(definition: TreeDefinition, context: DecideContext): { dead?: readonly DeadEdge[] } {
  if (!definition.tasks.some(isSettled)) return {};
  const run = buildRun({
    type: 'TreeCreated',
    seq: 1,
    atMs: 0,
    taskId: undefined,
    attempt: undefined,
    data: { definition, userId: '', seed: '' },
  });
  const judging: ConditionContext = { context, use: noExpressionUse(), judged: undefined };
  const dead: DeadEdge[] = [];
  for (const task of run.tasks) {
    if (!isSettled(task.definition)) continue;
    const ending = endingOfState(task);
    const route = firesFirstOnly(task) ? routeFirst(task, ending, judging) : undefined;
    for (const edge of outgoingEdges(task)) {
      const because = route === undefined ? whyDead(edge, ending, judging) : route.get(edge);
      if (because !== undefined) dead.push(deadData(edge, because, judging));
    }
  }
  return dead.length === 0 ? {} : { dead };
}

function isSettled(task: TaskDefinition): boolean {
  return task.settled !== undefined;
}

/** Returns as data the new edges to a task that their sources, which have ended, do not fire. */
export function deadOfNew(edges: readonly Edge[], judging: ConditionContext): { dead?: readonly DeadEdge[] } {
  const dead: DeadEdge[] = [];
  /** Sources with `fire: first` of which one of these edges fires. */
  const taken = new Set<TaskState>();
  for (const edge of edges) {
    const { source, target } = edge;
    if (!isTerminal(source.status)) continue;
    const ending = endingOfState(source);
    const isBranch = firesFirstOnly(source) && edge.dependency.required;
    const isTaken = isBranch && (taken.has(source) || isTakenByOthers(source, target, judging));
    const because = isTaken ? whyAfter(edge, ending) : whyDead(edge, ending, judging);
    if (isBranch && because === undefined) taken.add(source);
    if (because !== undefined) dead.push(deadData(edge, because, judging));
  }
  return dead.length === 0 ? {} : { dead };
}

/** Returns a dead edge as data, with the fault when the evaluation of its condition failed. */
export function deadData(edge: Edge, because: DeadEdge['because'], { judged }: ConditionContext): DeadEdge {
  const fault = because === 'condition' ? judged?.get(edge) : undefined;
  const data = { task: edge.target.id, edge: edge.index, because };
  return fault === undefined ? data : { ...data, fault: fault.message };
}
