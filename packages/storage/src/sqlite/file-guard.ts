/**
 * Notices that the files of an open database were deleted or replaced. Later writes would go into files that nobody finds again, and SQLite
 * does not notice that. The guard compares device and inode of the paths with those at the beginning.
 */
import { statSync, type Stats } from 'node:fs';
import { StoreError } from '../store-error.ts';

export interface FileGuard {
  /** Throws a StoreError `storage/replaced` when a file is not the one that was opened. */
  check(): void;
  /** Does the same, but looks at most once per millisecond, so it may be called for every append. */
  checkOften(): void;
}

/** Least time between two looks, ms. One look costs a fifth of a small append. */
const LOOKS_APART_MS = 1;

/** Guards the database and its write-ahead log. Call it once they are there. */
export function guardFiles(file: string): FileGuard {
  const guarded = [file, `${file}-wal`].map((path) => ({ path, opened: lookUp(path) }));
  let lookedAtMs = -Infinity;
  const guard: FileGuard = {
    checkOften() {
      if (performance.now() - lookedAtMs >= LOOKS_APART_MS) guard.check();
    },
    check() {
      lookedAtMs = performance.now();
      for (const { path, opened } of guarded) {
        const now = lookUp(path);
        // A file system that fails to answer at the moment says nothing about the file.
        if (opened === undefined || now === undefined || now === opened) continue;
        if (now !== 'none' && opened !== 'none' && now.ino === opened.ino && now.dev === opened.dev) continue;
        const what = now === 'none' ? 'was deleted' : 'was replaced by another file';
        throw new StoreError(
          'storage/replaced',
          `${path} ${what} while it was open: what is written now would be lost. Stop the server, put the right file in its place, and start it again`,
        );
      }
    },
  };
  return guard;
}

function lookUp(path: string): Stats | 'none' | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? 'none';
  } catch {
    return undefined;
  }
}
