/** A task becomes ready by an event of its own: its `when` was asked, its time has come, its locks and rates are named, or its wait for a start is limited. */
import type { Json } from '@coppice/extension';
import { LOCK_NAME_MAX } from '../task/demands.ts';
import { queueDeadline } from './deadlines.ts';
import { isUnresolved } from './demands.ts';
import { emit, type Draft } from './draft.ts';
import type { EventData } from './event.ts';
import { failUnopened } from './groups.ts';
import { resolveValue } from './resolve-value.ts';
import type { TaskState } from './state.ts';
import { readableScope } from './task-expressions.ts';
import { unresolved } from './unresolved.ts';

/** Makes the task ready. It fails when the names of its locks, its rates or its breaker can not be worked out. */
export function becomeReady(draft: Draft, task: TaskState): void {
  const deadline = queueDeadline(draft.run, task, draft.atMs);
  if (!isUnresolved(task)) return emit(draft, 'TaskDue', { taskId: task.id, data: deadline });
  const { locks = [], rates, policies } = task.definition;
  const key = policies.breaker?.key;
  const data: { -readonly [Field in keyof EventData['TaskDue']]: EventData['TaskDue'][Field] } = {};
  let what: 'locks' | 'rates' | 'breaker' = 'locks';
  try {
    data.locks = resolveNames(draft, task, locks);
    what = 'rates';
    if (rates !== undefined) data.rates = resolveNames(draft, task, rates);
    what = 'breaker';
    if (key !== undefined) data.breaker = resolveNames(draft, task, [key])[0] as string;
  } catch (error) {
    return failUnopened(draft, task, unresolved(task, { what, code: `${what}/unresolved`, error }));
  }
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
