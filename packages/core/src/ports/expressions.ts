/** Port: evaluates `${{ … }}` expressions and edge conditions. Deterministic; the engine supplies a CEL implementation. */
import type { Json } from '@coppice/extension';

/** The use of all expressions of one decision together, in units of the evaluator. */
export interface ExpressionUse {
  /** Steps that count against the budget of the decision. */
  steps: number;
  size: number;
  /** All steps, free ones included: a measure of time that is the same on every machine. */
  work: number;
}

/** The use of a new decision. */
export function noExpressionUse(): ExpressionUse {
  return { steps: 0, size: 0, work: 0 };
}

/** A place where an expression reads from its scope: a name, and the properties written after it. */
export interface ScopeRead {
  /** The name comes first. An item of a list is a number. */
  readonly path: readonly (string | number)[];
  /** Offsets of this text in the expression. */
  readonly start: number;
  readonly end: number;
}

/** The type of a value, as far as it is known before anything runs. Every value may be null. `oneOf`: one of these texts. */
export type KnownType =
  | 'boolean'
  | 'number'
  | 'text'
  | 'list'
  | 'map'
  | { readonly oneOf: readonly string[] }
  | { readonly properties: Readonly<Record<string, KnownType | undefined>> };

/** Types of the values that an expression reads, by name, and the type that its result must have. Absent: any type. */
export interface ExpressionTypes {
  readonly names: Readonly<Record<string, KnownType | undefined>>;
  readonly result?: Extract<KnownType, string>;
}

export interface ExpressionEvaluator {
  /** Undefined when the expression is well formed and its result can have the required type, else the fault. Never throws. */
  check(
    expression: string,
    types?: ExpressionTypes,
  ): { readonly message: string; readonly offset?: number } | undefined;
  /** All reads of a well-formed expression, in the order in which they are written. */
  reads(expression: string): readonly ScopeRead[];
  /**
   * Evaluates a well-formed expression over the scope, and adds its cost to `use`. A missing property equals null.
   * Throws an Error that says what is wrong when the evaluation fails or its value is missing. The `code` of the Error is
   * `expression/budget` when the evaluation would take more than a decision may use.
   */
  evaluate(expression: string, scope: Readonly<Record<string, Json>>, use?: ExpressionUse): Json;
}
