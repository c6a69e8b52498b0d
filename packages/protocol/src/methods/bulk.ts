/** The method that cancels, retries, archives or deletes many trees. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { count, treeId } from '../wire/scalar.ts';
import { runStatus, type RunStatus } from '../wire/status.ts';
import { exampleTaskId } from './examples.ts';
import { method } from './method.ts';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, selectionShape } from './reading.ts';
import { cancelShape, itemRefusal } from './running.ts';

/** The runs that an action is meant for: what a filter without `status` selects. */
export const BULK_STATUSES = {
  cancel: ['created', 'running', 'pausing', 'paused'],
  retry: ['failed', 'cancelled'],
  archive: ['completed', 'failed', 'cancelled'],
  delete: ['completed', 'failed', 'cancelled'],
} as const satisfies Readonly<Record<string, readonly RunStatus[]>>;

export type BulkAction = keyof typeof BULK_STATUSES;

const actions = Object.entries(BULK_STATUSES).map(([action, statuses]) => `${action}: ${statuses.join(', ')}`);

const treeFilter = strict({
  status: z
    .union([runStatus, list(runStatus)])
    .optional()
    .describe(`Only trees whose run has one of these. Default for ${actions.join('; ')}.`),
  ...selectionShape,
})
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    message: 'a filter without any field would select all trees: name at least one field, for example "status"',
  })
  .meta({ id: 'TreeFilter', minProperties: 1, description: 'All given fields must match. At least one is needed.' });

const pageShape = {
  filter: treeFilter,
  dryRun: z.boolean().default(false).describe('true: answer what would happen, and change nothing. Default false.'),
  limit: z
    .int()
    .min(1)
    .max(PAGE_LIMIT_MAX)
    .default(PAGE_LIMIT_DEFAULT)
    .describe(`Trees of one answer. Default ${PAGE_LIMIT_DEFAULT}, at most ${PAGE_LIMIT_MAX}.`),
  cursor: z.string().optional().describe('`nextCursor` of the answer before.'),
};

const itemShape = {
  treeId,
  name: z.string(),
  status: runStatus.describe('Status of the run before.'),
};

export const tasksBulk = method({
  summary: 'Cancels, retries, archives or deletes all trees that a filter selects, page by page.',
  description:
    'Trees are taken newest first, and each is an item of the answer: done, or refused with its reason, which changes nothing for the others. An answer comes after about ten seconds at most, with what has been done until then; as long as it has a `nextCursor`, ask again with that. With `dryRun` the answer is the one that would be given without it. `archive` saves each run in a file, reads this file again, and then deletes the run from the store; `archives.restore` brings it back.',
  params: z.discriminatedUnion('action', [
    strict({ action: z.literal('cancel'), ...pageShape, ...cancelShape }),
    strict({
      action: z.literal('retry'),
      ...pageShape,
      mode: z
        .enum(['failure', 'start'])
        .default('failure')
        .describe('`failure`: what failed, was cancelled or skipped; `start`: everything. Default failure.'),
    }),
    strict({ action: z.literal('archive'), ...pageShape }),
    strict({ action: z.literal('delete'), ...pageShape }),
  ]),
  result: strict({
    items: z.array(
      z.union([
        strict({
          ...itemShape,
          ok: z.literal(true),
          taskCount: count.describe('Cancelled, reset, archived or deleted tasks.'),
        }),
        strict({ ...itemShape, ok: z.literal(false), error: itemRefusal }),
      ]),
    ),
    nextCursor: z.string().exactOptional().describe('Absent: all trees have been looked at.'),
  }),
  errors: [],
  example: {
    params: { action: 'cancel', filter: { tag: 'nightly', status: 'running' }, dryRun: true },
    result: { items: [{ treeId: exampleTaskId, name: 'greet', status: 'running', ok: true, taskCount: 3 }] },
  },
});
