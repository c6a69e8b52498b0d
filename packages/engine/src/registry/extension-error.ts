/** Why an extension could not be loaded or unloaded. */

export type ExtensionErrorCode =
  | 'extension/not-found'
  | 'extension/invalid-manifest'
  | 'extension/incompatible'
  | 'extension/duplicate'
  | 'extension/unknown-category'
  | 'extension/invalid-contribution'
  | 'extension/timeout'
  | 'extension/failed';

/** Thrown by `load`; `loadAll` collects it instead. The message names the extension, the value and the next step. */
export class ExtensionError extends Error {
  override readonly name = 'ExtensionError';
  readonly code: ExtensionErrorCode;
  constructor(code: ExtensionErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
