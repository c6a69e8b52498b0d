/** Dependencies of a task: as they are submitted, and as answers and events show them. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { name, taskId } from './scalar.ts';

const trigger = z.enum(['success', 'failure', 'skipped']);

const dependencySubmission = strict({
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

export const dependency = strict({
  task: taskId,
  ref: z.string().describe('The reference as it was written.'),
  required: z.boolean(),
  on: z.array(trigger),
  port: z.string().exactOptional(),
  condition: z.string().exactOptional(),
  into: z.string().exactOptional(),
  enabled: z.boolean(),
  handles: z
    .boolean()
    .exactOptional()
    .describe(
      'Whether the task deals with a failure that fires the edge. Where it is absent although one can: yes, in trees of old.',
    ),
}).meta({ id: 'Dependency' });

/** What an event keeps of a dependency that says nothing but its task. */
export const DEPENDENCY_DEFAULTS = { required: true, on: ['success' as const], enabled: true };

export type DependencySubmission = z.output<typeof dependencySubmission>;
export type Dependency = z.output<typeof dependency>;
