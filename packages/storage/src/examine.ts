/** The examination of a database file. The driver is loaded only when a file is examined. */
import type { DatabaseReport } from './sqlite/examine-database.ts';

export type { DatabaseReport } from './sqlite/examine-database.ts';

/**
 * Examines a database file as a whole; it only reads, also while another process writes. It may take long, and keeps this process busy.
 * Throws the driver's error for a file that can not be opened.
 */
export async function examineDatabase(file: string): Promise<DatabaseReport> {
  return (await import('./sqlite/examine-database.ts')).examineDatabase(file);
}

/** Deletes rows that belong to no tree; answers how many. The caller must be the only writer of the file. */
export async function deleteOrphans(file: string): Promise<number> {
  return (await import('./sqlite/examine-database.ts')).deleteOrphans(file);
}
