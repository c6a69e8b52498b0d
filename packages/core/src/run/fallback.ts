/**
 * The fallback of a task (R-SG-11): once its last attempt has failed, another executor does its work in one more attempt, or a value stands
 * in for its output. The task then ends on the port `fallback`. `fallBack` is the only way into it.
 */
import type { TaskError } from '@coppice/extension';
import type { Fallback } from '../task/task.ts';
import { emit, type Draft } from './draft.ts';
import { end } from './end.ts';
import { FALLBACK_PORT } from './falling-back.ts';
import { resolveFallbackOutput } from './resolve-input.ts';
import type { TaskState } from './state.ts';
import { unresolved } from './unresolved.ts';

/** Ends a task whose work has failed for good: by its fallback if it has one, else as failed. An attempt may be running. */
export function fallBack(draft: Draft, task: TaskState, error: TaskError): void {
  const { fallback } = task.definition;
  if (fallback === undefined) return end(draft, task, { status: 'failed', error });
  const data = { error, delayMs: 0, dueAtMs: draft.atMs, fallback: true as const };
  const attempt = task.status === 'running' ? task.attempt : undefined;
  emit(draft, 'RetryScheduled', { taskId: task.id, attempt, data });
  // Its executor is another one: it is due as soon as the places of this attempt were given back.
  if (fallback.executor === undefined) completeWithValue(draft, task, fallback);
}

function completeWithValue(draft: Draft, task: TaskState, { output }: Fallback): void {
  try {
    const { value, references } = resolveFallbackOutput(draft, task, output ?? null);
    const secrets = references.length === 0 ? undefined : references;
    end(draft, task, { status: 'completed', output: value, port: FALLBACK_PORT, secrets });
  } catch (error) {
    const fault = unresolved(task, { what: 'fallback', code: 'fallback/unresolved', error });
    end(draft, task, { status: 'failed', error: fallbackFailed(task, fault) });
  }
}

/** The failure of a task whose fallback failed, too. The cause goes on to why there was one. */
export function fallbackFailed({ definition, error: first }: TaskState, error: TaskError): TaskError {
  const last = first === undefined || error.cause !== undefined ? error : { ...error, cause: first };
  return {
    code: 'fallback/failed',
    message: `${definition.name} failed${first === undefined ? '' : ` (${first.message})`}, and so did its fallback: ${error.message}. Mend one of them, then retry from failure`,
    retryable: false,
    cause: last,
  };
}
