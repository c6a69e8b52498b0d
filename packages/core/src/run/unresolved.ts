/** A fault of a definition's expression that only the data of a run has shown, as the error of the task. */
import type { TaskError } from '@coppice/extension';
import type { TaskState } from './state.ts';

/** What could not be worked out, and what was thrown. */
export interface Unresolved {
  readonly what: string;
  readonly code: string;
  readonly error: unknown;
}

/** The codes of faults that are told as they are; undefined: another one says it. */
export function faultCode(code: unknown): string | undefined {
  const isKept = code === 'expression/budget' || (typeof code === 'string' && code.startsWith('variables/'));
  return isKept ? code : undefined;
}

export function unresolved({ definition }: TaskState, { what, code, error }: Unresolved): TaskError {
  const { message, cause } = error as { readonly message: string; readonly cause?: { readonly code?: unknown } };
  return {
    code: faultCode(cause?.code) ?? code,
    message: `The ${what} of ${definition.name} can not be resolved: ${message}. Mend the expression and copy the tree`,
    retryable: false,
  };
}
