/** Tasks and trees as answers show them. Times are ISO 8601 in UTC; `null` stands for "none (yet)". */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { actor } from './actor.ts';
import { cutPart } from './cut-part.ts';
import { fieldsIn } from './definition-fields.ts';
import { json, jsonObject } from './json.ts';
import type { Json } from './json.ts';
import { runPolicies } from './policies.ts';
import { count, seq, taskId, time, timeOrNull, treeId, userId } from './scalar.ts';
import { runStatus, taskStatus } from './status.ts';

/** A failure as stored in events. */
export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly fatal?: true;
  readonly retryAfterMs?: number;
  readonly data?: Json;
  readonly cause?: TaskError;
}

export const taskError: z.ZodType<TaskError, TaskError> = z
  .lazy(() =>
    strict({
      code: z.string().describe('Stable, `area/what`.'),
      message: z.string(),
      retryable: z.boolean(),
      fatal: z
        .literal(true)
        .describe('It ended the run: nothing was tried again, and nothing dealt with it.')
        .exactOptional(),
      retryAfterMs: z.number().exactOptional(),
      data: json.exactOptional(),
      cause: taskError.exactOptional(),
    }),
  )
  .meta({ id: 'TaskError' });

const named = { taskId, name: z.string() };

export const failureLadder = strict({
  attempts: count.describe('Attempts that the retry policy counts.'),
  retry: z
    .enum(['none', 'notRetryable', 'exhausted', 'budget', 'timeUp', 'fatal'])
    .describe('Why there was no further attempt. `none`: there is no retry policy.'),
  fallback: z.enum(['failed', 'notTried']).exactOptional().describe('Absent: the task has none.'),
  edges: z
    .array(strict({ ...named, status: taskStatus }))
    .exactOptional()
    .describe('The first dependents that wait for a failure of the task, and what became of them.'),
  scope: strict({ ...named, onFailure: z.enum(['failFast', 'finishIndependent']), cancelled: count })
    .exactOptional()
    .describe('The group around it, and how many tasks in that were cancelled because it fails fast.'),
  compensation: strict({
    ...named,
    result: z.enum(['complete', 'partial']),
    tasks: count,
    failed: count.describe('How many of these did not complete.'),
  })
    .exactOptional()
    .describe('The group around it that has compensated.'),
}).meta({ id: 'FailureLadder', description: 'What each step of the failure ladder did about a failure.' });

export const reason = strict({
  code: z.string(),
  message: z.string(),
  by: actor.exactOptional().describe('Who caused it; absent: nobody, or the log does not say.'),
});
export const statusCounts = z.record(taskStatus, count).meta({ id: 'StatusCounts' });
export const origin = strict({ treeId, taskId });

const groupShape = {
  total: count.describe('Tasks below it that the run executes.'),
  counts: statusCounts,
  fraction: z.number().min(0).max(1).describe('Ended tasks of those.'),
};

/** How far the tasks below a task are. */
export const groupProgress = strict({ taskId, ...groupShape }).meta({ id: 'GroupProgress' });

export const progress = strict({
  treeId,
  seq,
  status: runStatus,
  total: count.describe('Tasks of the run.'),
  counts: statusCounts,
  fraction: z.number().min(0).max(1).describe('Ended tasks of all tasks of the run.'),
  etaMs: z.number().nullable().describe('Estimated ms to the end; null while unknown.'),
  etaBasis: z
    .enum(['work', 'criticalPath'])
    .nullable()
    .describe('The larger bound: all work shared by what runs now, or the longest chain of tasks.'),
  groups: z.array(groupProgress).exactOptional().describe('The groups that were asked for, in that order.'),
}).meta({ id: 'Progress' });

export const pause = strict({
  taskId: taskId.describe('The task that is paused with its sub-tree; the root: the run.'),
  status: z.enum(['pausing', 'paused']).describe('`paused`: none of its attempts runs any more.'),
  since: time,
  by: actor.nullable().describe('Who paused it.'),
  reason: z.string().nullable(),
  drainUntil: timeOrNull.describe('When attempts that still run are released.'),
}).meta({ id: 'Pause' });
export const runResult = strict({
  variables: jsonObject
    .exactOptional()
    .describe('Variables after all writes, without those in conflict. Absent: no task has written one.'),
  conflicts: z
    .array(strict({ variable: z.string(), tasks: z.array(taskId) }))
    .exactOptional()
    .describe('Variables without one value, with two tasks that wrote them and of which neither depends on the other.'),
  outputs: jsonObject.exactOptional().describe('Declared outputs of the tree, of a run that has completed.'),
  problem: z.string().exactOptional().describe('Why the variables could not be merged.'),
}).meta({ id: 'RunResult' });

export const tree = strict({
  treeId,
  name: z.string().describe('Name of the root task.'),
  userId,
  status: runStatus,
  seq,
  taskCount: count,
  counts: statusCounts.describe('Tasks of the run by status.'),
  fraction: z.number().min(0).max(1).describe('Progress of the run.'),
  inputs: jsonObject,
  variables: jsonObject,
  policies: runPolicies,
  definitionHash: z.string(),
  origin: origin.nullable().describe('What the tree is a copy of.'),
  error: taskError.nullable(),
  reason: reason.nullable().describe('Why it was cancelled.'),
  result: runResult
    .nullable()
    .describe('What the run ended with, beside its status; null: nothing, or it has not ended.'),
  createdAt: time,
  startedAt: timeOrNull,
  endedAt: timeOrNull,
  deadlineAt: timeOrNull.describe('While the run is paused: as it was when that began.'),
  pauses: z.array(pause).describe('What is paused of it, each until it is resumed by itself.'),
}).meta({ id: 'Tree' });

const taskShape = {
  id: taskId,
  treeId,
  parentId: taskId.nullable(),
  key: z.string().describe('The reference as submitted; copies keep it.'),
  name: z.string(),
  ...fieldsIn('shown'),
  outputTemplate: json.describe('Of a group: the `output` that it was submitted with; null: none.'),
  inside: strict(groupShape)
    .exactOptional()
    .describe('How far the tasks below it are; where it was asked for, of tasks with children.'),
  copiedBy: z.array(taskId).exactOptional().describe('Copies of this task; only in `tasks.get`.'),
  status: taskStatus,
  attempt: count.describe('Number of the last attempt; 0 before the first.'),
  input: jsonObject
    .nullable()
    .describe('Resolved input of the last attempt; of a group the resolved inputs that it opened with.'),
  output: json,
  outputPort: z.string().nullable(),
  cut: z.array(cutPart).exactOptional().describe('Texts of the output that are not whole.'),
  error: taskError.nullable(),
  reason: reason.nullable().describe('Why it was skipped, cancelled or completed by hand.'),
  reused: z.boolean().describe('Carried over by a copy, not run again.'),
  progress: z.number().nullable().describe('0 to 1, as the executor reported it.'),
  progressMessage: z.string().nullable(),
  dueAt: timeOrNull.describe('While waiting: when it becomes ready.'),
  readyAt: timeOrNull,
  startedAt: timeOrNull,
  endedAt: timeOrNull,
  tree: tree
    .exactOptional()
    .describe('The tree and its run; only on the outermost task of `get`, `tree`, `create`, `copy`.'),
};

export const task = strict(taskShape).meta({ id: 'Task' });

export const taskListItem = strict({
  ...taskShape,
  userId,
  runStatus: runStatus.describe('Status of the run the task belongs to.'),
}).meta({ id: 'TaskListItem' });

export type CutPart = z.output<typeof cutPart>;
export type Task = z.output<typeof task>;
export type TaskListItem = z.output<typeof taskListItem>;
export type Tree = z.output<typeof tree>;
export type Progress = z.output<typeof progress>;
export type GroupProgress = z.output<typeof groupProgress>;

/** A task with its children, nested. */
export type NestedTask = Task & {
  /** Number of direct children, also where they are cut off. */
  childCount: number;
  /** In declared order; empty where cut off. */
  children: NestedTask[];
  /** true: the children are left out, because the nesting limit is reached. */
  truncated?: boolean;
};

export const nestedTask: z.ZodType<NestedTask, NestedTask> = z
  .lazy(() =>
    strict({
      ...taskShape,
      childCount: count.describe('Number of direct children, also where they are cut off.'),
      children: z.array(nestedTask).describe('In declared order; empty where cut off.'),
      truncated: z
        .boolean()
        .exactOptional()
        .describe('true: the children are left out here; ask `tasks.tree` with `subtreeOnly` for this task.'),
    }),
  )
  .meta({ id: 'NestedTask' });
export type FailureLadder = z.output<typeof failureLadder>;
