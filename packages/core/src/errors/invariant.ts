/** A fault of ours: state and command contradict each other in a way no caller can cause. Never caught in the middle. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  readonly code = 'internal/invariant';
}

const transientBrand = Symbol.for('coppice.TransientError');

/** The environment failed (disk full, database locked, network); the shell retries with back-off. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly [transientBrand] = true;
  readonly code: string;
  constructor(message: string, options: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code ?? 'storage/unavailable';
  }
  /** True for a TransientError of any loaded copy of this package: contributed stores may bring their own. */
  static is(value: unknown): value is TransientError {
    return typeof value === 'object' && value !== null && transientBrand in value;
  }
}
