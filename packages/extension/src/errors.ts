/** How an attempt fails: executors throw `RetryableError`, `TerminalError` or `FatalError`, and what is kept of it is a `TaskError`. */
import type { Json } from './json.ts';

/** A failure as stored in events and shown to people. */
export interface TaskError {
  /** Stable machine-readable code, `area/what`, e.g. `http/status`, `timeout`, `retry/exhausted`. */
  readonly code: string;
  /** For people: what failed, with which limit or value, and what to do next. */
  readonly message: string;
  /** false: never retried, whatever the policy says. */
  readonly retryable: boolean;
  /** true: it ends the run. There is no retry, no fallback and no failure edge; what cleans up and what undoes still runs. Absent: false. */
  readonly fatal?: true;
  /** The outside world's own wish for the next try, ms from now (e.g. `Retry-After`). */
  readonly retryAfterMs?: number;
  readonly data?: Json;
  readonly cause?: TaskError;
}

/** Options of the errors an executor throws. */
export interface TaskErrorOptions {
  readonly code?: string;
  readonly retryAfterMs?: number;
  /** Kept in the event: partial output, exit code, response body, … */
  readonly data?: Json;
  readonly cause?: unknown;
}

const brand = Symbol.for('coppice.ExecutorError');

class ExecutorError extends Error {
  readonly [brand] = true;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly data: Json | undefined;
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean, options: TaskErrorOptions) {
    super(message, { cause: options.cause });
    this.retryable = retryable;
    this.code = options.code ?? (retryable ? 'executor/failed' : 'executor/terminal');
    this.retryAfterMs = options.retryAfterMs;
    this.data = options.data;
  }
}

/** Thrown by an executor: the attempt failed and may be tried again, if the policy allows. */
export class RetryableError extends ExecutorError {
  override readonly name = 'RetryableError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super(message, true, options);
  }
  /** True for a RetryableError of any loaded copy of this package. */
  static is(value: unknown): value is RetryableError {
    return isExecutorError(value) && value.retryable;
  }
}

/** Thrown by an executor: the attempt failed and trying again is pointless. */
export class TerminalError extends ExecutorError {
  override readonly name: string = 'TerminalError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super(message, false, options);
  }
  /** True for a TerminalError of any loaded copy of this package. */
  static is(value: unknown): value is TerminalError {
    return isExecutorError(value) && !value.retryable;
  }
}

/**
 * Thrown by an executor: the whole run must end at once, for example because its credentials were taken back. There is no retry, no
 * fallback and no failure edge. What is running is cancelled; compensation and clean-up still happen, and the run fails with `run/fatal`.
 */
export class FatalError extends TerminalError {
  override readonly name = 'FatalError';
  readonly fatal = true;
  constructor(message: string, options: TaskErrorOptions = {}) {
    super(message, { code: 'executor/fatal', ...options });
  }
  /** True for a FatalError of any loaded copy of this package. */
  static override is(value: unknown): value is FatalError {
    return isExecutorError(value) && (value as Partial<FatalError>).fatal === true;
  }
}

function isExecutorError(value: unknown): value is ExecutorError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: boolean })[brand] === true;
}
