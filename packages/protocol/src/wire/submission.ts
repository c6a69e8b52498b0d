/** What a caller submits: tasks, their dependencies, and what belongs to the whole tree. */
import * as z from 'zod';
import { list, map } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { declares } from './declares.ts';
import { fieldsIn } from './definition-fields.ts';
import { multiplierFields } from './multiplier.ts';
import { jsonObject } from './json.ts';
import { runPolicies } from './policies.ts';
import { name, NAME_LENGTH_MAX, PATH_LENGTH_MAX, userId } from './scalar.ts';

export const taskSubmission = strict({
  id: name.optional().describe('Either every task has one or none has.'),
  name: name.optional().describe('Required without ids, and unique then. Default the id.'),
  parentId: name.optional().describe('Id or name of the parent; exactly one task has none.'),
  ...fieldsIn('given'),
  ...multiplierFields,
}).meta({ id: 'TaskSubmission' });

/** Fields of a submission; `tasks.create`, `tasks.validate` and `tasks.execute` share them. */
export const submissionShape = {
  tasks: list(taskSubmission).describe('The tasks in declared order; exactly one has no parent.'),
  inputs: jsonObject.optional().describe('Inputs of the run.'),
  declares: declares.optional(),
  variables: jsonObject
    .optional()
    .describe(
      'Variables by name: the initial value, or `{ value, merge }` with merge replace (default), sum, max, min, append, union, deepMerge or one of an extension.',
    ),
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

const copyOverride = strict(fieldsIn('override')).meta({ id: 'CopyOverride' });

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

export const updatePatch = strict({ name: name.optional(), ...fieldsIn('patch') }).meta({ id: 'UpdatePatch' });

export type TaskSubmission = z.output<typeof taskSubmission>;
export type CopyOptions = z.output<typeof copyOptions>;
export type UpdatePatch = z.output<typeof updatePatch>;
