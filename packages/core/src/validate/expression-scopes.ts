/** What expressions may read, by where they stand, and what is known of it before anything runs. */
import type { DeclaredInputs, InputDeclaration, InputType } from '../task/declared-inputs.ts';
import type { ExpressionTypes, KnownType } from '../ports/expressions.ts';
import { isTerminal, TASK_STATUSES } from '../task/status.ts';

/** The names that the expressions of one kind of place may read. */
export interface ExpressionScope {
  /** In the order in which they are listed to people. */
  readonly roots: readonly string[];
  readonly types: ExpressionTypes;
  /** What is told to those who read a name of the other scopes. */
  readonly otherwise: string;
}

const ERROR: Readonly<Record<string, KnownType | undefined>> = {
  code: 'text',
  message: 'text',
  retryable: 'boolean',
  retryAfterMs: 'number',
  data: undefined,
  cause: undefined,
};

/** The condition of a dependency: how its source ended. */
export const CONDITION_SCOPE: ExpressionScope = {
  roots: ['output', 'error', 'status', 'port'],
  types: {
    names: { error: { properties: ERROR }, status: { oneOf: TASK_STATUSES.filter(isTerminal) }, port: 'text' },
    result: 'boolean',
  },
  otherwise: 'a condition reads how its source ended',
};

const INPUT_TYPES: ExpressionTypes['names'] = {
  deps: 'map',
  inputs: 'map',
  vars: 'map',
  task: { properties: { id: 'text', key: 'text', name: 'text', attempt: 'number' } },
  run: { properties: { id: 'text', userId: 'text' } },
  env: 'map',
  secrets: 'map',
};

/** Inputs of a task, and its idempotency key. */
export const INPUT_SCOPE: ExpressionScope = {
  roots: Object.keys(INPUT_TYPES),
  types: { names: INPUT_TYPES },
  otherwise: 'results of other tasks are in deps',
};

const { secrets: _none, ...WHEN_TYPES } = INPUT_TYPES;

/** Inputs of a fallback, and the output that it stands in for. */
export const FALLBACK_SCOPE: ExpressionScope = {
  roots: [...Object.keys(INPUT_TYPES), 'error', 'breaker'],
  types: { names: { ...INPUT_TYPES, error: { properties: ERROR }, breaker: undefined } },
  otherwise: 'a fallback reads why the task failed as error',
};

const { deps: _deps, ...SCOPE_TYPES } = INPUT_TYPES;

/** Inputs of a compensation. */
export const COMPENSATION_SCOPE: ExpressionScope = {
  roots: [...Object.keys(SCOPE_TYPES), 'original', 'failure', 'compensating'],
  types: {
    names: {
      ...SCOPE_TYPES,
      original: { properties: { id: 'text', key: 'text', name: 'text', input: 'map', output: undefined } },
      failure: { properties: { task: 'map', error: { properties: ERROR } } },
      compensating: 'list',
    },
  },
  otherwise: 'a compensation reads the task that it undoes as original, and why as failure',
};

/** `when` of a task. Its values are shown when it is false, so it reads no secrets. */
export const WHEN_SCOPE: ExpressionScope = {
  roots: Object.keys(WHEN_TYPES),
  types: { names: WHEN_TYPES, result: 'boolean' },
  otherwise: 'results of other tasks are in deps, and secrets are for inputs only',
};

/** Names of locks and rates. They are shown, so they read no secrets. */
export const NAME_SCOPE: ExpressionScope = { ...WHEN_SCOPE, types: { names: WHEN_TYPES } };

/** What is known of the place that an expression stands in. Of most places nothing is. */
export interface KnownAround {
  /** Names that the multiplied tasks around give. */
  readonly given?: readonly string[] | undefined;
  /** The declared inputs that `inputs` are there; undefined: nothing is known of their types. */
  readonly declaredInputs?: DeclaredInputs | undefined;
}

/** A scope with the names that the multiplied tasks around give, and the types of declared inputs. */
export function scopeAround(scope: ExpressionScope, { given, declaredInputs }: KnownAround): ExpressionScope {
  const typed = declaredInputs === undefined ? scope : withTypes(scope, declaredInputs);
  if (given === undefined) return typed;
  const names: Record<string, KnownType | undefined> = { ...typed.types.names };
  for (const name of given) names[name] = name === 'index' ? 'number' : undefined;
  return { ...typed, roots: [...new Set([...typed.roots, ...given])], types: { ...typed.types, names } };
}

/** One scope for each declaration: an evaluator that has checked an expression against the same types does not check it again. */
const typedScopes = new WeakMap<DeclaredInputs, Map<ExpressionScope, ExpressionScope>>();

function withTypes(scope: ExpressionScope, declared: DeclaredInputs): ExpressionScope {
  if (!Object.hasOwn(scope.types.names, 'inputs')) return scope;
  const known = typedScopes.get(declared) ?? new Map<ExpressionScope, ExpressionScope>();
  typedScopes.set(declared, known);
  const before = known.get(scope);
  if (before !== undefined) return before;
  const properties = Object.fromEntries(
    Object.entries(declared).map(([name, declaration]) => [name, typeOfInput(declaration)]),
  );
  const names = { ...scope.types.names, inputs: { properties } };
  const typed: ExpressionScope = { ...scope, types: { ...scope.types, names } };
  known.set(scope, typed);
  return typed;
}

const KINDS: Readonly<Record<InputType, KnownType>> = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'map',
};

function typeOfInput({ type, enum: choices }: InputDeclaration): KnownType | undefined {
  const isTextOnly =
    choices !== undefined && choices.length > 0 && choices.every((choice) => typeof choice === 'string');
  if (isTextOnly) return { oneOf: choices };
  return type === undefined ? undefined : KINDS[type];
}

/** What a task sets variables to when it completes. Everybody may read variables, so it reads no secrets. */
export const SET_SCOPE: ExpressionScope = {
  roots: ['output', ...Object.keys(WHEN_TYPES)],
  types: { names: WHEN_TYPES },
  otherwise: 'what the task itself returned is output, and secrets are for inputs only',
};

/** What the outputs of a tree are made from when its run has completed. They are shown, so they read no secrets. */
export const OUTPUT_SCOPE: ExpressionScope = {
  roots: ['output', ...Object.keys(WHEN_TYPES)],
  types: { names: WHEN_TYPES },
  otherwise: 'results of the tasks below the root are in deps, that of the root itself is output',
};

const SCOPES = [CONDITION_SCOPE, INPUT_SCOPE];

/** True for a name that expressions elsewhere may read. */
export function isKnownElsewhere(root: string): boolean {
  return SCOPES.some(({ roots }) => roots.includes(root));
}

/** The fields of what a root is, where they are the same in every tree; undefined: they are not. */
export function fieldsOf({ types }: ExpressionScope, root: string): Readonly<Record<string, unknown>> | undefined {
  const type = Object.hasOwn(types.names, root) ? types.names[root] : undefined;
  return typeof type === 'object' && 'properties' in type ? type.properties : undefined;
}
