/** Why a server could not be built or started; the person who starts it must act. */
import type { ParamViolation } from '@coppice/protocol';

export type StartErrorCode =
  | 'config/invalid'
  | 'config/secret-missing'
  | 'config/unknown-store'
  | 'config/unknown-executor'
  | 'listen/no-auth'
  | 'listen/failed';

export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;
  /** Violations of the configuration. */
  readonly errors: readonly ParamViolation[];

  constructor(
    code: StartErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly errors?: readonly ParamViolation[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
  }
}
