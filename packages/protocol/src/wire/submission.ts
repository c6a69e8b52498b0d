/** What a caller submits: tasks, their dependencies, and what belongs to the whole tree. */
import * as z from 'zod';
import { list, map } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { jsonObject } from './json.ts';
import { runPolicies, taskPolicies } from './policies.ts';
import { givenTime, name, NAME_LENGTH_MAX, PATH_LENGTH_MAX, userId } from './scalar.ts';

export const trigger = z.enum(['success', 'failure', 'skipped']);
export const join = z
  .enum(['all', 'any', 'settled'])
  .describe('How incoming edges combine: all fired, the first fired, or all settled and one fired. Default all.');

export const dependencySubmission = strict({
  task: name.describe('Id or name of the task to wait for.'),
  required: z.boolean().optional().describe('false: wait until it is terminal, whatever its outcome. Default true.'),
  on: list(trigger).optional().describe('Outcomes on which the edge fires. Default success.'),
  port: name.nullable().optional().describe('Output port that must have been taken; null: the primary one.'),
  condition: z.string().nullable().optional().describe('CEL over `output`, `error`, `status`, `port`; null: none.'),
  into: name.optional().describe("Input key for the dependency's output. Default its id or name."),
  enabled: z.boolean().optional().describe('false: the edge is dead from the start. Default true.'),
  handles: z
    .boolean()
    .optional()
    .describe(
      'true: this task deals with a failure that fires the edge, so that the run can complete. Default false: it is only told.',
    ),
}).meta({ id: 'DependencySubmission' });

export const dependencies = list(z.union([name, dependencySubmission]));
const priority = z
  .number()
  .describe('Priority class: 0 urgent, 1 high, 2 normal (default), 3 low. That of a group holds for its members.');

export const taskSubmission = strict({
  id: name.optional().describe('Either every task has one or none has.'),
  name: name.optional().describe('Required without ids, and unique then. Default the id.'),
  parentId: name.optional().describe('Id or name of the parent; exactly one task has none.'),
  executor: name.optional().describe('Type of the executor; absent: the task is a group.'),
  inputs: jsonObject.optional().describe('May hold `${{ expression }}`.'),
  dependencies: dependencies.optional(),
  join: join.optional(),
  priority: priority.optional(),
  policies: taskPolicies.optional(),
  port: name.optional().describe('Name of the primary output port.'),
  allowFailure: z
    .boolean()
    .optional()
    .describe(
      'true: the run may do without this task: it completes although this one failed or was cancelled. Default false.',
    ),
  mustRun: z
    .boolean()
    .optional()
    .describe('true: when its dependencies can no longer be met it fails instead of being skipped. Default false.'),
  notBefore: givenTime.optional(),
  capabilities: list(name).optional().describe('What the executor must offer; not on a group.'),
  tags: list(name).optional(),
  metadata: jsonObject.optional(),
}).meta({ id: 'TaskSubmission' });

/** Fields of a submission; `tasks.create`, `tasks.validate` and `tasks.execute` share them. */
export const submissionShape = {
  tasks: list(taskSubmission).describe('The tasks in declared order; exactly one has no parent.'),
  inputs: jsonObject.optional().describe('Inputs of the run.'),
  variables: jsonObject.optional().describe('Variables at the start of the run.'),
  policies: runPolicies.optional(),
  baseDir: z
    .string()
    .min(1)
    .max(PATH_LENGTH_MAX)
    .optional()
    .describe(
      "Folder that relative paths in the tasks' inputs start from; itself relative to the server's. Default the server's `baseDir`.",
    ),
  userId: userId.optional().describe('Owner of the tree; another than oneself needs the role admin. Default oneself.'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(NAME_LENGTH_MAX)
    .optional()
    .describe('A second request of the same user with the same key answers the first tree.'),
  reidentify: z
    .boolean()
    .optional()
    .describe(
      'true: give the tasks new ids and use the submitted ones as references only. Default false; for the role user always true.',
    ),
};

const copyOverride = strict({
  inputs: jsonObject.optional(),
  executor: name.optional(),
  priority: priority.optional(),
  policies: taskPolicies.optional(),
}).meta({ id: 'CopyOverride' });

/** Fields that say what a copy takes along. */
export const copyShape = {
  mode: z
    .enum(['minimal', 'full', 'custom'])
    .optional()
    .describe(
      '`minimal` (default): the sub-tree, its dependents, what these need, and the ancestors that connect them; `full`: the whole tree; `custom`: `taskIds`.',
    ),
  taskIds: list(name).optional().describe('The tasks of a custom copy.'),
  includeDependents: z.boolean().optional().describe('Add missing dependents instead of refusing. Default true.'),
  overrides: map(copyOverride).optional().describe("Changes by the original task's id."),
  userId: userId
    .optional()
    .describe('Owner of the copy; another than oneself needs the role admin. Default the owner of the original.'),
};

export const copyOptions = strict(copyShape).meta({ id: 'CopyOptions' });

export const updatePatch = strict({
  name: name.optional(),
  inputs: jsonObject.optional(),
  priority: priority.optional(),
  policies: taskPolicies.optional(),
  tags: list(name).optional(),
  metadata: jsonObject.optional(),
  dependencies: dependencies.optional().describe('Only while no dependent is running.'),
}).meta({ id: 'UpdatePatch' });

export type DependencySubmission = z.output<typeof dependencySubmission>;
export type TaskSubmission = z.output<typeof taskSubmission>;
export type CopyOptions = z.output<typeof copyOptions>;
export type UpdatePatch = z.output<typeof updatePatch>;
