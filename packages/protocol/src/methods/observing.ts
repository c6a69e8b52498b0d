/** Methods that show what happened and happens: events, subscriptions, attempts, explanations. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { runEvent } from '../wire/event.ts';
import { attempt, explanation, failedTask, logLine } from '../wire/observation.ts';
import { count, seq, taskId, treeId, userId } from '../wire/scalar.ts';
import { progress } from '../wire/task.ts';
import { exampleSubscriptionId, exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './reading.ts';

/** Events of one answer. */
export const EVENTS_LIMIT_MAX = 10_000;
export const EVENTS_LIMIT_DEFAULT = 1000;
const SEARCH_MAX = 1000;

export const subscriptionId = z.string().min(1).describe('Id of a subscription of this connection.');

export const tasksEvents = method({
  summary: 'Reads the event log of a tree, all of it or what a filter selects.',
  description:
    'With `taskId` or `search` an answer looks at 10,000 events at most. As long as its `seenSeq` is before `lastSeq`, ask again with that as `afterSeq`.',
  params: strict({
    treeId,
    afterSeq: seq.default(0).describe('Only events after this one. Default 0: from the beginning.'),
    taskId: taskId.optional().describe('Only events of this task, which may have left the run.'),
    search: z
      .string()
      .min(1)
      .max(SEARCH_MAX)
      .optional()
      .describe('Only events whose JSON has this text, whatever the case: a type, a part of an output, a user.'),
    limit: z.int().min(1).max(EVENTS_LIMIT_MAX).default(EVENTS_LIMIT_DEFAULT),
  }),
  result: strict({
    items: z.array(runEvent),
    lastSeq: seq.describe('Last event of the log when it was read; more can be read while items end before it.'),
    seenSeq: seq.exactOptional().describe('With a filter: the last event that was looked at.'),
  }),
  errors: ['task/not-found'],
  example: {
    params: { treeId: exampleTaskId, afterSeq: 3 },
    result: {
      items: [{ treeId: exampleTaskId, seq: 4, at: exampleTime, type: 'RunCompleted', data: {}, v: 2 }],
      lastSeq: 4,
    },
  },
});

/** Tasks of one request whose roll-up is asked for. */
const GROUPS_MAX = 100;

const groups = list(taskId).max(GROUPS_MAX).optional();

export const tasksStatus = method({
  summary: 'Shows how far a run is, how long it takes, and what waits for which executor.',
  description: 'Everything is worked out for this answer. `groups` adds how far the tasks below these are.',
  params: strict({ treeId, groups: groups.describe('Tasks of the tree, at most 100.') }),
  result: strict({
    progress,
    tookMs: z.number().nullable().describe('From its start to its end, or until now, ms; null: not started.'),
    averageTaskMs: z.number().nullable().describe('Average time of its completed tasks, ms; null: none.'),
    queues: z.array(
      strict({
        executor: z.string(),
        ready: count.describe('Tasks that wait for their turn.'),
        running: count,
        open: count.describe('Tasks that have not ended, running ones included.'),
        averageMs: z.number().nullable().describe('Moving average over all runs, ms; null: unknown.'),
      }),
    ),
  }),
  errors: ['task/not-found', 'storage/unreadable'],
  example: {
    params: { treeId: exampleTaskId },
    result: {
      progress: {
        treeId: exampleTaskId,
        seq: 9,
        status: 'running',
        total: 4,
        counts: { pending: 1, ready: 0, running: 1, waiting: 0, completed: 2, failed: 0, skipped: 0, cancelled: 0 },
        fraction: 0.5,
        etaMs: 4000,
        etaBasis: 'criticalPath',
      },
      tookMs: 4200,
      averageTaskMs: 2000,
      queues: [{ executor: 'command', ready: 0, running: 1, open: 2, averageMs: 2000 }],
    },
  },
});

export const tasksSubscribe = method({
  summary: 'Sends the events of a tree, or of all trees, as notifications.',
  description:
    'Only on connections that can carry notifications (WebSocket, stdio). `tasks.event` and `tasks.progress` follow the answer, in commit order, each event at least once. With `treeId` and `afterSeq` the stored events after it come first: after a lost connection, subscribe again with the last `seq` seen.',
  params: strict({
    treeId: treeId.optional().describe('Absent: all trees that one may see.'),
    userId: userId.optional().describe('Only trees of this user; another than oneself needs the role admin.'),
    afterSeq: seq.optional().describe('With `treeId`: first the stored events after this one. Default: live only.'),
    groups: groups.describe('With `treeId`: `tasks.progress` says of these tasks how far those below them are.'),
  }),
  result: strict({ subscriptionId }),
  errors: ['task/not-found', 'rpc/invalid-request'],
  example: {
    params: { treeId: exampleTaskId, afterSeq: 0 },
    result: { subscriptionId: exampleSubscriptionId },
  },
});

export const tasksUnsubscribe = method({
  summary: 'Ends a subscription of this connection.',
  description: 'Ending one that has ended already is harmless.',
  params: strict({ subscriptionId }),
  result: strict({ ended: z.boolean().describe('false: there was no such subscription.') }),
  errors: [],
  example: { params: { subscriptionId: exampleSubscriptionId }, result: { ended: true } },
});

export const tasksAttempts = method({
  summary: 'Lists the attempts of a task with their times, errors and delays, oldest first.',
  params: strict({ taskId }),
  result: strict({ items: z.array(attempt) }),
  errors: ['task/not-found'],
  example: {
    params: { taskId: exampleTaskId },
    result: {
      items: [
        { attempt: 1, status: 'completed', startedAt: exampleTime, endedAt: exampleTime, input: {}, output: 'hello' },
      ],
    },
  },
});

/** Lines of one answer. */
export const LOG_LIMIT_MAX = 2_000;
/** Longest wait for a line, ms. */
export const LOG_WAIT_MS_MAX = 25_000;

export const tasksLogs = method({
  summary: 'Reads what a task writes while it works, line by line, and waits for more of it.',
  description:
    'What programs print, what executors write with `ctx.stream`, and the lines of `ctx.logger`. To follow a task, ask again after `next` with `waitMs` until `ended` is true. Of a group: the lines of all its members, in the order in which they were stored. The newest lines are kept, 10 million characters of an attempt and 256 million of a tree by default. An answer has at most about a million characters.',
  params: strict({
    taskId,
    attempt: z.int().min(1).optional().describe('Only this attempt. Default: all.'),
    after: count.optional().describe('Only lines after this offset. Default 0: from the beginning.'),
    last: count
      .optional()
      .describe('Instead of `after`: begin so that these last lines come; of a group it may be more.'),
    limit: z.int().min(1).max(LOG_LIMIT_MAX).default(LOG_LIMIT_MAX),
    waitMs: z
      .int()
      .min(0)
      .max(LOG_WAIT_MS_MAX)
      .default(0)
      .describe('Longest wait for a first line, ms. Default 0: answer at once.'),
  }),
  result: strict({
    items: z.array(logLine),
    next: count.describe('Offset after which the next page begins.'),
    ended: z.boolean().describe('true: nothing more comes, unless somebody runs the task again.'),
  }),
  errors: ['task/not-found'],
  example: {
    params: { taskId: exampleTaskId, after: 0, waitMs: 10_000 },
    result: {
      items: [
        { taskId: exampleTaskId, attempt: 1, offset: 1, number: 1, at: exampleTime, stream: 'stdout', text: 'ok' },
      ],
      next: 1,
      ended: true,
    },
  },
});

export const tasksFailures = method({
  summary: 'Lists the failures of a run, in declared order, page by page.',
  params: strict({
    treeId,
    tolerated: z
      .boolean()
      .optional()
      .describe('true: only those that did not fail the run; false: only those that did. Default: all.'),
    limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
    cursor: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional()
      .describe('`nextCursor` of the page before.'),
  }),
  result: strict({
    items: z.array(failedTask),
    total: count.describe('All that were asked for, on whatever page.'),
    nextCursor: z.string().exactOptional().describe('Absent on the last page.'),
  }),
  errors: ['task/not-found'],
  example: {
    params: { treeId: exampleTaskId, tolerated: false, limit: 1 },
    result: {
      items: [
        {
          taskId: exampleTaskId,
          name: 'test',
          attempt: 1,
          endedAt: exampleTime,
          error: { code: 'command/exit', message: 'The command ended with code 1', retryable: true },
          ladder: {
            attempts: 1,
            retry: 'none',
            scope: { taskId: exampleTaskId, name: 'build', onFailure: 'finishIndependent', cancelled: 0 },
          },
        },
      ],
      total: 1500,
      nextCursor: '1',
    },
  },
});

export const tasksExplain = method({
  summary: 'Says why a task is not running.',
  params: strict({ taskId }),
  result: explanation,
  errors: ['task/not-found'],
  example: {
    params: { taskId: exampleTaskId },
    result: {
      taskId: exampleTaskId,
      status: 'ready',
      summary: 'waits for the limit "global": 16 of 16 in use',
      blockedBy: [
        { kind: 'gate', gate: 'global', used: 16, limit: 16, demand: 1, place: 3, waiting: 40, oldestWaitMs: 5200 },
      ],
      limits: [],
    },
  },
});
