/** A fault of ours: state and command contradict each other in a way no caller can cause. Never caught in the middle. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  readonly code = 'internal/invariant';
}

/** The environment failed (disk full, database locked, network); the shell retries with back-off. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly code: string;
  constructor(message: string, options: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code ?? 'storage/unavailable';
  }
}
