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
  /** What is wrong, one by one. Default: the message. */
  readonly problems: readonly string[];

  constructor(
    code: StartErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly errors?: readonly ParamViolation[];
      readonly problems?: readonly string[];
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.problems = options.problems ?? [message];
  }
}
