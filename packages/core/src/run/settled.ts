/** Dead edges of tasks that are settled already when their edges are made: copied outcomes, and dependencies changed later. */
import type { TaskDefinition, TreeDefinition } from '../task/task.ts';
import type { DecideContext } from './command.ts';
import { outgoingEdges, whyDead } from './edges.ts';
import { buildRun } from './build.ts';
import type { DeadEdge } from './event.ts';
import type { Edge, TaskState } from './state.ts';

/** The edges of a new tree that its already settled tasks do not fire. */
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
  const dead: DeadEdge[] = [];
  for (const task of run.tasks) {
    if (!isSettled(task.definition)) continue;
    for (const edge of outgoingEdges(task)) dead.push(...deadEdge(edge, task, context));
  }
  return dead.length === 0 ? {} : { dead };
}

function isSettled(task: TaskDefinition): boolean {
  return task.settled !== undefined;
}

/** The edge as data when its ended source does not fire it. */
export function deadEdge(edge: Edge, source: TaskState, context: DecideContext): DeadEdge[] {
  const { status, output, port, error } = source;
  if (status !== 'completed' && status !== 'failed' && status !== 'skipped' && status !== 'cancelled') return [];
  const because = whyDead(edge, { status, output, port, error }, context.expressions);
  return because === undefined ? [] : [{ task: edge.target.id, edge: edge.index, because }];
}
