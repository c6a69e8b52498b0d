/** A run with one task whose attempt is running, and facts of one executor. */
import {
  DEFAULTS,
  fold,
  type RunState,
  type TaskId,
  type TaskState,
  type TreeId,
  type ValidationFacts,
} from '@coppice/core';
import { createCelExpressions } from '../expressions/cel-expressions.ts';
import { definitionSchemas } from '../registry/definition-schemas.ts';

export const facts: ValidationFacts = {
  expressions: createCelExpressions(),
  executorTypes: ['work'],
  findExecutor: (type) => (type === 'work' ? {} : undefined),
  backoffs: new Set(),
  schemas: definitionSchemas,
};

export function buildRunFrom(): { readonly run: RunState; readonly task: TaskState } {
  const root = { ...DEFAULTS, id: 'plan' as TaskId, key: 'plan', name: 'plan', executor: 'work' };
  const definition = { treeId: 'plan' as TreeId, tasks: [root], inputs: {}, variables: {}, policies: {} };
  const base = { atMs: 1, taskId: undefined, attempt: undefined };
  const run = fold([
    { ...base, type: 'TreeCreated', seq: 1, data: { definition, userId: 'ann', seed: '' } },
  ]) as RunState;
  run.root.input = { goal: 'tidy' };
  return { run, task: run.root };
}
