/** What the end of an attempt says of the service that its executor called. */
import type { TaskError } from '@coppice/extension';
import type { RunEvent } from '../run/event.ts';

/** Errors around that of the executor, which is their cause. */
const AROUND: ReadonlySet<string> = new Set(['retry/exhausted', 'retry/budget-exhausted', 'fallback/failed']);

/**
 * `failed`: the executor failed with an error after which another attempt may go well, or ran into the limit of the attempt. `ok`: it has
 * done its work. Undefined: nothing is known of the service. So it is after an error for good, which is about the task and its input, when the
 * attempt was cancelled or interrupted, and when a person ended the task.
 */
export function callVerdict(event: RunEvent): 'ok' | 'failed' | undefined {
  switch (event.type) {
    case 'TaskCompleted':
      return event.data.reason === undefined ? 'ok' : undefined;
    case 'TaskOpened':
      return 'ok';
    case 'TaskFailed':
    case 'RetryScheduled':
      return isOfService(event.data.error) ? 'failed' : undefined;
    default:
      return undefined;
  }
}

function isOfService(error: TaskError): boolean {
  if (!AROUND.has(error.code) || error.cause === undefined) return error.retryable;
  return error.cause.retryable;
}
