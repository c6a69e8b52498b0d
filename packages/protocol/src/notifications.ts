/** Notifications that the server sends to subscribers. */
import * as z from 'zod';
import { subscriptionId } from './methods/observing.ts';
import { strict } from './schema/strict.ts';
import { runEvent } from './wire/event.ts';
import { hold } from './wire/observation.ts';
import { gateAlert } from './methods/limits.ts';
import { seq, treeId } from './wire/scalar.ts';
import { progress } from './wire/task.ts';

/** Every notification by its name, with the schema of its params. */
export const notifications = {
  'tasks.event': {
    summary: 'An event of a subscribed tree, in commit order, at least once.',
    params: strict({ subscriptionId, event: runEvent }),
  },
  'tasks.progress': {
    summary: 'The progress of a subscribed run; some may be left out while events come fast, never the last.',
    params: strict({ subscriptionId, progress }),
  },
  'tasks.deleted': {
    summary:
      'A subscribed tree was deleted with its log. Told once, while connected: after a lost connection, list again.',
    params: strict({ subscriptionId, treeId }),
  },
  'holds.changed': {
    summary: 'A hold was set or released, told to subscriptions without a tree: all holds in force.',
    params: strict({ subscriptionId, items: z.array(hold) }),
  },
  'limits.alert': {
    summary:
      'Something at a gate needs attention, told to subscriptions without a tree: tasks that wait for long while none of them starts, or requests that wait.',
    params: strict({ subscriptionId, alert: gateAlert }),
  },
  'tasks.subscriptionEnded': {
    summary: 'Nothing more comes under this subscription.',
    params: strict({
      subscriptionId,
      reason: z
        .enum(['runEnded', 'deleted', 'slow', 'shutdown', 'failed'])
        .describe(
          '`slow`: the reader fell too far behind; `failed`: something that should come next can not be read or sent, the log of the server says what. Subscribe again after `lastSeq`, or, without a tree, list anew.',
        ),
      treeId: treeId.nullable(),
      lastSeq: seq.describe('Last event sent of the subscribed tree; 0: none.'),
    }),
  },
} as const;

export type NotificationName = keyof typeof notifications;
export type NotificationParams<Name extends NotificationName> = z.output<(typeof notifications)[Name]['params']>;

/** A notification with its params. */
export type Notification = {
  [Name in NotificationName]: { readonly method: Name; readonly params: NotificationParams<Name> };
}[NotificationName];
