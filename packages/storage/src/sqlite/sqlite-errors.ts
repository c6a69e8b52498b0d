/** Translates SQLite's error codes into errors that say who must act. */
import { TransientError } from '@coppice/core';
import { Conflict } from '../record/refusals.ts';
import { StoreError } from '../store-error.ts';

/** In phase `open` an unusable path is a final fault. In phase `use` the same code is a fault of the environment, which may pass. */
export type Phase = 'open' | 'use';

/** Returns the error to throw in place of `error`, which came from work on `file`. An error that is not from SQLite is returned as it is. */
export function translated(error: unknown, file: string, phase: Phase): unknown {
  const cause = driverError(error);
  const code = codeOf(cause);
  if (!code.startsWith('SQLITE_') && !FILE_ERRORS.has(code)) return error;
  const detail = `${cause instanceof Error ? cause.message : ''} (${code})`;
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    const advice = 'The file is left as it is; move it away or put a backup in its place';
    return new StoreError('storage/corrupt', `${file} is damaged or no SQLite database: ${detail}. ${advice}`, {
      cause,
    });
  }
  if (/^SQLITE_FULL|^ENOSPC|^EDQUOT/.test(code)) {
    return transient(
      'storage/full',
      `No space left for ${file}: ${detail}. Free some space; nothing of the refused write is stored, and it can be tried again`,
      cause,
    );
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return transient(
      'storage/busy',
      `${file} is in use: ${detail}. Try again; if it lasts, look for a program that keeps the file locked`,
      cause,
    );
  }
  if (phase === 'open' && /^SQLITE_(READONLY|PERM|AUTH)|^EROFS/.test(code)) {
    return new StoreError(
      'storage/read-only',
      `${file} can not be written: ${detail}. Make it and its folder writable, or open it read-only`,
      { cause },
    );
  }
  if (phase === 'open' && /^SQLITE_CANTOPEN|^E/.test(code)) {
    return new StoreError(
      'storage/cannot-open',
      `${file} can not be opened: ${detail}. Check that its folder exists, that it is a file, and who may access it`,
      { cause },
    );
  }
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL|INTERRUPT)|^E/.test(code)) {
    return transient(
      'storage/io',
      `${file} can not be read or written now: ${detail}. Check the disk; the same write can be tried again`,
      cause,
    );
  }
  return error;
}

export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/**
 * True for an error that only one part of an append causes: the part contradicts the stored rows, or its values can not be written.
 * All other errors come from the file or the disk, and concern every part.
 */
export function isOfOnePart(error: unknown): boolean {
  if (error instanceof Conflict) return true;
  const code = codeOf(error);
  if (code.startsWith('SQLITE_')) return /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/.test(code);
  // A text or a list is too long for JavaScript, or no column takes the value.
  return error instanceof RangeError || error instanceof TypeError;
}

/** True when a value that must be unique is already stored. `column`: true only for a value of this column. */
export function isDuplicate(error: unknown, column = ''): boolean {
  const isUnique = /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)/.test(codeOf(error));
  return isUnique && (error as Error).message.endsWith(column);
}

const FILE_ERRORS: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'EIO',
  'EISDIR',
  'EMFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

function transient(code: string, message: string, cause: unknown): TransientError {
  return new TransientError(message, { code, cause });
}

/** TypeORM wraps what the driver throws. */
function driverError(error: unknown): unknown {
  const inner: unknown =
    typeof error === 'object' && error !== null ? (error as { driverError?: unknown }).driverError : undefined;
  return inner ?? error;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
