/** Turns the value that an executor threw into an error that can be stored. */
import { taskErrorFromThrown, type TaskError } from '@coppice/core';
import { errorText } from '../error-text.ts';
import { copyJson } from '../json-copy.ts';
import type { Secrets } from '../secrets.ts';

/** Never throws. */
export function storableError(thrown: unknown, redact: Secrets['redact']): TaskError {
  return copyJson(withoutSurprises(taskErrorFromThrown(thrown)), redact) as unknown as TaskError;
}

/** Mends texts that were cut inside a character, and drops data that JSON can not carry, so that a failure can always be stored. */
function withoutSurprises(error: TaskError): TaskError {
  const repaired = isStorable(error) ? error : withWellFormedTexts(error);
  try {
    copyJson(repaired);
    return repaired;
  } catch (problem) {
    return {
      code: repaired.code,
      message: `${repaired.message} (its data was dropped: ${errorText(problem)})`,
      retryable: repaired.retryable,
    };
  }
}

function isStorable(error: TaskError): boolean {
  try {
    copyJson(error);
    return true;
  } catch {
    return false;
  }
}

function withWellFormedTexts(error: TaskError): TaskError {
  const { cause } = error;
  return {
    ...error,
    code: String(error.code).toWellFormed(),
    message: String(error.message).toWellFormed(),
    ...(cause === undefined ? {} : { cause: withWellFormedTexts(cause) }),
  };
}
