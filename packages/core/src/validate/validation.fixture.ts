/** Facts for validation tests: a few executors with small hand-written schemas, and an evaluator that knows one way to be wrong. */
import type { TreeId } from '@coppice/extension';
import { readsIn } from '../ports/expressions.fixture.ts';
import { testSchemas } from '../ports/schemas.fixture.ts';
import type { RefusedOutcome, Violation } from '../errors/rejection.ts';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import type { TreeDefinition } from '../task/task.ts';
import type { ExecutorFacts } from './fields.ts';
import { validateTree } from './validate-tree.ts';
import type { ValidationContext } from './validate-tree.ts';

const executors: Readonly<Record<string, ExecutorFacts>> = {
  work: { ports: ['alt'], capabilities: ['gpu'], checkInputs: () => [] },
  plain: { checkInputs: () => [] },
  any: { ports: 'dynamic', checkInputs: () => [] },
  strict: {
    checkInputs(inputs, suppliedKeys) {
      if (!('count' in inputs))
        return suppliedKeys.includes('count') ? [] : [{ path: ['count'], reason: 'is missing', expected: 'number' }];
      const { count } = inputs;
      return typeof count === 'number'
        ? []
        : [{ path: ['count'], reason: 'must be number', expected: 'number', actual: count ?? null }];
    },
  },
};

export const testContext: ValidationContext = {
  treeId: 'new' as TreeId,
  expressions: {
    check: (expression) =>
      expression.includes('!!') ? { message: 'unexpected token', offset: expression.indexOf('!!') } : undefined,
    reads: readsIn,
    evaluate: () => null,
  },
  findExecutor: (type) => (Object.hasOwn(executors, type) ? executors[type] : undefined),
  executorTypes: Object.keys(executors),
  backoffs: new Set(['fibonacci']),
  schemas: testSchemas,
};

export function validate(tasks: readonly TaskSubmission[], more: Partial<ValidationContext & TreeSubmission> = {}) {
  return validateTree({ ...more, tasks }, { ...testContext, ...more });
}

export function definitionOf(
  tasks: readonly TaskSubmission[],
  more: Partial<ValidationContext & TreeSubmission> = {},
): TreeDefinition {
  const outcome = validate(tasks, more);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.rejection, undefined, 2));
  return outcome.value;
}

export function rejectionOf(
  tasks: readonly TaskSubmission[],
  more: Partial<ValidationContext & TreeSubmission> = {},
): RefusedOutcome['rejection'] {
  const outcome = validate(tasks, more);
  if (outcome.ok) throw new Error('The submission is valid');
  return outcome.rejection;
}

/** Violations as `code path: reason` lines. */
export function linesOf(
  tasks: readonly TaskSubmission[],
  more: Partial<ValidationContext & TreeSubmission> = {},
): readonly string[] {
  return (rejectionOf(tasks, more).errors ?? []).map(lineOf);
}

export function lineOf({ code, path, reason }: Violation): string {
  return `${code} ${path.join('.')}: ${reason}`;
}
