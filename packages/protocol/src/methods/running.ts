/** Methods that run trees: execute, cancel, retry, and what runs now. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { json, jsonObject } from '../wire/json.ts';
import { runningTask } from '../wire/observation.ts';
import { count, taskId, treeId, userId } from '../wire/scalar.ts';
import { runStatus, taskStatus } from '../wire/status.ts';
import { copyOptions, submissionShape } from '../wire/submission.ts';
import { exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';

/** Tasks that a request may single out. */
const ONLY_MAX = 1000;
/** 100 years. */
const DURATION_MS_MAX = 3_155_760_000_000;
/** Characters of the reason of a pause. */
const REASON_MAX = 1000;

const wait = z.boolean().optional().describe('true: answer when the run has ended. Default false.');
const only = z
  .array(z.string())
  .min(1)
  .max(ONLY_MAX)
  .optional()
  .describe(
    'Run only these of the tasks, with their sub-trees and what they need; ids, or names without ids. Default all.',
  );
const inputs = jsonObject
  .optional()
  .describe('Inputs of the run, in the place of those of the tree; one that is not given keeps its value.');
const started = strict({ treeId, status: runStatus });

export const tasksExecute = method({
  summary: 'Starts the run of a tree, of a part of it, of a copy, or of a new tree.',
  description:
    'A root runs its tree; another task runs itself, its sub-tree and what they transitively need, nothing else. With `taskIds` the same holds for all of them together, and one that can not run refuses the request. With `copy` the task is copied first and the copy is run. With `tasks` the tree is created and run.',
  params: z.union([
    strict({
      taskId,
      inputs,
      copy: copyOptions.optional().describe('Copy first and run the copy.'),
      wait,
    }),
    strict({
      taskIds: list(taskId).min(1).max(ONLY_MAX).describe('Tasks of one tree; what they need runs once.'),
      inputs,
      wait,
    }),
    strict({ ...submissionShape, only, wait }),
  ]),
  result: started,
  errors: [
    'task/not-found',
    'task/invalid-transition',
    'task/dependencies-unsatisfied',
    'run/already-running',
    'tree/cycle',
    'executor/not-found',
    'task/invalid-inputs',
    'tree/invalid-parent',
    'tree/invalid-dependency',
    'tree/invalid',
  ],
  example: {
    params: { tasks: [{ name: 'greet', executor: 'command', inputs: { command: 'echo' } }], wait: true },
    result: { treeId: exampleTaskId, status: 'completed' },
  },
});

/** Why one of several was refused. */
export const itemRefusal = strict({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), json).exactOptional(),
});

export const cancelShape = {
  reason: z.string().optional(),
  force: z.boolean().optional().describe('true: do not wait for executors to end. Default false.'),
};

export const tasksCancel = method({
  summary: 'Cancels tasks with their sub-trees, or whole runs.',
  description:
    'A root cancels its run. With `taskIds` there is one answer per id, in the same order, and a refusal of one changes nothing for the others; with `taskId` a refusal is the error of the request.',
  params: z.union([
    strict({ taskId, ...cancelShape }),
    strict({ taskIds: list(taskId).min(1).max(1000), ...cancelShape }),
  ]),
  result: strict({
    items: z.array(
      z.union([
        strict({ taskId, ok: z.literal(true), status: taskStatus }),
        strict({
          taskId,
          ok: z.literal(false),
          error: itemRefusal,
        }),
      ]),
    ),
  }),
  errors: ['task/not-found', 'task/invalid-transition'],
  example: {
    params: { taskId: exampleTaskId, reason: 'not needed any more' },
    result: { items: [{ taskId: exampleTaskId, ok: true, status: 'cancelled' }] },
  },
});

const handReason = z.string().min(1).max(REASON_MAX).optional();
const endedByHand = strict({
  treeId,
  status: runStatus,
  tasks: count.describe('Tasks that ended by it: the task, and of a group what was open in it.'),
});

export const tasksComplete = method({
  summary: 'Completes a task by hand, in the place of its executor.',
  description:
    'For a task that has not ended, of a run that is under way. A running attempt is aborted, and its result does not count any more. What depends on the task goes on. What is open in a group is skipped. An approval is completed by an answer only.',
  params: strict({
    taskId,
    output: json.optional().describe('Its output. Default null.'),
    port: z.string().min(1).max(200).optional().describe('The port that it ends on. Default: the primary one.'),
    reason: handReason,
  }),
  result: endedByHand,
  errors: ['task/not-found', 'task/invalid-transition', 'task/invalid-inputs'],
  example: {
    params: { taskId: exampleTaskId, output: { version: '2.1.0' }, reason: 'released by hand' },
    result: { treeId: exampleTaskId, status: 'running', tasks: 1 },
  },
});

export const tasksSkip = method({
  summary: 'Skips a task by hand.',
  description:
    'As `tasks.complete`, but the task is skipped: what needs its success is skipped too, and edges on `skipped` or that are not required go on.',
  params: strict({ taskId, reason: handReason }),
  result: endedByHand,
  errors: ['task/not-found', 'task/invalid-transition'],
  example: {
    params: { taskId: exampleTaskId, reason: 'not needed this time' },
    result: { treeId: exampleTaskId, status: 'running', tasks: 1 },
  },
});

const pauseReason = z.string().max(REASON_MAX).optional();
const drainShape = {
  force: z.boolean().optional().describe('true: as `drainTimeoutMs` 0.'),
  drainTimeoutMs: z
    .number()
    .min(0)
    .max(DURATION_MS_MAX)
    .optional()
    .describe(
      'After this time, ms, attempts that still run are released: aborted, and ready again under the same idempotency key. Default: they end by themselves.',
    ),
};
const changed = strict({
  treeId,
  status: runStatus,
  paused: z.enum(['pausing', 'paused']).nullable().describe('Of what was asked for; null: it is not paused by itself.'),
});

export const tasksPause = method({
  summary: 'Pauses a run, or a task with its sub-tree: nothing starts there until it is resumed.',
  description:
    'A root, or `treeId`, pauses the run, whose status is `pausing` until its last attempt has ended, and then `paused`. Back-off, and for a run its budget, do not go on meanwhile. Pausing what is paused already changes nothing, but may set `drainTimeoutMs`. Attempts of executors that allow no other try end by themselves in any case.',
  params: z.union([
    strict({ taskId, reason: pauseReason, ...drainShape }),
    strict({ treeId, reason: pauseReason, ...drainShape }),
  ]),
  result: changed,
  errors: ['task/not-found', 'task/invalid-transition', 'limit/refused'],
  example: {
    params: { taskId: exampleTaskId, reason: 'the database is being moved' },
    result: { treeId: exampleTaskId, status: 'pausing', paused: 'pausing' },
  },
});

export const tasksResume = method({
  summary: 'Ends the pause of a run, or of a task with its sub-tree.',
  description:
    'Times that were frozen are moved on by as long as the pause was. What is paused by itself below stays paused. Resuming what is not paused changes nothing; a task that is paused with one above it is refused.',
  params: z.union([strict({ taskId, reason: pauseReason }), strict({ treeId, reason: pauseReason })]),
  result: changed,
  errors: ['task/not-found', 'task/invalid-transition'],
  example: {
    params: { taskId: exampleTaskId },
    result: { treeId: exampleTaskId, status: 'running', paused: null },
  },
});

export const tasksRetry = method({
  summary: 'Opens a run again that has ended.',
  description:
    '`failure` runs again what failed, was cancelled or skipped; `start` everything; `task` the given task. Terminal dependents are reset too, unless `cascade` is false.',
  params: strict({
    taskId,
    mode: z.enum(['failure', 'start', 'task']).default('failure').describe('Default failure.'),
    inputs: jsonObject.optional().describe('New inputs of the run; one that is not given keeps its value.'),
    cascade: z.boolean().optional().describe('Reset dependents too. Default true.'),
  }),
  result: started,
  errors: [
    'task/not-found',
    'task/invalid-transition',
    'task/dependencies-unsatisfied',
    'run/already-running',
    'task/invalid-inputs',
  ],
  example: { params: { taskId: exampleTaskId }, result: { treeId: exampleTaskId, status: 'running' } },
});

const runningFilter = strict({
  treeId: treeId.optional().describe('Only tasks of this tree.'),
  userId: userId.optional().describe('Only tasks of this user; another than oneself needs the role admin.'),
});

export const tasksRunningList = method({
  summary: 'Lists the tasks whose attempts run now.',
  params: runningFilter,
  result: strict({ items: z.array(runningTask) }),
  errors: [],
  example: {
    params: {},
    result: {
      items: [
        {
          taskId: exampleTaskId,
          treeId: exampleTaskId,
          name: 'greet',
          executor: 'command',
          userId: 'local',
          attempt: 1,
          startedAt: exampleTime,
          progress: null,
          progressMessage: null,
        },
      ],
    },
  },
});

export const tasksRunningCount = method({
  summary: 'Counts the tasks whose attempts run now.',
  params: runningFilter,
  result: strict({ count }),
  errors: [],
  example: { params: {}, result: { count: 1 } },
});
