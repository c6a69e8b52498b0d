/** Any error in words for a person. */

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
