/**
 * The lock that makes a process the only writer of a database file.
 *
 * It is an exclusive SQLite lock on a separate file (`<database>-writer`), so readers of the database are not disturbed. The operating
 * system releases it at every end of the process. A text file beside it (`….pid`) says which process holds the lock; this file locks
 * nothing. The lock file must not be opened in another way in the same process: on POSIX, closing any handle of a file releases the
 * locks that the process has on it.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { TransientError } from '@coppice/core';
import Database from 'better-sqlite3';
import { isBusy } from './sqlite-errors.ts';

export interface WriterLock {
  release(): void;
}

/** Throws `TransientError` `storage/locked` when another writer has the file. */
export function takeWriterLock(file: string): WriterLock {
  const lockFile = `${file}-writer`;
  createPrivateFile(lockFile);
  const connection = new Database(lockFile, { timeout: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
    writeFileSync(`${lockFile}.pid`, String(process.pid), { mode: 0o600 });
  } catch (error) {
    connection.close();
    throw isBusy(error) ? lockedBy(file, readHolder(`${lockFile}.pid`), error) : error;
  }
  return {
    release: () => {
      rmSync(`${lockFile}.pid`, { force: true });
      connection.close();
    },
  };
}

/** Creates a file that only its owner can read. An existing file is not changed and not even opened. */
export function createPrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function readHolder(pidFile: string): string | undefined {
  try {
    return /^\d+$/.exec(readFileSync(pidFile, 'utf8').trim())?.[0];
  } catch {
    return undefined;
  }
}

function lockedBy(file: string, pid: string | undefined, cause: unknown): TransientError {
  const holder =
    pid === undefined ? 'Another process' : pid === String(process.pid) ? `This process (${pid})` : `Process ${pid}`;
  const message = `${holder} writes to ${file} already, and only one may. Stop it, use another file, or open this one read-only`;
  return new TransientError(message, { code: 'storage/locked', cause });
}
