/**
 * Faults of a store that do not pass by themselves: a new try fails too, until someone acts.
 * A fault that may pass (disk full, locked, busy) is a `TransientError` of the core instead.
 */
export type StoreErrorCode =
  /** The file is damaged, or is no SQLite database. */
  | 'storage/corrupt'
  /** A newer version of Coppice wrote the file or an event in it. */
  | 'storage/newer'
  /** Opened read-only, and the file's schema is older than this version, or was never created. */
  | 'storage/outdated'
  /** An SQLite database of another program. */
  | 'storage/foreign'
  /** The path can not be opened: a directory, no permission, … */
  | 'storage/cannot-open'
  /** The file or the store is read-only. */
  | 'storage/read-only'
  /** The file was deleted or replaced by others while it was open. */
  | 'storage/replaced'
  /** Used before `open` or after `close`. */
  | 'storage/closed'
  /** A negative limit, a cursor that no listing gave, … */
  | 'storage/invalid-argument';

/** See the codes; `message` says what to do. Nothing was written. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
  }
}
