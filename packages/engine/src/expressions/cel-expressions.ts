/**
 * Expressions in CEL (https://cel.dev). The library `@marcbachmann/cel-js` parses; evaluation is ours, because three things must be
 * so everywhere: what it costs is counted and limited, keys are data whatever they are called, and missing properties, numbers and
 * text compare as R-RO-03 and R-RO-06 say.
 */
import type { ExpressionEvaluator, ExpressionUse, ScopeRead } from '@coppice/core';
import { parse } from './cel-library.ts';
import { compile } from './compile.ts';
import { ExpressionError } from './expression-error.ts';
import type { Run } from './frame.ts';
import { defaultExpressionLimits, Meter, type ExpressionLimits } from './meter.ts';
import { listReads } from './scope-reads.ts';
import { toJson } from './values.ts';

interface Compiled {
  readonly run: Run;
  readonly reads: readonly ScopeRead[];
}

/** Compiled expressions kept. A tree has few distinct ones. */
const CACHE_MAX = 2_000;

/** An evaluator of CEL expressions. */
export function createCelExpressions(limits: ExpressionLimits = defaultExpressionLimits): ExpressionEvaluator {
  const cache = new Map<string, Compiled>();
  const compiled = (expression: string): Compiled => {
    let known = cache.get(expression);
    if (known === undefined) {
      const ast = parse(expression);
      known = { run: compile(ast, []), reads: listReads(ast) };
      if (cache.size >= CACHE_MAX) cache.clear();
      cache.set(expression, known);
    }
    return known;
  };
  return {
    check(expression) {
      try {
        compiled(expression);
        return undefined;
      } catch (error) {
        const { message, offset } = error as ExpressionError;
        return { message, ...(offset === undefined ? {} : { offset }) };
      }
    },
    reads: (expression) => compiled(expression).reads,
    evaluate(expression, scope, use = noUse()) {
      const { run } = compiled(expression);
      const meter = new Meter(limits, use);
      try {
        const value = run({ scope, locals: [], meter });
        if (value === undefined) throw new ExpressionError('it is missing');
        return toJson(value, meter);
      } finally {
        meter.charge(use);
      }
    },
  };
}

function noUse(): ExpressionUse {
  return { steps: 0, size: 0 };
}
