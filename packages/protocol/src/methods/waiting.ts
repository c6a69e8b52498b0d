/** Methods about waits: signals, answers, and what waits for one. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { json } from '../wire/json.ts';
import { count, seq, taskId, time, treeId } from '../wire/scalar.ts';
import { openWait } from '../wire/wait.ts';
import { exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';

const DAY_MS = 86_400_000;
const LINK_MS_DEFAULT = 7 * DAY_MS;
const LINK_MS_MAX = 90 * DAY_MS;

/** Open waits of one answer. */
export const WAITS_MAX = 1000;

const id = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('A second request with the same id changes nothing: send one to try again safely.');
const delivered = strict({
  signal: seq.nullable().describe('Its number in the log; null: it had come before, under the same id.'),
  taskId: taskId.nullable().describe('The task whose wait it ended; null: it waits until a task asks for it.'),
  commands: count.nullable().describe('Commands that it gives; null: it gives none, but ends waits.'),
  rejected: z
    .string()
    .nullable()
    .describe('Why a signal that gives commands was rejected; those before the one that was refused were given.'),
});

export const tasksSignal = method({
  summary: 'Sends a signal to a run.',
  description:
    'It ends the wait of the task that has waited longest for its name. When none waits, it waits itself until one does. A payload that is not what the waiting task takes is refused with all violations. The names `coppice.pause`, `coppice.resume`, `coppice.cancel`, `coppice.update`, `coppice.complete` and `coppice.skip` give that command, with its fields as payload; `task` is an id, or a key that one task has. Names that an extension handles give the commands that it returns.',
  params: strict({
    treeId,
    name: z.string().min(1).max(200).describe('What tasks wait for with `wait: { signal }`.'),
    payload: json
      .optional()
      .describe('Becomes the output of the task. Default null. At most 65536 characters as JSON.'),
    id,
  }),
  result: delivered,
  errors: ['task/not-found', 'task/invalid-inputs', 'task/invalid-transition'],
  example: {
    params: { treeId: exampleTaskId, name: 'delivered', payload: { parcel: 7 } },
    result: { signal: 5, taskId: `${exampleTaskId}.1`, commands: null, rejected: null },
  },
});

export const waitsAnswer = method({
  summary: 'Answers an approval, or a wait for a signal.',
  description:
    'An approval is answered by those that it names, else by the owner of its tree; an admin may answer all. Each wait takes one answer.',
  params: strict({
    taskId,
    approved: z.boolean().optional().describe('Of an approval: true or false.'),
    values: json.optional().describe('What the form asks for; of a wait for a signal its payload.'),
    comment: z.string().max(10_000).optional().describe('Of an approval: why.'),
    id,
  }),
  result: delivered,
  errors: ['task/not-found', 'task/invalid-inputs', 'task/invalid-transition'],
  example: {
    params: { taskId: exampleTaskId, approved: true, comment: 'Looks good' },
    result: { signal: 5, taskId: exampleTaskId, commands: null, rejected: null },
  },
});

export const waitsLink = method({
  summary: 'Makes a link by which one wait can be answered without a token.',
  description:
    'The link is a path of the HTTP server. Its page shows the form of exactly this wait, and takes one answer until the link expires. Whoever has it may answer; so may only who may answer the wait make it. The answer is by `link`, or `link (NAME)`.',
  params: strict({
    taskId,
    expiresInMs: z
      .number()
      .min(1000)
      .max(LINK_MS_MAX)
      .default(LINK_MS_DEFAULT)
      .describe('How long it can be used, ms. Default 7 days, at most 90.'),
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^\p{C}()]+$/u, 'has characters that a name does not have')
      .optional()
      .describe('Whom it is made for; kept with the answer.'),
  }),
  result: strict({
    path: z.string().describe('To be put behind the address of the server.'),
    expiresAt: time,
  }),
  errors: ['task/not-found', 'task/invalid-transition'],
  example: {
    params: { taskId: exampleTaskId, expiresInMs: 172_800_000, name: 'Mia' },
    result: { path: '/answer/WyIwMTk5…', expiresAt: exampleTime },
  },
});

export const waitsList = method({
  summary: 'Lists the waits that can be answered, the oldest first.',
  description: 'Of all trees that one may see, and of those in which one may answer.',
  params: strict({
    treeId: treeId.optional().describe('Only those of this tree.'),
    taskId: taskId.optional().describe('Only that of this task.'),
    mine: z.boolean().default(false).describe('true: only those that one may answer. Default false.'),
    limit: z.int().min(1).max(WAITS_MAX).default(100).describe('Default 100.'),
  }),
  result: strict({
    items: z.array(openWait),
    total: z.int().min(0).describe('All that there are, also beyond the limit.'),
  }),
  errors: [],
  example: {
    params: {},
    result: {
      items: [
        {
          taskId: `${exampleTaskId}.1`,
          treeId: exampleTaskId,
          treeName: 'release',
          userId: 'local',
          name: 'approve',
          kind: 'approval',
          signal: 'approval',
          title: 'Ship version 2?',
          text: null,
          form: null,
          approvers: null,
          mayAnswer: true,
          since: exampleTime,
          dueAt: null,
          reminders: 0,
        },
      ],
      total: 1,
    },
  },
});
