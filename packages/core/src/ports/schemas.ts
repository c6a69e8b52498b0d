/** Port: checks values against JSON Schemas that a definition brings. Deterministic, and in time that the sizes of schema and value bound. */
import type { Json, JsonObject } from '@coppice/extension';

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** Path into the value. */
  readonly path: readonly (string | number)[];
  /** For people: what is wrong. */
  readonly reason: string;
  readonly expected?: string | undefined;
  readonly actual?: Json | undefined;
}

export interface SchemaChecker {
  /** What is wrong with the schema itself; undefined: it can be used. */
  problem(schema: JsonObject): string | undefined;
  /** Everything that is wrong with the value. Throws an Error for a schema that can not be used. */
  check(schema: JsonObject, value: Json): readonly SchemaIssue[];
}

/** Takes every value: for runs that check none. */
export const NO_SCHEMAS: SchemaChecker = { problem: () => undefined, check: () => [] };
