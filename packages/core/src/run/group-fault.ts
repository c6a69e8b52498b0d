/** A fault that fails a group when it opens, or the task that would become one. */
import type { TaskError } from '@coppice/extension';

export class GroupFault extends Error {
  readonly fault: TaskError;

  constructor(code: string, message: string) {
    super(message);
    this.fault = { code, message, retryable: false };
  }
}
