/** A fault of Coppice: state and command contradict each other in a way that no caller can cause. Only the engine's edge catches it. */
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
  /** True for a TransientError of any loaded copy of this package: a contributed store may bring its own copy. */
  static is(value: unknown): value is TransientError {
    return typeof value === 'object' && value !== null && transientBrand in value;
  }
}
