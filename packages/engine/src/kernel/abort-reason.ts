/** Why attempts are aborted. */
import type { Abort } from '@coppice/core';

/** Why an attempt is aborted; the reason of its signal. */
export class AbortReason extends Error {
  override readonly name = 'AbortError';
  /** `failed`: code of the attempt threw where nobody could catch it. */
  readonly code: Abort['code'] | 'failed';
  constructor(code: AbortReason['code'], message: string) {
    super(message);
    this.code = code;
  }
}
