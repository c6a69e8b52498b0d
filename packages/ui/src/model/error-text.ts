/** Any error in words for a person. */

import { RpcError } from '@coppice/client';

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
