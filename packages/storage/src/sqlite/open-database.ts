/**
 * Opens a database file. Refuses a file of another program or of a newer version before anything is written; migrates an older file.
 * The file is never scanned, so a large one opens as fast as a small one. TypeORM is loaded at its first use (docs/decisions/0099).
 */
import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { folded } from '../record/page.ts';
import { StoreError } from '../store-error.ts';
import { APPLICATION_ID } from './application-id.ts';
import { guardFiles, type FileGuard } from './file-guard.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/migrations.ts';
import { createPrivateFile, takeWriterLock, type WriterLock } from './writer-lock.ts';

export interface OpenOptions {
  readonly file: string;
  readonly readOnly: boolean;
  readonly synchronous: 'normal' | 'full';
  readonly busyTimeoutMs: number;
  /** 0: unlimited. */
  readonly maxBytes: number;
}

export interface OpenDatabase {
  readonly connection: Database.Database;
  /** TypeORM on that connection. */
  readonly orm: () => Promise<DataSource>;
  readonly guard: FileGuard;
  close(): Promise<void>;
}

/** Pages of the write-ahead log between checkpoints. With SQLite's default (4 MiB) the same pages are copied again and again under load. */
const CHECKPOINT_PAGES = 4_000;
const CACHE_KIB = 65_536;
/** Size to which the write-ahead log is cut back after a long read made it grow, bytes. */
const WAL_BYTES_KEPT = 67_108_864;

export async function openDatabase(given: OpenOptions): Promise<OpenDatabase> {
  if (!given.readOnly) mkdirSync(dirname(given.file), { recursive: true, mode: 0o700 });
  const options = { ...given, file: canonicalPath(given.file) };
  if (options.readOnly) return connect(options, undefined);
  const lock = takeWriterLock(options.file);
  try {
    createPrivateFile(options.file);
    return await connect(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The real name of a file, without links. The writer's lock is taken on the name, so each file must have only one. */
function canonicalPath(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}

async function connect(options: OpenOptions, lock: WriterLock | undefined): Promise<OpenDatabase> {
  if (statSync(options.file).isDirectory()) {
    throw new StoreError('storage/cannot-open', `${options.file} is a folder; name a file in it`);
  }
  const connection = new Database(options.file, {
    readonly: options.readOnly,
    fileMustExist: true,
    timeout: options.busyTimeoutMs,
  });
  let opened: Promise<DataSource> | undefined;
  const orm = (): Promise<DataSource> => (opened ??= openOrm(connection, options.file));
  const close = async (): Promise<void> => {
    try {
      await (await opened?.catch(() => undefined))?.destroy();
      connection.close();
    } finally {
      lock?.release();
    }
  };
  try {
    const isCurrent = checkSchema(connection, options);
    configure(connection, options);
    if (!isCurrent) await (await orm()).runMigrations({ transaction: 'all' });
  } catch (error) {
    connection.close();
    throw error;
  }
  return { connection, orm, guard: guardFiles(options.file), close };
}

async function openOrm(connection: Database.Database, file: string): Promise<DataSource> {
  const { connectOrm } = await import('./orm.ts');
  return connectOrm(connection, file);
}

/** True when the schema is that of this version. Throws for a file of another program or a newer version, and in a reader for an older one. */
function checkSchema(database: Database.Database, { file, readOnly }: OpenOptions): boolean {
  const tables = database.prepare<[], { name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`).all();
  const applicationId = database.pragma('application_id', { simple: true });
  const isEmpty = tables.every(({ name }) => name === MIGRATIONS_TABLE || name.startsWith('sqlite_'));
  if (!isEmpty && applicationId !== APPLICATION_ID) {
    throw new StoreError('storage/foreign', `${file} is an SQLite database of another program; name another file`);
  }
  const done = tables.some(({ name }) => name === MIGRATIONS_TABLE)
    ? database.prepare<[], { name: string }>(`SELECT name FROM "${MIGRATIONS_TABLE}"`).all()
    : [];
  const known = new Set(MIGRATIONS.map((migration) => migration.name));
  const unknown = done.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length > 0) {
    throw new StoreError(
      'storage/newer',
      `${file} was written by a newer version of Coppice (it has ${unknown.join(', ')}); update Coppice. The file is left as it is`,
    );
  }
  const isCurrent = done.length === known.size;
  if (readOnly && !isCurrent) {
    throw new StoreError('storage/outdated', `${file} has not the schema of this version; open it once for writing`);
  }
  return isCurrent;
}

function configure(database: Database.Database, options: OpenOptions): void {
  database.function('folded', { deterministic: true }, (text) => folded(String(text)));
  database.pragma(`cache_size = -${CACHE_KIB}`);
  if (options.readOnly) return;
  database.pragma('journal_mode = WAL');
  // SQLite opens a file without write permission and says nothing. This write, which is rolled back, makes it throw now.
  database.exec('BEGIN IMMEDIATE; PRAGMA user_version = 0; ROLLBACK');
  database.pragma(`synchronous = ${options.synchronous}`);
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
  if (options.maxBytes > 0) {
    const pageBytes = database.pragma('page_size', { simple: true }) as number;
    database.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageBytes))}`);
  }
}
