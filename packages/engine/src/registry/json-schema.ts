/**
 * Compiles JSON Schema 2020-12 and turns what the validator reports into issues.
 *
 * `format` is an annotation, as the draft's default says. Reports of the branches of `anyOf`, `oneOf` and `not`
 * are folded into one issue: a reader wants to know that no form fits, not each form's complaint.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { createSuggest, didYouMean, type Json, type JsonObject } from '@coppice/core';
import { describeActual, type ValueIssue } from './value-issue.ts';

/** An issue with the keyword that found it, so that a caller can weigh it. */
export interface KeywordIssue {
  readonly keyword: string;
  /** True when the value is a number or boolean, and the schema wants a text in this place of a list or map. */
  readonly wantsText?: boolean;
  readonly issue: ValueIssue;
}

const combinators = new Set(['anyOf', 'oneOf', 'not', 'if']);

/** Who wrote a schema: an extension is trusted, a definition is not. */
export type SchemaAuthor = 'extension' | 'definition';

const shared: { [Author in SchemaAuthor]?: Ajv2020 } = {};

function validatorFor(author: SchemaAuthor): Ajv2020 {
  return new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    validateFormats: false,
    addUsedSchema: false,
    // The optimizer of the library takes half of the time to compile, and its result is not faster.
    code: { optimize: false, ...(author === 'definition' ? { regExp: re2 } : {}) },
  });
}

/** Compiles once; answers every issue of a value, none when it is valid. Throws an Error when the schema itself is not one. */
export function compileJsonSchema(
  schema: JsonObject,
  author: SchemaAuthor = 'extension',
): (value: Json) => readonly KeywordIssue[] {
  const validator = (shared[author] ??= validatorFor(author));
  const validate: ValidateFunction = validator.compile(schema);
  // The validator keeps every schema it compiled; an unloaded extension's shall be collected.
  validator.removeSchema(schema);
  return (value) => (validate(value) ? [] : toIssues(fold(validate.errors ?? []), value));
}

/** Patterns whose time is bounded by their size and that of the text. */
const re2 = Object.assign((pattern: string) => RE2JS.compile(pattern), { code: 'new RegExp' });

/** Most issues of one value that are described. The others are only counted. */
const ISSUES_MAX = 100;

function toIssues(errors: readonly ErrorObject[], value: Json): readonly KeywordIssue[] {
  const issues = errors.slice(0, ISSUES_MAX).map((error) => toIssue(error, value));
  const left = errors.length - issues.length;
  return left === 0 ? issues : [...issues, { keyword: '', issue: { path: [], reason: `and ${left} more` } }];
}

/** Drops the reports of the branches of a combinator, and keeps the report of the combinator itself. */
function fold(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const prefixes = errors.filter((error) => combinators.has(error.keyword)).map((error) => `${error.schemaPath}/`);
  if (prefixes.length === 0) return errors;
  return errors.filter((error) => !prefixes.some((prefix) => error.schemaPath.startsWith(prefix)));
}

function toIssue(error: ErrorObject, root: Json): KeywordIssue {
  const path = parsePointer(error.instancePath, root);
  const issue = describe(error, path);
  return wantsText(error) ? { keyword: error.keyword, issue, wantsText: true } : { keyword: error.keyword, issue };
}

function wantsText({ keyword, params, schemaPath, data }: ErrorObject): boolean {
  return (
    keyword === 'type' &&
    (params as { readonly type?: unknown }).type === 'string' &&
    /\/(?:items|additionalProperties)\/type$/.test(schemaPath) &&
    (typeof data === 'number' || typeof data === 'boolean')
  );
}

function describe(error: ErrorObject, path: readonly (string | number)[]): ValueIssue {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required': {
      const key = String(params['missingProperty']);
      return {
        path: [...path, key],
        reason: `'${key}' is required`,
        ...expectedOf(ownProperty(propertySchemas(error), key)),
      };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return describeUnknown(error, path, String(params['additionalProperty'] ?? params['unevaluatedProperty']));
    case 'enum': {
      const allowed = (params['allowedValues'] as Json[]).map((value) => JSON.stringify(value));
      return found(error, path, {
        reason: `must be one of ${allowed.join(', ')}`,
        expected: `one of ${allowed.join(', ')}`,
      });
    }
    case 'const': {
      const only = JSON.stringify(params['allowedValue']);
      return found(error, path, { reason: `must be ${only}`, expected: only });
    }
    case 'type': {
      const type = [params['type']].flat().join(' or ');
      return found(error, path, { reason: `must be ${type}, not ${typeName(error.data)}`, expected: type });
    }
    default:
      return found(error, path, {
        reason: error.message ?? `violates "${error.keyword}"`,
        expected: error.message?.replace(/^must (be )?/, ''),
      });
  }
}

function describeUnknown(error: ErrorObject, path: readonly (string | number)[], key: string): ValueIssue {
  const known = Object.keys(propertySchemas(error));
  return {
    path: [...path, key],
    reason: `unknown property '${key}'${didYouMean(createSuggest(known)(key))}`,
    ...(known.length === 0 ? {} : { expected: `one of ${known.map((name) => `"${name}"`).join(', ')}` }),
    actual: describeActual(ownProperty(error.data, key)),
  };
}

function found(
  error: ErrorObject,
  path: readonly (string | number)[],
  text: { readonly reason: string; readonly expected: string | undefined },
): ValueIssue {
  const actual = describeActual(error.data);
  return { path, reason: text.reason, ...(text.expected === undefined ? {} : { expected: text.expected }), actual };
}

function propertySchemas(error: ErrorObject): Readonly<Record<string, unknown>> {
  return (error.parentSchema as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};
}

function expectedOf(schema: unknown): { expected?: string } {
  const type = (schema as { type?: string | string[] } | undefined)?.type;
  return type === undefined ? {} : { expected: [type].flat().join(' or ') };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Reads an own property, whatever its key is, because `constructor` may be a key of the data. */
function ownProperty(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

/** A JSON pointer as a path; array positions become numbers. */
function parsePointer(pointer: string, root: Json): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let at: unknown = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(key) : key);
    at = ownProperty(at, key);
  }
  return path;
}
