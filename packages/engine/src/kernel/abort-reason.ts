/** Why attempts are aborted. */
import type { RunEvent, TaskState } from '@coppice/core';

/** Why an attempt is aborted; the reason of its signal. */
export class AbortReason extends Error {
  override readonly name = 'AbortError';
  /** `failed`: code of the attempt threw where nobody could catch it. */
  readonly code: 'cancelled' | 'timeout' | 'shutdown' | 'failed';
  constructor(code: AbortReason['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Why the event that ended an attempt aborts its executor. */
export function abortReasonOf(event: RunEvent, task: TaskState): AbortReason {
  if (event.type === 'TaskCancelled') return new AbortReason('cancelled', event.data.reason.message);
  if (event.type === 'AttemptInterrupted') return new AbortReason('shutdown', 'The engine stops');
  return new AbortReason('timeout', task.error?.message ?? 'The attempt has ended');
}
