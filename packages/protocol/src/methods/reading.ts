/** Methods that read tasks and trees. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { count, givenTime, taskId, treeId, userId } from '../wire/scalar.ts';
import { runStatus, taskStatus } from '../wire/status.ts';
import { nestedTask, task, taskListItem } from '../wire/task.ts';
import { exampleNestedTask, exampleTask, exampleTaskId, exampleTree } from './examples.ts';
import { method } from './method.ts';

/** Levels of `children` in one answer: deeper nesting breaks common JSON readers. */
export const NESTING_MAX = 256;
/** Entries of one page. */
export const PAGE_LIMIT_MAX = 1000;
export const PAGE_LIMIT_DEFAULT = 100;

/** Trees that one filter may name. */
const TREES_MAX = 1000;

const anyStatus = z.union([taskStatus, runStatus]);

/** What trees and tasks can be selected by; the statuses come on top. */
export const selectionShape = {
  treeIds: list(treeId).max(TREES_MAX).optional().describe('Only these trees, at most 1000.'),
  userId: userId.optional().describe('Only trees of this user; another than oneself needs the role admin.'),
  search: z
    .string()
    .optional()
    .describe("Part of the name, in any case; or the beginning of its tree's id, from 4 characters on."),
  tag: z.string().optional(),
  createdBefore: givenTime.optional().describe('Only of trees that were created before this time.'),
};

const filterShape = {
  status: z
    .union([anyStatus, list(anyStatus)])
    .optional()
    .describe('Only these; for a root the status of its run counts.'),
  rootOnly: z.boolean().default(true).describe('Only root tasks. Default true.'),
  ...selectionShape,
};

const inside = z
  .boolean()
  .default(false)
  .describe('true: say of tasks with children how far those below them are (`inside`). Default false.');

export const tasksGet = method({
  summary: 'Shows one task.',
  params: strict({ taskId, inside }),
  result: task,
  errors: ['task/not-found'],
  example: { params: { taskId: exampleTaskId }, result: { ...exampleTask, copiedBy: [], tree: exampleTree } },
});

export const tasksTree = method({
  summary: 'Shows the whole tree that a task belongs to, nested.',
  description: `At most ${NESTING_MAX} levels of children are nested in one answer. Where they are cut off, \`truncated\` is true and \`childCount\` says how many there are; ask again for that task with \`subtreeOnly\`.`,
  params: strict({
    taskId,
    depth: z
      .int()
      .min(0)
      .max(NESTING_MAX)
      .default(NESTING_MAX)
      .describe(`Levels of children to show; 0: none. Default and most ${NESTING_MAX}.`),
    inside,
    subtreeOnly: z.boolean().default(false).describe('true: begin at the task instead of its root. Default false.'),
  }),
  result: nestedTask,
  errors: ['task/not-found'],
  example: { params: { taskId: exampleTaskId }, result: exampleNestedTask },
});

export const tasksChildren = method({
  summary: 'Lists the direct children of a task, in declared order.',
  params: strict({ taskId }),
  result: strict({ items: z.array(task) }),
  errors: ['task/not-found'],
  example: { params: { taskId: exampleTaskId }, result: { items: [] } },
});

export const tasksList = method({
  summary: 'Lists tasks, newest first, page by page.',
  params: strict({
    ...filterShape,
    limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
    cursor: z.string().optional().describe('`nextCursor` of the page before.'),
  }),
  result: strict({
    items: z.array(taskListItem),
    nextCursor: z.string().exactOptional().describe('Absent on the last page.'),
  }),
  errors: [],
  example: {
    params: { status: 'created', limit: 1 },
    result: { items: [{ ...exampleTask, userId: 'local', runStatus: 'created' }] },
  },
});

export const tasksCount = method({
  summary: 'Counts tasks by status.',
  params: strict(filterShape),
  result: strict({
    total: count,
    counts: z.record(z.string(), count).describe('By status; a status without tasks may be absent.'),
  }),
  errors: [],
  example: { params: {}, result: { total: 3, counts: { created: 1, completed: 2 } } },
});
