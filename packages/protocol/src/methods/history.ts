/** Methods that look back at a run: where its time went, and how two moments of it differ. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { count, seq, taskId, time, treeId } from '../wire/scalar.ts';
import { runStatus, taskStatus } from '../wire/status.ts';
import { exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';

const LIMIT_MAX = 1000;
const limit = z.int().min(1).max(LIMIT_MAX).default(100).describe('Most tasks. Default 100.');

const ms = z.number().min(0);

const timeSpent = strict({
  dependencies: ms.describe('What it depends on, or its group, kept it waiting.'),
  limited: ms.describe('Ready: it waited for its turn, at a full gate or because of a hold.'),
  running: ms.describe('Attempts were under way.'),
  backOff: ms.describe('Until the next attempt.'),
  waiting: ms.describe('For its time, or as its work.'),
  paused: ms.describe('Something that was paused kept it still.'),
}).meta({ id: 'TimeSpent', description: 'Ms by what a task was meanwhile.' });

export const tasksTimes = method({
  summary: 'Says where the time of a run went: for each task, how long it was what.',
  description:
    'Folds the log of the run. Groups have no time of their own, and are not listed. What it took to store events is in no log.',
  params: strict({
    treeId,
    seq: seq.min(1).optional().describe('Up to the moment right after this event. Default: until now.'),
    by: z
      .enum(['dependencies', 'limited', 'running', 'backOff', 'waiting', 'paused'])
      .optional()
      .describe('Tasks with the most of this come first. Default: all of these but `dependencies`.'),
    limit,
  }),
  result: strict({
    treeId,
    seq,
    status: runStatus,
    tookMs: ms.nullable().describe('From its start to its end, or until the moment; null: not started.'),
    spent: timeSpent.describe('Of all tasks together.'),
    items: z.array(
      strict({
        taskId,
        name: z.string(),
        executor: z.string().nullable().describe('null: to wait is its work.'),
        spent: timeSpent,
      }),
    ),
    total: count.describe('All tasks that have spent any time.'),
  }),
  errors: ['task/not-found', 'storage/unreadable'],
  example: {
    params: { treeId: exampleTaskId, limit: 1 },
    result: {
      treeId: exampleTaskId,
      seq: 9,
      status: 'completed',
      tookMs: 5200,
      spent: { dependencies: 4000, limited: 200, running: 5000, backOff: 0, waiting: 0, paused: 0 },
      items: [
        {
          taskId: `${exampleTaskId}.1`,
          name: 'build',
          executor: 'command',
          spent: { dependencies: 0, limited: 100, running: 4000, backOff: 0, waiting: 0, paused: 0 },
        },
      ],
      total: 2,
    },
  },
});

const moment = strict({ seq, at: time, status: runStatus });
const stand = strict({ status: taskStatus, attempt: count });

export const tasksDiff = method({
  summary: 'Lists the tasks of a run that differ between two moments of its log.',
  description: 'Folds the log of the run up to each of the two.',
  params: strict({
    treeId,
    from: seq.min(1).describe('The moment right after this event.'),
    to: seq.min(1).optional().describe('The moment right after this one, not before `from`. Default: the last event.'),
    limit,
  }),
  result: strict({
    treeId,
    from: moment,
    to: moment,
    items: z
      .array(
        strict({
          taskId,
          name: z.string(),
          before: stand.nullable().describe('null: it was not there.'),
          after: stand.nullable().describe('null: it has left the run.'),
          changed: z
            .array(z.enum(['status', 'attempt', 'input', 'output', 'port', 'error', 'reason', 'waiting', 'definition']))
            .describe('What is another, of a task that is in both.'),
        }),
      )
      .describe('Those of the later moment in declared order, then those that have left.'),
    total: count.describe('All tasks that differ.'),
  }),
  errors: ['task/not-found', 'storage/unreadable'],
  example: {
    params: { treeId: exampleTaskId, from: 3 },
    result: {
      treeId: exampleTaskId,
      from: { seq: 3, at: exampleTime, status: 'running' },
      to: { seq: 9, at: exampleTime, status: 'completed' },
      items: [
        {
          taskId: `${exampleTaskId}.1`,
          name: 'build',
          before: { status: 'ready', attempt: 0 },
          after: { status: 'completed', attempt: 1 },
          changed: ['status', 'attempt', 'input', 'output'],
        },
      ],
      total: 1,
    },
  },
});
