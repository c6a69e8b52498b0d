/** The core without an engine around it: trees as `decide` knows them, for measuring decisions, folds and appends by themselves. */
import {
  create,
  decide,
  validateTree,
  type DecideContext,
  type RunCommand,
  type RunEvent,
  type RunState,
  type TaskState,
  type TreeId,
  type TreeSubmission,
  NO_SCHEMAS,
  NO_SECRETS,
} from '@coppice/core';
import { createCelExpressions } from '@coppice/engine';
import { valueOf } from './coppice-subject.ts';

const expressions = createCelExpressions();

export const CONTEXT: DecideContext = {
  nowMs: 1_700_000_000_000,
  expressions,
  backoffs: new Map(),
  env: {},
  secrets: NO_SECRETS,
  schemas: NO_SCHEMAS,
  defaultTimeoutMs: 0,
};

/** A tree that was validated and created, and its first event. */
export function createRun(
  submission: TreeSubmission,
  treeId: string,
): { readonly run: RunState; readonly event: RunEvent } {
  const facts = {
    expressions,
    executorTypes: ['witness'],
    backoffs: new Set<string>(),
    schemas: NO_SCHEMAS,
    findExecutor: () => ({ checkInputs: () => [] }),
  };
  const definition = valueOf(validateTree(submission, { ...facts, treeId: treeId as TreeId }));
  return create({ definition, userId: 'bench', seed: 'bench' }, CONTEXT);
}

/** The events of a command that must not be refused. */
export function decided(run: RunState, command: RunCommand): readonly RunEvent[] {
  return valueOf(decide(run, command, CONTEXT));
}

export function complete(run: RunState, task: TaskState): readonly RunEvent[] {
  const { id: taskId, attempt } = task;
  return decided(run, { type: 'complete', taskId, attempt, outcome: { output: 1 } });
}
