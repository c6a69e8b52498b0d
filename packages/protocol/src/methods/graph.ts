/** The method that shows the graph of a run. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { graph } from '../wire/graph.ts';
import { seq, taskId, treeId } from '../wire/scalar.ts';
import { exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';

/** Tasks and edges of one answer. */
export const GRAPH_LIMIT_MAX = 10_000;
export const GRAPH_LIMIT_DEFAULT = 1000;
/** Tasks that one request may name. */
const TASKS_MAX = 100;

export const tasksGraph = method({
  summary: 'Shows the tasks, edges and gates of a run at any moment, page by page.',
  description:
    'An edge says whether it is open, has fired or is dead, which filter stopped it, and the values that its condition has read. A page of a moment in the past folds the log up to it. Pages fit together when all are asked for with the `seq` of the first.',
  params: strict({
    treeId,
    seq: seq.min(1).optional().describe('The moment right after this event. Default: now.'),
    taskIds: list(taskId)
      .max(TASKS_MAX)
      .optional()
      .describe('Only these tasks of the tree with their edges, at most 100. Default: all.'),
    limit: z
      .int()
      .min(1)
      .max(GRAPH_LIMIT_MAX)
      .default(GRAPH_LIMIT_DEFAULT)
      .describe('Most tasks and edges together; one task comes with all its edges in any case.'),
    cursor: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional()
      .describe('`nextCursor` of the page before.'),
  }),
  result: graph,
  errors: ['task/not-found', 'storage/unreadable'],
  example: {
    params: { treeId: exampleTaskId, seq: 4 },
    result: {
      treeId: exampleTaskId,
      seq: 4,
      at: exampleTime,
      status: 'running',
      taskCount: 2,
      items: [
        {
          taskId: `${exampleTaskId}.1`,
          parentId: exampleTaskId,
          key: 'deploy',
          name: 'deploy',
          kind: 'executor',
          executor: 'command',
          join: 'all',
          status: 'skipped',
          attempt: 0,
          selected: true,
          winner: null,
          reason: { code: 'dependency', message: 'The dependencies can no longer be met' },
          edges: [
            {
              source: `${exampleTaskId}.0`,
              status: 'dead',
              because: 'condition',
              on: ['success'],
              required: true,
              port: null,
              condition: 'output.failed == 0',
              values: [{ read: 'output.failed', value: '3' }],
            },
          ],
        },
      ],
      gates: [{ gate: 'global', held: 1, limit: 16, closedTo: 0, used: 4, waiting: 0 }],
    },
  },
});
