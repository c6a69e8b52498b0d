/** A task becomes ready by an event of its own: its `when` was asked, its time has come, its locks are named, or its wait for a start is limited. */
import type { Json, TaskError } from '@coppice/extension';
import { LOCK_NAME_MAX } from '../task/demands.ts';
import { queueDeadline } from './deadlines.ts';
import { isUnresolved } from './demands.ts';
import { emit, type Draft } from './draft.ts';
import { failUnopened } from './groups.ts';
import { resolveValue } from './resolve-value.ts';
import type { TaskState } from './state.ts';
import { readableScope } from './task-expressions.ts';
import { unresolved } from './unresolved.ts';

/** Makes the task ready. It fails when the names of its locks can not be worked out. */
export function becomeReady(draft: Draft, task: TaskState): void {
  const deadline = queueDeadline(draft.run, task, draft.atMs);
  if (!isUnresolved(task)) return emit(draft, 'TaskDue', { taskId: task.id, data: deadline });
  const { locks = [], policies } = task.definition;
  const key = policies.breaker?.key;
  let names: readonly string[];
  try {
    names = resolveNames(draft, task, key === undefined ? locks : [...locks, key]);
  } catch (error) {
    return failUnopened(draft, task, faultOf(task, error));
  }
  const data = key === undefined ? { locks: names } : { locks: names.slice(0, -1), breaker: names.at(-1) as string };
  emit(draft, 'TaskDue', { taskId: task.id, data: { ...data, ...deadline } });
}

function resolveNames(draft: Draft, task: TaskState, templates: readonly string[]): readonly string[] {
  const scope = readableScope(draft, task);
  const evaluate = (expression: string): Json => {
    try {
      return draft.context.expressions.evaluate(expression, scope, draft.use);
    } catch (error) {
      throw new Error(`\${{${expression}}}: ${(error as Error).message}`, { cause: error });
    }
  };
  return templates.map((template) => {
    const name = resolveValue(template, { evaluate });
    const text = typeof name === 'number' ? String(name) : name;
    if (typeof text === 'string' && text !== '' && text.length <= LOCK_NAME_MAX) return text;
    throw new Error(`'${template}' gives no name of 1 to ${LOCK_NAME_MAX} characters`);
  });
}

function faultOf(task: TaskState, error: unknown): TaskError {
  return unresolved(task, { what: 'locks', code: 'locks/unresolved', error });
}
