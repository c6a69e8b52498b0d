/**
 * Every field of a task's definition on the wire, described once; `id`, `key`, `name` and `parentId`, by which tasks are found, apart.
 *
 * `given`: as it is submitted. `patch`: as `tasks.update` takes it. `override`: as a copy takes it. `shown`: in answers, where all fields are
 * there. `kept`: in events, where a definition has what it says, and what has a `default`; in answers the others are `absent`. Where a form is
 * missing, the field is not there.
 */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { declares } from './declares.ts';
import { strict } from '../schema/strict.ts';
import { dependencies, dependency } from './dependency.ts';
import { json, jsonObject } from './json.ts';
import { given, multiplier } from './multiplier.ts';
import { taskPolicies } from './policies.ts';
import { givenTime, name, taskId, time, timeOrNull } from './scalar.ts';
import { approval, wait } from './wait.ts';

export const join = z
  .enum(['all', 'any', 'settled'])
  .describe('How incoming edges combine: all fired, the first fired, or all settled and one fired. Default all.');

const fire = z
  .enum(['all', 'first'])
  .describe(
    'Which outgoing edges fire: all whose filters hold, or only the first of them, in declared order. Default all.',
  );

const resources = z.record(name, z.number());
const fallback = strict({
  executor: name.exactOptional().describe('Type of the executor of one more attempt.'),
  inputs: jsonObject
    .exactOptional()
    .describe('May hold `${{ expression }}`, over `error`, `breaker` and what inputs may read.'),
  output: json
    .exactOptional()
    .describe('In the place of an executor: what stands in for the output; may hold expressions.'),
  port: z
    .enum(['primary', 'separate'])
    .exactOptional()
    .describe('`separate`: only dependents that ask for the port `fallback` go on. Default primary.'),
}).meta({ id: 'Fallback' });

const compensate = strict({
  executor: name,
  inputs: jsonObject
    .exactOptional()
    .describe(
      'May hold `${{ expression }}`, over `original`, `failure`, `compensating` and what inputs may read, `deps` apart.',
    ),
  policies: taskPolicies.exactOptional().describe('Retry and limits. Default: those of the group around the task.'),
}).meta({ id: 'Compensation' });

const priority = z
  .number()
  .describe('Priority class: 0 urgent, 1 high, 2 normal (default), 3 low. That of a group holds for its members.');

const FIELDS = {
  executor: {
    given: name.optional().describe('Type of the executor; absent: the task is a group, or waits.'),
    override: name.optional(),
    shown: z.string().nullable().describe('null: a group, or a wait.'),
    kept: z.string().exactOptional(),
    absent: null,
  },
  wait: {
    given: wait.optional().describe('In the place of an executor: the task waits for a time or a signal.'),
    shown: wait.nullable(),
    kept: wait.exactOptional(),
    absent: null,
  },
  approval: {
    given: approval.optional().describe('In the place of an executor: the task waits for the answer of a person.'),
    shown: approval.nullable(),
    kept: approval.exactOptional(),
    absent: null,
  },
  inputs: {
    given: jsonObject
      .optional()
      .describe(
        'May hold `${{ expression }}`. Of a group: resolved when it opens, and then what its members read as `inputs`.',
      ),
    patch: jsonObject.optional(),
    override: jsonObject.optional(),
    shown: jsonObject.describe('As defined.'),
    kept: jsonObject,
    default: {},
  },
  dependencies: {
    given: dependencies.optional(),
    patch: dependencies.optional().describe('Only while no dependent is running.'),
    shown: z.array(dependency),
    kept: z.array(dependency),
    default: [],
  },
  join: { given: join.optional(), shown: join, kept: join, default: 'all' as const },
  priority: {
    given: priority.optional(),
    patch: priority.optional(),
    override: priority.optional(),
    shown: z.int().min(0).max(3),
    kept: z.int(),
    default: 2,
  },
  policies: {
    given: taskPolicies.optional(),
    patch: taskPolicies.optional(),
    override: taskPolicies.optional(),
    shown: taskPolicies,
    kept: taskPolicies,
    default: {},
  },
  port: {
    given: name.optional().describe('Name of the primary output port.'),
    shown: z.string().nullable(),
    kept: z.string().exactOptional(),
    absent: null,
  },
  allowFailure: {
    given: z
      .boolean()
      .optional()
      .describe(
        'true: the run may do without this task: it completes although this one failed or was cancelled. Default false.',
      ),
    shown: z.boolean(),
    kept: z.boolean(),
    default: false,
  },
  mustRun: {
    given: z
      .boolean()
      .optional()
      .describe('true: when its dependencies can no longer be met it fails instead of being skipped. Default false.'),
    shown: z.boolean(),
    kept: z.boolean().exactOptional(),
    absent: false,
  },
  finally: {
    given: z
      .boolean()
      .optional()
      .describe(
        'true: clean-up. It begins once all other members of its group have ended, in whatever way, and the group ends after it. Default false.',
      ),
    shown: z.boolean(),
    kept: z.boolean().exactOptional(),
    absent: false,
  },
  fallback: {
    given: fallback
      .optional()
      .describe('What does its work when its last attempt has failed. It then ends on the port `fallback`.'),
    shown: fallback.nullable(),
    kept: fallback.exactOptional(),
    absent: null,
  },
  compensate: {
    given: compensate
      .optional()
      .describe(
        'How it is undone when the scope around it fails after it has completed. The last that completed is undone first.',
      ),
    shown: compensate.nullable(),
    kept: compensate.exactOptional(),
    absent: null,
  },
  compensates: {
    shown: taskId.nullable().describe('Of a task that undoes another: that one.'),
    kept: taskId.exactOptional(),
    absent: null,
  },
  notBefore: { given: givenTime.optional(), shown: timeOrNull, kept: time.exactOptional(), absent: null },
  capabilities: {
    given: list(name).optional().describe('What the executor must offer; not on a group.'),
    shown: z.array(z.string()),
    kept: z.array(z.string()),
    default: [],
  },
  tags: {
    given: list(name).optional(),
    patch: list(name).optional(),
    shown: z.array(z.string()),
    kept: z.array(z.string()),
    default: [],
  },
  metadata: {
    given: jsonObject.optional(),
    patch: jsonObject.optional(),
    shown: jsonObject,
    kept: jsonObject,
    default: {},
  },
  when: {
    given: z
      .string()
      .optional()
      .describe(
        'CEL over what inputs may read, secrets apart. When it is false once the dependencies are met, the task is skipped.',
      ),
    shown: z.string().nullable(),
    kept: z.string().exactOptional(),
    absent: null,
  },
  fire: {
    given: fire.optional(),
    shown: fire,
    kept: fire.exactOptional(),
    absent: 'all' as const,
  },
  cancelOthers: {
    given: z
      .boolean()
      .optional()
      .describe(
        'true, with join any: once a dependency has fired, the others are cancelled unless somebody else waits for them. Default false.',
      ),
    shown: z.boolean(),
    kept: z.boolean().exactOptional(),
    absent: false,
  },
  set: {
    given: jsonObject
      .optional()
      .describe(
        'What the task writes to variables when it completes, by their names. May hold `${{ expression }}`, over what inputs may read and `output`.',
      ),
    shown: jsonObject.nullable(),
    kept: jsonObject.exactOptional(),
    absent: null,
  },
  locks: {
    given: list(name)
      .optional()
      .describe(
        'Names of locks that an attempt holds, with `${{ expression }}` in them, over what inputs may read, secrets apart. So many attempts hold a lock at once as the configuration says; default one.',
      ),
    shown: z.array(z.string()).nullable(),
    kept: z.array(z.string()).exactOptional(),
    absent: null,
  },
  rates: {
    given: list(name)
      .optional()
      .describe(
        'Names of rates that the starts of attempts keep, with `${{ expression }}` in them, over what inputs may read, secrets apart. The configuration says how often one may start at each; without a word of it, any number.',
      ),
    shown: z.array(z.string()).nullable(),
    kept: z.array(z.string()).exactOptional(),
    absent: null,
  },
  resources: {
    given: resources
      .optional()
      .describe(
        'Amounts that an attempt needs, by the name of the resource: numbers above 0 with at most three decimals. All attempts together stay below the capacity that the configuration names.',
      ),
    shown: resources.nullable(),
    kept: resources.exactOptional(),
    absent: null,
  },
  originalTaskId: {
    shown: taskId.nullable().describe('The task that this one is a copy of.'),
    kept: taskId.exactOptional(),
    absent: null,
  },
  multiplier: {
    shown: multiplier.nullable().describe('Of a group: it makes its members when it opens.'),
    kept: multiplier.exactOptional(),
    absent: null,
  },
  given: {
    shown: given.nullable().describe('Of a member that was made so.'),
    kept: given.exactOptional(),
    absent: null,
  },
  left: {
    shown: jsonObject
      .nullable()
      .describe('Of a group in a copy: what was written to variables inside of it before the members that it has.'),
    kept: jsonObject.exactOptional(),
    absent: null,
  },
  output: {
    given: json
      .optional()
      .describe(
        "Of a group: what its output is, resolved when it ends; may hold `${{ expression }}`, in which `deps` are its members. Default: its members' outputs by key.",
      ),
    kept: json.exactOptional(),
  },
  ref: {
    given: name
      .optional()
      .describe(
        'What expressions call the task: in `deps` of its dependents, and in the output of its group. Default its id or name.',
      ),
    shown: z.string().nullable().describe('What expressions call it; null: by its key.'),
    kept: z.string().exactOptional(),
    absent: null,
  },
  declares: {
    given: declares
      .optional()
      .describe(
        'Of a group: what its inputs must be, and what its output is made of. The outputs are read from its only member, or from the group itself when it has several.',
      ),
    shown: declares.nullable().describe('Of a group: what it says of its inputs and its output.'),
    kept: declares.exactOptional(),
    absent: null,
  },
};

type Fields = typeof FIELDS;
type Form = 'given' | 'patch' | 'override' | 'shown' | 'kept' | 'default' | 'absent';

/** The fields in one form: their schemas, or their defaults. */
type FieldsIn<Of extends Form> = {
  [
    Name in keyof Fields as Fields[Name] extends Readonly<Record<Of, unknown>> ? Name : never
  ]: Fields[Name] extends Readonly<Record<Of, infer Value>> ? Value : never;
};

/** The fields in one form, by name. */
export function fieldsIn<Of extends Form>(form: Of): FieldsIn<Of> {
  const fields = Object.entries(FIELDS).flatMap(([field, forms]) =>
    form in forms ? [[field, (forms as Partial<Record<Form, unknown>>)[form]]] : [],
  );
  return Object.fromEntries(fields) as FieldsIn<Of>;
}

/** What an event keeps of a task that says nothing. */
export const DEFINITION_DEFAULTS = fieldsIn('default');

/** What an answer shows of it. */
export const SHOWN_DEFAULTS = { ...DEFINITION_DEFAULTS, ...fieldsIn('absent') };
