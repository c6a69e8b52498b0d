/** Port: evaluates `${{ … }}` expressions and edge conditions. Deterministic; the engine supplies a CEL implementation. */
import type { Json } from '@coppice/extension';

/** What the expressions of one decision have used together, in the evaluator's own units. */
export interface ExpressionUse {
  /** Of what a decision may use. */
  steps: number;
  size: number;
  /** In all, what is free included: a measure of the time it took, the same on every machine. */
  work: number;
}

/** Of a new decision. */
export function noExpressionUse(): ExpressionUse {
  return { steps: 0, size: 0, work: 0 };
}

/** A place where an expression reads from its scope: a name, and the properties written after it. */
export interface ScopeRead {
  /** The name first; an item of a list is a number. */
  readonly path: readonly (string | number)[];
  /** Offsets of what is read, in the expression. */
  readonly start: number;
  readonly end: number;
}

/** What is known of a value before anything runs, beside that it may be null. `oneOf`: a text that is one of these. */
export type KnownType =
  | 'boolean'
  | 'number'
  | 'text'
  | 'list'
  | 'map'
  | { readonly oneOf: readonly string[] }
  | { readonly properties: Readonly<Record<string, KnownType | undefined>> };

/** What is known of the values that an expression reads, by name; and what its own must be, else anything. */
export interface ExpressionTypes {
  readonly names: Readonly<Record<string, KnownType | undefined>>;
  readonly result?: Extract<KnownType, string>;
}

export interface ExpressionEvaluator {
  /** Undefined when the expression is well formed and can have a value of its type, else what is wrong with it. Never throws. */
  check(
    expression: string,
    types?: ExpressionTypes,
  ): { readonly message: string; readonly offset?: number } | undefined;
  /** What a well-formed expression reads, in the order in which it is written. */
  reads(expression: string): readonly ScopeRead[];
  /**
   * The value of a well-formed expression over the scope; what it cost is added to `use`. A property that is missing equals null.
   * Throws an Error that says what is wrong when evaluation fails or its value is missing; its `code` is `expression/budget` when
   * evaluation would take more than a decision may use.
   */
  evaluate(expression: string, scope: Readonly<Record<string, Json>>, use?: ExpressionUse): Json;
}
