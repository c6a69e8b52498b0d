/** Port: evaluates `${{ … }}` expressions and edge conditions. Deterministic; the engine supplies a CEL implementation. */
import type { Json } from '../task/json.ts';

export interface ExpressionEvaluator {
  /** Undefined when the expression is well formed, else what is wrong with it. Never throws. */
  check(expression: string): { readonly message: string; readonly offset?: number } | undefined;
  /** The value of a well-formed expression over the scope. A missing property is null. Throws an Error when evaluation fails (e.g. a type mismatch). */
  evaluate(expression: string, scope: Readonly<Record<string, Json>>): Json;
}
