/**
 * Examines a database file as a whole: whether SQLite finds it sound, which rows belong to no tree, and what takes its space.
 * It only reads, on a connection of its own, and may take long: a server must not do it in its process.
 */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Faults that are listed. */
const FAULTS_MAX = 20;
const LARGEST = 5;

/** Tables whose keys begin with the number of a tree, and those with its id. */
const BY_NUMBER = ['event', 'event_part', 'task', 'task_execution', 'task_tag', 'task_log'] as const;
const BY_ID = ['snapshot', 'snapshot_piece', 'subscriber_cursor'] as const;

export interface DatabaseReport {
  /** What SQLite finds wrong; empty: nothing. */
  readonly faults: readonly string[];
  /** Rows of trees that are not there, by table. */
  readonly orphans: readonly { readonly table: string; readonly rows: number }[];
  /** Bytes of the file and of its write-ahead log, and of pages that hold nothing. */
  readonly fileBytes: number;
  readonly walBytes: number;
  readonly freeBytes: number;
  /** The trees with the longest event logs and task logs, characters. */
  /** Large values, each kept once: their number, and the characters of their texts. */
  readonly contents: { readonly count: number; readonly chars: number };
  readonly largest: readonly { readonly treeId: string; readonly name: string; readonly chars: number }[];
}

/** Throws the driver's error for a file that can not be opened. */
export function examineDatabase(file: string): DatabaseReport {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const tables = new Set(
      database
        .prepare<[], { name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
        .all()
        .map(({ name }) => name),
    );
    return {
      faults: faultsOf(database),
      orphans: orphansOf(database, tables),
      fileBytes: sizeOf(file),
      walBytes: sizeOf(`${file}-wal`),
      freeBytes: pragma(database, 'freelist_count') * pragma(database, 'page_size'),
      contents: tables.has('content') ? contentsOf(database) : { count: 0, chars: 0 },
      largest: tables.has('tree') ? largestOf(database, tables) : [],
    };
  } finally {
    database.close();
  }
}

/** Deletes the rows of trees that are not there; answers how many. The caller must be the only writer. */
export function deleteOrphans(file: string): number {
  const database = new Database(file, { fileMustExist: true });
  try {
    return database.transaction(() =>
      TABLES.reduce(
        (sum, table) => sum + database.prepare(`DELETE FROM ${table} WHERE ${isOrphan(table)}`).run().changes,
        0,
      ),
    )();
  } finally {
    database.close();
  }
}

/** Content that no tree uses comes last: it is found when the uses of trees that are gone have been deleted. */
const TABLES: readonly string[] = [...BY_NUMBER, ...BY_ID, 'content_use', 'content'];

function isOrphan(table: string): string {
  if (table === 'content') return 'no NOT IN (SELECT content FROM content_use)';
  if (table === 'content_use') return 'tree NOT IN (SELECT no FROM tree)';
  return (BY_ID as readonly string[]).includes(table)
    ? 'tree_id NOT IN (SELECT id FROM tree)'
    : '(no >> 32) NOT IN (SELECT no FROM tree)';
}

function faultsOf(database: Database.Database): string[] {
  try {
    const rows = database.pragma(`quick_check(${FAULTS_MAX})`) as readonly { readonly quick_check: string }[];
    return rows.map(({ quick_check: text }) => text).filter((text) => text !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function orphansOf(database: Database.Database, tables: ReadonlySet<string>): DatabaseReport['orphans'] {
  if (!tables.has('tree')) return [];
  return TABLES.filter((table) => tables.has(table))
    .map((table) => {
      const count = database.prepare<[], { rows: number }>(
        `SELECT count(*) AS rows FROM ${table} WHERE ${isOrphan(table)}`,
      );
      return { table, rows: count.get()?.rows ?? 0 };
    })
    .filter(({ rows }) => rows > 0);
}

function largestOf(database: Database.Database, tables: ReadonlySet<string>): DatabaseReport['largest'] {
  const sizes = ['SELECT no >> 32 AS tree, length(lines) AS chars FROM event'];
  if (tables.has('task_log')) sizes.push('SELECT no >> 32 AS tree, length(lines) AS chars FROM task_log');
  return database
    .prepare<[number], { treeId: string; name: string; chars: number }>(
      `SELECT t.id AS treeId, t.name AS name, sum(s.chars) AS chars FROM (${sizes.join(' UNION ALL ')}) s
        JOIN tree t ON t.no = s.tree GROUP BY s.tree ORDER BY chars DESC LIMIT ?`,
    )
    .all(LARGEST);
}

function contentsOf(database: Database.Database): DatabaseReport['contents'] {
  const sizes = database.prepare<[], DatabaseReport['contents']>(
    'SELECT count(*) AS count, coalesce(sum(length(text)), 0) AS chars FROM content',
  );
  return sizes.get() ?? { count: 0, chars: 0 };
}

function pragma(database: Database.Database, name: string): number {
  return Number(database.pragma(name, { simple: true }));
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
