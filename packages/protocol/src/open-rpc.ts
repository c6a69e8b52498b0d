/**
 * The OpenRPC document (https://spec.open-rpc.org, 1.3) of the protocol: what `rpc.discover` answers and the reference is made from.
 * Params are by name only. Where a method takes alternatives, the params list the fields of all of them and `x-params` holds the exact schema.
 */
import * as z from 'zod';
import { ERROR_CODES, ERRORS } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { isMethodName, METHOD_NAMES, methods } from './method-table.ts';
import type { MethodName } from './method-table.ts';
import { ANY_METHOD_ERRORS } from './methods/method.ts';
import type { MethodSpec } from './methods/method.ts';
import { notifications } from './notifications.ts';
import type { Json, JsonObject } from './wire/json.ts';

/** Version of the wire: its major number changes when an older client breaks. */
export const PROTOCOL_VERSION = '1.0.0';

type Schemas = Record<string, Json>;

/** The document for the given methods; by default all of them. */
export function openRpcDocument(names: readonly string[] = METHOD_NAMES): JsonObject {
  const schemas: Schemas = {};
  const described = names.filter(isMethodName).map((name) => methodObject(name, schemas));
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Coppice',
      version: PROTOCOL_VERSION,
      description: 'Runs trees of tasks durably. JSON-RPC 2.0 over HTTP, WebSocket and stdio.',
      license: { name: 'MIT' },
    },
    methods: described,
    components: {
      schemas,
      errors: Object.fromEntries(ERROR_CODES.map((code) => [errorKey(code), errorObject(code)])),
    },
    'x-notifications': Object.entries(notifications).map(([name, { summary, params }]) => ({
      name,
      summary,
      params: jsonSchema(params, 'output', schemas),
    })),
  };
}

function methodObject(name: MethodName, schemas: Schemas): JsonObject {
  const spec: MethodSpec = methods[name];
  const params = jsonSchema(spec.params, 'input', schemas);
  const codes = [...new Set([...spec.errors, ...ANY_METHOD_ERRORS])];
  return {
    name,
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    paramStructure: 'by-name',
    params: contentDescriptors(params),
    ...(alternatives(params).length > 1 ? { 'x-params': params } : {}),
    result: { name: 'result', schema: jsonSchema(spec.result, 'output', schemas) },
    errors: codes.map((code) => ({ $ref: `#/components/errors/${errorKey(code)}` })),
    examples: [
      {
        name: 'example',
        params: Object.entries(spec.example.params as JsonObject).map(([key, value]) => ({ name: key, value })),
        result: { name: 'result', value: spec.example.result as Json },
      },
    ],
  };
}

/** Keys of components may hold letters, digits, `-`, `.` and `_` only. */
function errorKey(code: ErrorCode): string {
  return code.replace('/', '.');
}

function errorObject(code: ErrorCode): JsonObject {
  return { code: ERRORS[code].number, message: ERRORS[code].meaning, data: { code } };
}

function alternatives(params: JsonObject): readonly JsonObject[] {
  const options = params['anyOf'] ?? params['oneOf'];
  return Array.isArray(options) ? (options as readonly JsonObject[]) : [params];
}

/** One descriptor per field; required only when every alternative requires it. */
function contentDescriptors(params: JsonObject): readonly JsonObject[] {
  const options = alternatives(params);
  const fields = new Map<string, Json>();
  for (const option of options) {
    for (const [field, schema] of Object.entries((option['properties'] ?? {}) as JsonObject)) {
      if (!fields.has(field)) fields.set(field, schema);
    }
  }
  return [...fields]
    .map(([field, schema]) => ({
      name: field,
      required: options.every((option) => ((option['required'] ?? []) as readonly Json[]).includes(field)),
      schema,
    }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}

/** The JSON Schema of a zod schema; named parts move to `components`. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): JsonObject {
  const { $schema: _dialect, $defs, ...rest } = z.toJSONSchema(schema, { io }) as Record<string, Json>;
  for (const [name, definition] of Object.entries(($defs ?? {}) as JsonObject)) {
    schemas[name] ??= withComponentRefs(definition);
  }
  return withComponentRefs(rest) as JsonObject;
}

const LOCAL_PREFIX = '#/$defs/';

function withComponentRefs(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(withComponentRefs);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' && inner.startsWith(LOCAL_PREFIX)
        ? `#/components/schemas/${inner.slice(LOCAL_PREFIX.length)}`
        : withComponentRefs(inner),
    ]),
  );
}
