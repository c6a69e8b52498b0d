/**
 * The JSON Schema of definition files, for editors: made from the protocol's schema of `tasks.create`, so that it can not drift from it,
 * plus what only files have: nested children, maps of tasks, durations with units.
 */
import { DURATION_PATTERN } from '@coppice/extension';
import { openRpcDocument } from '@coppice/protocol';
import type { Json, JsonObject } from '@coppice/protocol';
import { DURATION_FIELDS } from './durations.ts';

/** Objects of the wire that a definition is made of. */
const TAKEN_OVER = [
  'InputDeclaration',
  'OutputDeclaration',
  'Declares',
  'TaskSubmission',
  'DependencySubmission',
  'TaskPolicies',
  'RunPolicies',
  'RetryPolicy',
  'CompensationPolicy',
  'BreakerPolicy',
  'Compensation',
  'Fallback',
  'RepeatPolicy',
  'Wait',
  'Approval',
] as const;

/** Merges that come with Coppice; extensions may contribute others. */
const MERGES = ['replace', 'sum', 'max', 'min', 'append', 'union', 'deepMerge'];

const VARIABLE_DECLARATION: JsonObject = {
  type: 'object',
  properties: {
    value: { description: 'The initial value.' },
    merge: {
      description: 'How writes become one value. Default replace.',
      anyOf: [{ enum: [...MERGES] }, { type: 'string' }],
    },
  },
  required: ['value'],
  additionalProperties: false,
};

/** A JSON Schema, draft 2020-12. */
export function definitionJsonSchema(): JsonObject {
  const wire = wireSchemas();
  const timed = (name: Exclude<(typeof TAKEN_OVER)[number], 'TaskSubmission' | 'DependencySubmission'>): JsonObject =>
    withDurations(wire[name]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Coppice definition',
    description: 'A tree of tasks. Run it with: coppice run FILE',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      version: { const: 1, description: 'Version of this format.' },
      name: { type: 'string', description: 'Name of the tree. Default: that of the file.' },
      description: { type: 'string', description: 'For people; not stored.' },
      inputs: {
        type: 'object',
        description:
          'Inputs of the run: a value, or a declaration such as {type: string, required: true}. `coppice run --input key=value` changes them.',
        additionalProperties: { anyOf: [{ $ref: '#/$defs/InputDeclaration' }, {}] },
      },
      outputs: {
        type: 'object',
        description: 'Outputs of the run by name: what each is made from when the run has completed.',
        additionalProperties: { anyOf: [{ $ref: '#/$defs/OutputDeclaration' }, {}] },
      },
      variables: {
        type: 'object',
        description: 'Variables by name: the initial value, or {value, merge}.',
        additionalProperties: { anyOf: [{ $ref: '#/$defs/VariableDeclaration' }, {}] },
      },
      policies: { $ref: '#/$defs/RunPolicies' },
      tasks: {
        ...tasks(
          'The tasks: a list, or a map whose keys are ids. Several at the top become members of one root group.',
        ),
      },
    },
    patternProperties: { '^x-': { description: 'Free, e.g. to hold YAML anchors.' } },
    required: ['version', 'tasks'],
    additionalProperties: false,
    $defs: {
      Task: withChildren(wire.TaskSubmission),
      InputDeclaration: wire.InputDeclaration,
      OutputDeclaration: wire.OutputDeclaration,
      Declares: wire.Declares,
      VariableDeclaration: VARIABLE_DECLARATION,
      DependencySubmission: wire.DependencySubmission,
      TaskPolicies: timed('TaskPolicies'),
      RunPolicies: timed('RunPolicies'),
      RetryPolicy: timed('RetryPolicy'),
      CompensationPolicy: wire.CompensationPolicy,
      BreakerPolicy: timed('BreakerPolicy'),
      Compensation: wire.Compensation,
      Fallback: wire.Fallback,
      Wait: timed('Wait'),
      Approval: timed('Approval'),
      RepeatPolicy: timed('RepeatPolicy'),
      Duration: {
        type: 'string',
        pattern: DURATION_PATTERN,
        description: 'A duration: 250ms, 30s, 5m, 1h30m, 2d.',
      },
    },
  };
}

function wireSchemas(): Record<(typeof TAKEN_OVER)[number], JsonObject> {
  const { components } = openRpcDocument(['tasks.create']) as { readonly components: { readonly schemas: JsonObject } };
  const entries = TAKEN_OVER.map((name) => [name, withLocalReferences(components.schemas[name] ?? {})]);
  return Object.fromEntries(entries) as Record<(typeof TAKEN_OVER)[number], JsonObject>;
}

function withLocalReferences(schema: Json): Json {
  const text = JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/');
  return JSON.parse(text) as Json;
}

function tasks(description: string): JsonObject {
  const member: Json = { $ref: '#/$defs/Task' };
  return {
    description,
    anyOf: [
      { type: 'array', items: member, minItems: 1 },
      { type: 'object', additionalProperties: { anyOf: [member, { type: 'null' }] }, minProperties: 1 },
    ],
  };
}

function withChildren(task: JsonObject): JsonObject {
  const children = tasks('Tasks below this one, as in "tasks"; instead of their "parentId".');
  const use: JsonObject = {
    type: 'string',
    minLength: 1,
    description:
      'Path of another definition file, relative to this one: its tasks become members of this task, which gives them its `inputs`.',
  };
  return { ...task, properties: { ...(task['properties'] as JsonObject), children, use } };
}

const EXPRESSION_PATTERN = '\\$\\{\\{';

/** Every duration may have a unit, and then be written without the suffix. */
function withDurations(policies: JsonObject): JsonObject {
  const properties: Record<string, Json> = {};
  const given = policies['properties'] as JsonObject;
  for (const [name, schema] of Object.entries(given)) {
    if (!name.endsWith('Ms')) {
      properties[name] = schema;
      continue;
    }
    const { description = null, ...number } = schema as JsonObject;
    const short = name.slice(0, -2);
    if (DURATION_FIELDS.some((known) => known === short)) {
      // A duration that may also be a text on the wire may be an expression.
      const expression = Array.isArray(number['type']) ? [{ type: 'string', pattern: EXPRESSION_PATTERN }] : [];
      // A window may also be a number of calls.
      const count = Object.hasOwn(given, short) ? [given[short] as Json] : [{ const: 0 }];
      properties[short] = { description, anyOf: [{ $ref: '#/$defs/Duration' }, ...count, ...expression] };
    }
    properties[name] = { description, anyOf: [number, { $ref: '#/$defs/Duration' }] };
  }
  return { ...policies, properties };
}
