/** Methods that make, check, change and remove trees. */
import * as z from 'zod';
import { ERROR_CODES } from '../errors.ts';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { json } from '../wire/json.ts';
import { count, taskId } from '../wire/scalar.ts';
import { copyShape, submissionShape, taskSubmission, updatePatch } from '../wire/submission.ts';
import { nestedTask, task } from '../wire/task.ts';
import { exampleNestedTask, exampleTask, exampleTaskId } from './examples.ts';
import { method } from './method.ts';

export const submission = strict(submissionShape);
const exampleTasks = [{ name: 'greet', executor: 'command', inputs: { command: 'echo', args: ['hello'] } }];

const violation = strict({
  code: z.enum(ERROR_CODES as [(typeof ERROR_CODES)[number], ...(typeof ERROR_CODES)[number][]]),
  path: z.array(z.union([z.string(), z.number()])).describe("Path into the submission: `['tasks', 3, 'name']`."),
  reason: z.string(),
  expected: z.string().exactOptional(),
  actual: json.exactOptional(),
}).meta({ id: 'Violation' });

export type Violation = z.output<typeof violation>;

export const tasksCreate = method({
  summary: 'Stores a new tree, without running it.',
  description: 'All violations are answered at once, and nothing is stored unless all of it is valid.',
  params: submission,
  result: nestedTask,
  errors: [
    'tree/cycle',
    'executor/not-found',
    'task/invalid-inputs',
    'tree/invalid-parent',
    'tree/invalid-dependency',
    'tree/invalid',
  ],
  example: { params: { tasks: exampleTasks }, result: exampleNestedTask },
});

export const tasksValidate = method({
  summary: 'Checks a submission, or a selection of a stored tree, and stores nothing.',
  description:
    'With `tasks`: everything that `tasks.create` would refuse. With `rootId` and `taskIds`: the direct and transitive dependents that the selection misses.',
  params: z.union([submission, strict({ rootId: taskId, taskIds: list(taskId) })]),
  result: z.union([
    strict({ valid: z.boolean(), errors: z.array(violation) }),
    strict({
      valid: z.boolean(),
      missing: z.array(strict({ taskId, via: taskId.describe('The selected task, or missing one, it depends on.') })),
    }),
  ]),
  errors: ['task/not-found', 'tree/invalid'],
  example: {
    params: { tasks: [{ name: 'greet', executor: 'comand' }] },
    result: {
      valid: false,
      errors: [
        {
          code: 'executor/not-found',
          path: ['tasks', 0, 'executor'],
          reason: 'no executor "comand" is loaded: did you mean "command"?',
          actual: 'comand',
        },
      ],
    },
  },
});

export const tasksUpdate = method({
  summary: 'Changes a pending task.',
  description: 'All violations are answered at once, and then nothing is applied.',
  params: strict({ taskId, patch: updatePatch }),
  result: task,
  errors: [
    'task/not-found',
    'task/invalid-transition',
    'tree/cycle',
    'executor/not-found',
    'task/invalid-inputs',
    'tree/invalid-dependency',
    'tree/invalid',
  ],
  example: { params: { taskId: exampleTaskId, patch: { name: 'greet' } }, result: exampleTask },
});

export const tasksDelete = method({
  summary: 'Removes a task with its sub-tree.',
  description: 'The sub-tree must be pending or the run must have ended, and nothing outside may depend on a member.',
  params: strict({ taskId }),
  result: strict({ deleted: count.describe('Number of removed tasks.') }),
  errors: ['task/not-found', 'task/cannot-delete'],
  example: { params: { taskId: exampleTaskId }, result: { deleted: 1 } },
});

export const tasksCopy = method({
  summary: 'Copies a part of a tree, or all of it, as a new tree.',
  description: 'With `save: false` nothing is stored, and the answer is the array that `tasks.create` accepts.',
  params: strict({
    taskId,
    ...copyShape,
    save: z.boolean().optional().describe('false: only show what would be copied. Default true.'),
  }),
  result: z.union([nestedTask, z.array(taskSubmission)]),
  errors: ['task/not-found', 'tree/invalid', 'executor/not-found', 'task/invalid-inputs'],
  example: {
    params: { taskId: exampleTaskId, mode: 'minimal', save: false },
    result: [{ id: exampleTaskId, ...exampleTasks[0] }],
  },
});
