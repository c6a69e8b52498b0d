/** The error for a call of an unknown function, or of a function with a wrong number of values. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { createSuggest, didYouMean } from '@coppice/core';
import type { Call } from './frame.ts';
import { ExpressionError } from './expression-error.ts';
import { functionNames, MACRO_NAMES } from './functions.ts';

export function unknownFunction(
  node: ASTNode,
  { name, receiver, args }: Call,
  counts: readonly number[] | undefined,
): ExpressionError {
  const isMethod = receiver !== undefined;
  if (counts !== undefined) {
    const wanted = counts.map((count) => (isMethod ? count - 1 : count)).join(' or ');
    return new ExpressionError(`${name}() takes ${wanted} values, not ${args.length}`, node.pos);
  }
  const names = [...functionNames(isMethod), ...MACRO_NAMES];
  if (names.includes(name)) return new ExpressionError(`${name}() is written in another way`, node.pos);
  if (functionNames(!isMethod).includes(name)) {
    return new ExpressionError(
      isMethod
        ? `${name}() is written before its value: ${name}(…)`
        : `${name}() is written after its value: ….${name}(…)`,
      node.pos,
    );
  }
  return new ExpressionError(`there is no function ${name}()${didYouMean(createSuggest(names)(name))}`, node.pos);
}
