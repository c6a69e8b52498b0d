/**
 * Declared inputs: what values a tree takes, as a subset of JSON Schema that editors can complete. Values are checked against it, and
 * defaults take the place of what is not given. A tree without declarations takes what its `inputs` name, of any type.
 */
import type { Json, JsonObject } from '@coppice/extension';
import { createSuggest, didYouMean } from '../validate/suggestion.ts';
import { asText } from './json-value.ts';
import { setOwn } from './set-own.ts';

export type InputType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';

/** One declared value. */
export interface InputDeclaration {
  readonly type?: InputType;
  /** The values that it can have. */
  readonly enum?: readonly Json[];
  /** Of a number. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a text, in characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Of a list: what each item is. */
  readonly items?: InputDeclaration;
  readonly description?: string;
  /** What it is when it is not given. */
  readonly default?: Json;
  /** true: it must be given when the run begins, unless it has a default. Default false. */
  readonly required?: boolean;
}

export type DeclaredInputs = Readonly<Record<string, InputDeclaration>>;

/** An output of a tree: what it is made from when the run has completed. */
export interface OutputDeclaration {
  /** May hold `${{ expression }}`, over the outputs of the root's members as `deps`, `inputs` and `vars`. */
  readonly value: Json;
  readonly description?: string;
}

/** What a tree says of its inputs and outputs. */
export interface Declares {
  readonly inputs?: DeclaredInputs;
  readonly outputs?: Readonly<Record<string, OutputDeclaration>>;
}

/** Something that is wrong with a value or a declaration. */
export interface DeclarationProblem {
  readonly path: readonly (string | number)[];
  readonly reason: string;
  readonly expected?: string;
  readonly actual?: Json;
}

/** What the values of a tree are: those that are given, defaults, and null for what is still missing. */
export function withDefaults(declared: DeclaredInputs, given: JsonObject): JsonObject {
  const values: Record<string, Json> = {};
  for (const name of Object.keys(declared)) setOwn(values, name, (declared[name] as InputDeclaration).default ?? null);
  for (const name of Object.keys(given)) setOwn(values, name, given[name] as Json);
  for (const name of Object.keys(declared))
    if (values[name] === null) setOwn(values, name, declared[name]?.default ?? null);
  return values;
}

/** Everything that is wrong with values; null is a value that is not given. `isComplete`: what is required must be there. */
export function inputProblems(
  declared: DeclaredInputs,
  values: JsonObject,
  { isComplete }: { readonly isComplete: boolean },
): readonly DeclarationProblem[] {
  const names = Object.keys(declared);
  const problems: DeclarationProblem[] = [];
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(declared, name)) continue;
    const hint = didYouMean(createSuggest(names)(name));
    problems.push({
      path: [name],
      reason: `there is no input '${name}'${hint}`,
      expected: names.slice(0, 20).join(', '),
    });
  }
  for (const name of names) {
    const declaration = declared[name] as InputDeclaration;
    const value = Object.hasOwn(values, name) ? (values[name] as Json) : null;
    if (value !== null) problems.push(...valueProblems(value, declaration, [name]));
    else if (isComplete && declaration.required === true && declaration.default === undefined) {
      const expected = describeDeclaration(declaration);
      problems.push({ path: [name], reason: `the input '${name}' is required and was not given`, expected });
    }
  }
  return problems;
}

/** `string, one of eu, us`. */
export function describeDeclaration({ type, enum: choices, minimum, maximum }: InputDeclaration): string {
  const range = [minimum === undefined ? '' : `at least ${minimum}`, maximum === undefined ? '' : `at most ${maximum}`];
  const among = choices === undefined ? '' : `one of ${choices.map(asText).join(', ')}`;
  return [type ?? 'any value', among, ...range].filter((part) => part !== '').join(', ');
}

function valueProblems(
  value: Json,
  declaration: InputDeclaration,
  path: DeclarationProblem['path'],
): readonly DeclarationProblem[] {
  const problem = (reason: string): readonly DeclarationProblem[] => [
    { path, reason: `${named(path)} ${reason}`, expected: describeDeclaration(declaration), actual: value },
  ];
  const { type, enum: choices, items } = declaration;
  if (type !== undefined && !isOfType(value, type)) return problem(`is ${typeOf(value)}, and must be ${inWords(type)}`);
  if (choices !== undefined && !choices.some((choice) => isSame(choice, value)))
    return problem(
      `is ${asText(value)}, and must be one of ${choices.map(asText).join(', ')}${hintOf(value, choices)}`,
    );
  const outside = rangeProblem(value, declaration);
  if (outside !== undefined) return problem(outside);
  if (items === undefined || !Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item, at) => valueProblems(item, items, [...path, at]));
}

function hintOf(value: Json, choices: readonly Json[]): string {
  return typeof value === 'string' ? didYouMean(createSuggest(choices.map(asText))(value)) : '';
}

function rangeProblem(value: Json, { minimum, maximum, minLength, maxLength }: InputDeclaration): string | undefined {
  if (typeof value === 'number') {
    if (minimum !== undefined && value < minimum) return `is ${value}, and must be at least ${minimum}`;
    if (maximum !== undefined && value > maximum) return `is ${value}, and must be at most ${maximum}`;
  }
  if (typeof value === 'string') {
    const { length } = value;
    if (minLength !== undefined && length < minLength)
      return `has ${length} characters, and must have at least ${minLength}`;
    if (maxLength !== undefined && length > maxLength)
      return `has ${length} characters, and must have at most ${maxLength}`;
  }
  return undefined;
}

function isOfType(value: Json, type: InputType): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return typeOf(value) === inWords(type);
}

const WORDS: Readonly<Record<InputType, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function inWords(type: InputType): string {
  return WORDS[type];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return WORDS.array;
  return WORDS[typeof value as 'string' | 'number' | 'boolean' | 'object'];
}

function isSame(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function named(path: DeclarationProblem['path']): string {
  const [name, ...below] = path;
  return below.length === 0 ? `the input '${name}'` : `item ${below.join('.')} of the input '${name}'`;
}

/** Everything that is wrong with declarations. */
export function declarationProblems(declared: DeclaredInputs): readonly DeclarationProblem[] {
  return Object.keys(declared).flatMap((name) => {
    const { enum: choices, default: value, ...more } = declared[name] as InputDeclaration;
    if (choices?.length === 0)
      return [{ path: [name, 'enum'], reason: `the input '${name}' can have no value at all: its enum is empty` }];
    const own = { ...more, ...(choices === undefined ? {} : { enum: choices }) };
    const unfit = (choices ?? []).flatMap((choice, at) =>
      valueProblems(choice, more, [name]).map((problem) => ({ ...problem, path: [name, 'enum', at] })),
    );
    const unfitDefault =
      value === undefined || value === null
        ? []
        : valueProblems(value, own, [name]).map((problem) => ({ ...problem, path: [name, 'default'] }));
    return [...unfit, ...unfitDefault.map((problem) => ({ ...problem, reason: `the default: ${problem.reason}` }))];
  });
}
