/**
 * The schemas that definitions bring. Whoever writes a definition is not trusted as the author of an extension is: their patterns are
 * regular expressions of RE2, whose time is bounded by the sizes of pattern and text.
 */
import type { JsonObject, SchemaChecker } from '@coppice/core';
import { errorText } from '../error-text.ts';
import { compileJsonSchema } from './json-schema.ts';

type Check = ReturnType<typeof compileJsonSchema>;

/** Gone with the definition that holds the schema. */
const compiled = new WeakMap<JsonObject, Check>();

function checkOf(schema: JsonObject): Check {
  let check = compiled.get(schema);
  if (check === undefined) compiled.set(schema, (check = compileJsonSchema(schema, 'definition')));
  return check;
}

export const definitionSchemas: SchemaChecker = {
  problem(schema) {
    try {
      checkOf(schema);
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  },
  check: (schema, value) => checkOf(schema)(value).map(({ issue }) => issue),
};
