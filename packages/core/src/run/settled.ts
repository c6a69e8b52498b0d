/** Dead edges whose source ended before the edge was made: a copy carried the outcome over, or the dependency was changed later. */
import { noExpressionUse } from '../ports/expressions.ts';
import { isTerminal } from '../task/status.ts';
import type { TaskDefinition, TreeDefinition } from '../task/task.ts';
import type { DecideContext } from './command.ts';
import { buildRun } from './build.ts';
import { endingOfState, type ConditionContext } from './conditions.ts';
import { outgoingEdges, whyDead } from './edges.ts';
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
    for (const edge of outgoingEdges(task)) dead.push(...deadEdge(edge, task, judging));
  }
  return dead.length === 0 ? {} : { dead };
}

function isSettled(task: TaskDefinition): boolean {
  return task.settled !== undefined;
}

/** Returns the edge as data when its source, which has ended, does not fire it. */
export function deadEdge(edge: Edge, source: TaskState, judging: ConditionContext): DeadEdge[] {
  if (!isTerminal(source.status)) return [];
  const because = whyDead(edge, endingOfState(source), judging);
  return because === undefined ? [] : [deadData(edge, because, judging)];
}

/** Returns a dead edge as data, with the fault when the evaluation of its condition failed. */
export function deadData(edge: Edge, because: DeadEdge['because'], { judged }: ConditionContext): DeadEdge {
  const fault = because === 'condition' ? judged?.get(edge) : undefined;
  const data = { task: edge.target.id, edge: edge.index, because };
  return fault === undefined ? data : { ...data, fault: fault.message };
}
