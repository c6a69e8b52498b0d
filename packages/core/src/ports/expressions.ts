/** Port: evaluates `${{ … }}` expressions and edge conditions. Deterministic; the engine supplies a CEL implementation. */
import type { Json } from '../task/json.ts';

export interface ExpressionEvaluator {
  /** Undefined when the expression is well formed, else what is wrong with it. Never throws. */
  check(expression: string): { readonly message: string; readonly offset?: number } | undefined;
  /** The value of a well-formed expression over the scope. Throws an Error that says what is wrong when evaluation fails (no such property, types that do not fit). */
  evaluate(expression: string, scope: Readonly<Record<string, Json>>): Json;
}
