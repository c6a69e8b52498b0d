/** Any error in words for a person. */

import { RpcError } from '@coppice/client';
import type { AnswerProblem } from '../view-channel.ts';

/** True when the server only has too much to do: the same call may go through in a moment, and nothing is wrong. */
export function isBusy(error: unknown): boolean {
  return RpcError.is(error) && error.code === 'limit/refused' && typeof error.data['retryAfterMs'] === 'number';
}

export const BUSY_TEXT = 'The server is busy. Try again in a moment.';

/** Its message, and below it each violation with its place, unless the message says it already. */
export function errorText(error: unknown): string {
  const { message, errors } = (error ?? {}) as { readonly message?: unknown; readonly errors?: unknown };
  const lines = [typeof message === 'string' ? message : String(error)];
  if (Array.isArray(errors)) {
    for (const { path, reason = '' } of errors as { readonly path?: readonly unknown[]; readonly reason?: string }[]) {
      if (!lines[0]?.includes(reason)) lines.push(`${path?.join('.') ?? ''}: ${reason}`);
    }
  }
  return lines.join('\n');
}

/** The same for a form: the places apart, so that each can be told beside its field. */
export function answerProblem(error: unknown): AnswerProblem {
  const text = isBusy(error) ? BUSY_TEXT : errorText(error);
  const errors = RpcError.is(error) ? error.errors : [];
  return { text, places: errors.map(({ path, reason }) => ({ path: path ?? [], reason: reason ?? '' })) };
}
