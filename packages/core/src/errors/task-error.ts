/**
 * Failures of attempts, as data. They are stored in events, never thrown through the core.
 * Executors throw `RetryableError`, `TerminalError` or `FatalError`. Anything else that they throw is retryable as the policy says.
 */
import { FatalError, RetryableError, TerminalError, type TaskError } from '@coppice/extension';
import { durationMsFrom } from '../task/time-limits.ts';

/** Turns any thrown value into a failure. Never throws. Follows causes to depth 5. */
export function taskErrorFromThrown(thrown: unknown, depth = 0): TaskError {
  try {
    return describe(thrown, depth);
  } catch {
    // An extension may throw an object without a text, or with a getter that throws. Only its attempt may end by that.
    return {
      code: 'executor/failed',
      message: 'The executor threw something that has no description',
      retryable: true,
    };
  }
}

function describe(thrown: unknown, depth: number): TaskError {
  if (RetryableError.is(thrown) || TerminalError.is(thrown)) {
    const retryAfterMs = durationMsFrom(thrown.retryAfterMs);
    return {
      code: thrown.code,
      message: thrown.message,
      retryable: thrown.retryable,
      ...(FatalError.is(thrown) ? { fatal: true as const } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(thrown.data === undefined ? {} : { data: thrown.data }),
      ...causeOf(thrown, depth),
    };
  }
  if (thrown instanceof Error) {
    const code = (thrown as { code?: unknown }).code;
    return {
      code: typeof code === 'string' ? code : 'executor/failed',
      message: String(thrown.message || thrown.name),
      retryable: true,
      ...causeOf(thrown, depth),
    };
  }
  return { code: 'executor/failed', message: `The executor threw ${String(thrown)}`, retryable: true };
}

function causeOf(error: Error, depth: number): { cause?: TaskError } {
  if (error.cause === undefined || depth >= 5) return {};
  return { cause: taskErrorFromThrown(error.cause, depth + 1) };
}
