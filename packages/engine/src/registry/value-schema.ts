/**
 * Checks values against the schema an executor declares: JSON Schema 2020-12 or any Standard Schema.
 *
 * There are two checks. When a tree is defined, expressions (`${{ … }}`) and values that dependencies will supply are unknown, so
 * `checkDefinition` reports only certain violations. When a task starts, `check` checks the resolved input in full.
 *
 * In a list or map of texts a number or boolean is read as its text, because people write arguments and variables like that in YAML.
 * Definition files and requests are treated alike.
 */
import { setOwn, type Json, type JsonObject, type StandardSchema, type ValueSchema } from '@coppice/core';
import { compileJsonSchema, type KeywordIssue } from './json-schema.ts';
import { describeActual, type CheckResult, type ValueIssue } from './value-issue.ts';

/** A schema ready to check with. Both methods answer at once, unless a Standard Schema validates asynchronously. */
export interface CompiledSchema {
  /**
   * Checks a value in full. Keys of `dependencyKeys` are removed first when the schema declares no such property and allows no
   * others; the value answered lacks them.
   */
  check(value: Json, options?: { readonly dependencyKeys?: readonly string[] }): CheckResult | Promise<CheckResult>;
  /**
   * Checks inputs as written in a definition. Not reported: anything at or below an expression, anything that depends on one,
   * and a missing required key that is one of `suppliedKeys` (names under which dependencies or mappings will supply a value).
   */
  checkDefinition(
    inputs: JsonObject,
    options?: { readonly suppliedKeys?: readonly string[] },
  ): readonly ValueIssue[] | Promise<readonly ValueIssue[]>;
}

const compiled = new WeakMap<ValueSchema, CompiledSchema>();

/** Compiles a schema; the same object is compiled once. Throws an Error that says what is wrong with the schema. */
export function compileValueSchema(schema: ValueSchema): CompiledSchema {
  let known = compiled.get(schema);
  if (known === undefined) {
    known = isStandardSchema(schema) ? compileStandard(schema) : compileJson(schema);
    compiled.set(schema, known);
  }
  return known;
}

/** The schema as JSON Schema, for display. Undefined for a Standard Schema that can not tell. */
export function toJsonSchema(schema: ValueSchema): JsonObject | undefined {
  if (!isStandardSchema(schema)) return schema;
  try {
    return schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) as JsonObject | undefined;
  } catch {
    // Vendors throw for schemas that JSON Schema can not express; showing none is the documented answer.
    return undefined;
  }
}

function isStandardSchema(schema: ValueSchema): schema is StandardSchema {
  return '~standard' in schema;
}

function compileJson(schema: JsonObject): CompiledSchema {
  const validateAsIs = compileJsonSchema(schema);
  const validate = (given: Json): { readonly value: Json; readonly issues: readonly KeywordIssue[] } => {
    const issues = validateAsIs(given);
    const numbers = issues.filter(({ wantsText }) => wantsText === true).map(({ issue }) => issue.path);
    if (numbers.length === 0) return { value: given, issues };
    const value = withTexts(given, numbers);
    return { value, issues: validateAsIs(value) };
  };
  return {
    check(value, { dependencyKeys = [] } = {}) {
      const checked = validate(dropUndeclared(value, schema, dependencyKeys));
      const issues = checked.issues.map(({ issue }) => issue);
      return issues.length === 0 ? { ok: true, value: checked.value } : { ok: false, issues };
    },
    checkDefinition(inputs, { suppliedKeys = [] } = {}) {
      return validate(inputs)
        .issues.filter((found) => isCertain(found, inputs, suppliedKeys))
        .map(({ issue }) => issue);
    },
  };
}

/** A copy in which the numbers and booleans at these paths are the texts that a person wrote: `args: [-n, 5]`. */
function withTexts(value: Json, paths: readonly (readonly (string | number)[])[]): Json {
  const copy = structuredClone<Json>(value);
  for (const path of paths) {
    const key = path.at(-1) as string | number;
    const holder = valueAt(copy, path.slice(0, -1)) as Record<string, Json>;
    if (Object.hasOwn(holder, key)) setOwn(holder, String(key), JSON.stringify(holder[key]));
  }
  return copy;
}

function compileStandard(schema: StandardSchema): CompiledSchema {
  const validate = (value: unknown): CheckResult | Promise<CheckResult> => {
    const result = schema['~standard'].validate(value);
    return result instanceof Promise
      ? result.then((settled) => fromStandard(settled, value))
      : fromStandard(result, value);
  };
  return {
    check: (value, { dependencyKeys = [] } = {}) =>
      validate(dropUndeclared(value, toJsonSchema(schema) ?? {}, dependencyKeys)),
    checkDefinition(inputs, { suppliedKeys = [] } = {}) {
      const certain = (result: CheckResult): readonly ValueIssue[] =>
        result.ok ? [] : result.issues.filter((issue) => isCertain({ keyword: '', issue }, inputs, suppliedKeys));
      const result = validate(inputs);
      return result instanceof Promise ? result.then(certain) : certain(result);
    },
  };
}

function fromStandard(
  result: Awaited<ReturnType<StandardSchema['~standard']['validate']>>,
  value: unknown,
): CheckResult {
  if (result.issues === undefined) return { ok: true, value: result.value as Json };
  const issues = result.issues.map(({ message, path = [] }) => {
    const plain = path.map((part) => toPathPart(typeof part === 'object' ? part.key : part));
    const actual = valueAt(value, plain);
    return { path: plain, reason: message, ...(actual === undefined ? {} : { actual: describeActual(actual) }) };
  });
  return { ok: false, issues };
}

function toPathPart(key: PropertyKey): string | number {
  return typeof key === 'symbol' ? String(key) : key;
}

/** Removes keys that the schema neither declares nor allows; the value itself is never changed. */
function dropUndeclared(value: Json, schema: JsonObject, keys: readonly string[]): Json {
  if (keys.length === 0 || schema['additionalProperties'] !== false || !isObject(value)) return value;
  const properties = schema['properties'];
  const drop = new Set(keys.filter((key) => !isObject(properties) || !Object.hasOwn(properties, key)));
  return Object.fromEntries(Object.entries(value).filter(([key]) => !drop.has(key)));
}

/** Keywords that speak about an object's or array's own shape, which expressions inside its members do not change. */
const shapeKeywords = new Set([
  'type',
  'required',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'minItems',
  'maxItems',
]);

const unknownKeywords = new Set(['additionalProperties', 'unevaluatedProperties']);

/** True when the issue holds whatever the expressions evaluate to and the dependencies supply. */
function isCertain({ keyword, issue }: KeywordIssue, inputs: JsonObject, suppliedKeys: readonly string[]): boolean {
  const [first] = issue.path;
  const isMissing = valueAt(inputs, issue.path) === undefined;
  if (isMissing && issue.path.length === 1 && suppliedKeys.includes(String(first))) return false;
  // An unknown property is wrong by its name, whatever its value.
  const known = unknownKeywords.has(keyword) ? issue.path.length - 1 : issue.path.length;
  for (let length = 1; length <= known; length += 1) {
    if (isExpression(valueAt(inputs, issue.path.slice(0, length)))) return false;
  }
  if (issue.path.length === 0 && suppliedKeys.length > 0) return false;
  if (shapeKeywords.has(keyword)) return true;
  return !holdsExpression(valueAt(inputs, issue.path));
}

function isExpression(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${{');
}

function holdsExpression(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (isExpression(next)) return true;
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) open.push(member);
  }
  return false;
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
