/** A small checker of schemas: `type`, `required` and `properties`. */
import type { Json, JsonObject } from '@coppice/extension';
import type { SchemaChecker, SchemaIssue } from './schemas.ts';

const TYPES: readonly Json[] = ['object', 'array', 'string', 'number', 'boolean', 'null'];

export const testSchemas: SchemaChecker = {
  problem: ({ type }) => (type === undefined || TYPES.includes(type) ? undefined : `there is no type ${text(type)}`),
  check,
};

const text = (type: Json): string => (typeof type === 'string' ? type : JSON.stringify(type));

function check(schema: JsonObject, value: Json): readonly SchemaIssue[] {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  if (schema['type'] !== undefined && schema['type'] !== type)
    return [{ path: [], reason: `must be ${text(schema['type'])}, not ${type}`, actual: value }];
  if (type !== 'object') return [];
  const fields = value as JsonObject;
  const missing = ((schema['required'] ?? []) as readonly string[]).filter((name) => !Object.hasOwn(fields, name));
  const below = Object.entries((schema['properties'] ?? {}) as JsonObject).flatMap(([name, property]) =>
    Object.hasOwn(fields, name)
      ? check(property as JsonObject, fields[name] as Json).map((issue) => ({ ...issue, path: [name, ...issue.path] }))
      : [],
  );
  return [...missing.map((name) => ({ path: [name], reason: `'${name}' is required` })), ...below];
}
