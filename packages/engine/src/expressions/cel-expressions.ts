/**
 * Expressions in CEL (https://cel.dev). The library `@marcbachmann/cel-js` parses; evaluation is ours, because three things must be
 * so everywhere: what it costs is counted and limited, keys are data whatever they are called, and missing properties, numbers and
 * text compare as R-RO-03 and R-RO-06 say.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { noExpressionUse, type ExpressionEvaluator, type ExpressionTypes, type ScopeRead } from '@coppice/core';
import { parse } from './cel-library.ts';
import { compile } from './compile.ts';
import { ExpressionError } from './expression-error.ts';
import type { Run } from './frame.ts';
import { checkTypes } from './known-types.ts';
import { defaultExpressionLimits, Meter, type ExpressionLimits } from './meter.ts';
import { listReads } from './scope-reads.ts';
import { toJson } from './values.ts';

interface CompiledExpression {
  readonly run: Run;
  readonly ast: ASTNode;
  /** The reads of the expression, computed when they are asked for first. */
  reads: readonly ScopeRead[] | undefined;
  /** The types of the last successful check. It need not be repeated for other tasks with the same expression. */
  fits: ExpressionTypes | undefined;
}

/** Most characters of compiled expressions that are kept. Each character takes some hundred bytes. */
const CACHED_CHARS_MAX = 131_072;

/** An evaluator of CEL expressions. */
export function createCelExpressions(limits: ExpressionLimits = defaultExpressionLimits): ExpressionEvaluator {
  const cache = new Map<string, CompiledExpression>();
  let cachedChars = 0;
  const compileNew = (expression: string): CompiledExpression => {
    const ast = parse(expression);
    const made: CompiledExpression = { run: compile(ast, []), reads: undefined, fits: undefined, ast };
    cachedChars += expression.length;
    if (cachedChars > CACHED_CHARS_MAX) {
      cache.clear();
      cachedChars = expression.length;
    }
    cache.set(expression, made);
    return made;
  };
  const compiled = (expression: string): CompiledExpression => cache.get(expression) ?? compileNew(expression);
  return {
    check(expression, types) {
      try {
        const known = compiled(expression);
        if (types !== undefined && known.fits !== types) checkTypes(known.ast, types);
        known.fits = types;
        return undefined;
      } catch (error) {
        const { message, offset } = error as ExpressionError;
        return { message, ...(offset === undefined ? {} : { offset }) };
      }
    },
    reads(expression) {
      const known = compiled(expression);
      return (known.reads ??= listReads(known.ast));
    },
    evaluate(expression, scope, use = noExpressionUse()) {
      const meter = new Meter(limits, use);
      try {
        meter.read(expression);
        const { run } = compiled(expression);
        const value = run({ scope, locals: [], meter });
        if (value === undefined) throw new ExpressionError('it is missing');
        return toJson(value, meter);
      } finally {
        meter.charge(use);
      }
    },
  };
}
