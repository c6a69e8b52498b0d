/** What a task waits for, on the wire. What the values mean, and which go together, is checked when a tree is validated. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { json, jsonObject } from './json.ts';
import { count, name, taskId, time, timeOrNull, treeId, userId } from './scalar.ts';

const duration = z.union([z.number(), z.string()]);

const limits = {
  title: z.string().describe('What people read who may answer. Default the name of the task.').exactOptional(),
  text: z.string().describe('The same, in more words.').exactOptional(),
  timeoutMs: duration.describe('How long it waits at most: ms, or an expression.').exactOptional(),
  deadline: z.string().describe('Until when it waits at most: ISO 8601 time, or an expression.').exactOptional(),
  reminderMs: z.number().describe('People are reminded each time that this has passed, ms; ten times.').exactOptional(),
};

export const wait = strict({
  forMs: duration.describe('How long to wait: ms, or an expression.').exactOptional(),
  until: z.string().describe('Until when to wait: ISO 8601 time, or an expression.').exactOptional(),
  signal: z.string().describe('Name of the signal to wait for; its payload is the output.').exactOptional(),
  schema: jsonObject.describe('JSON Schema of the payload. Default any.').exactOptional(),
  onTimeout: z.enum(['fail', 'default']).describe('What happens after the time-out. Default fail.').exactOptional(),
  default: json.describe('The output after a time-out.').exactOptional(),
  ...limits,
}).meta({ id: 'Wait', description: 'One of `forMs`, `until` and `signal`.' });

export const approval = strict({
  form: jsonObject
    .describe('JSON Schema of an object: the values that come with an approval, with their defaults.')
    .exactOptional(),
  approvers: list(name)
    .describe('Users who may answer. Default the owner of the tree; an admin always may.')
    .exactOptional(),
  onTimeout: z
    .enum(['fail', 'approve', 'reject'])
    .describe('What happens after the time-out. Default fail.')
    .exactOptional(),
  ...limits,
}).meta({
  id: 'Approval',
  description: 'A wait for the answer of a person; it ends on the port `approved` or `rejected`.',
});

export const openWait = strict({
  taskId,
  treeId,
  treeName: z.string(),
  userId: userId.describe('Owner of the tree.'),
  name: z.string().describe('Name of the task.'),
  kind: z.enum(['signal', 'approval']),
  signal: z.string().describe('Name of the signal that ends it.'),
  title: z.string(),
  text: z.string().nullable(),
  form: jsonObject
    .nullable()
    .describe('JSON Schema of the values of an answer. null: an approval takes none, a wait for a signal any.'),
  approvers: z.array(z.string()).nullable().describe('Who may answer; null: the owner of the tree.'),
  mayAnswer: z.boolean().describe('true: whoever asks may answer it.'),
  since: time,
  dueAt: timeOrNull.describe('When it ends by itself.'),
  reminders: count.describe('How often people were reminded.'),
}).meta({ id: 'OpenWait' });

export type Wait = z.output<typeof wait>;
export type Approval = z.output<typeof approval>;
export type OpenWait = z.output<typeof openWait>;
