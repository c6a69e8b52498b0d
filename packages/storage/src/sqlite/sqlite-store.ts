/**
 * The store in one SQLite file: WAL, one writer process, any number of readers.
 *
 * Durability. `synchronous: 'normal'`: acknowledged appends survive every end of the process, SIGKILL included. A power loss or a crash of
 * the operating system may lose the last commits, but never damages the file. `'full'`: acknowledged appends survive these, too.
 */
import { resolve } from 'node:path';
import type {
  EngineEvent,
  LogChunk,
  LogLine,
  LogScope,
  Page,
  RefusedPart,
  StreamAppend,
  RunEvent,
  RunFacts,
  Snapshot,
  SnapshotPlace,
  Store,
  StoredLog,
  TaskError,
  TaskEventPage,
  TaskFilter,
  TaskId,
  TaskListItem,
  TaskRecord,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import type { LogProblem } from '../record/segment.ts';
import { StoreError } from '../store-error.ts';
import { Appender } from './appender.ts';
import type { ColdTables } from './cold-tables.ts';
import { Contents } from './contents.ts';
import type { OpenDatabase } from './open-database.ts';
import { Reader } from './reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { TaskLogs } from './task-logs.ts';
import { translated } from './sqlite-errors.ts';
import { TreeNumbers } from './tree-numbers.ts';

export interface SqliteStoreOptions {
  /** Path of the database file. It and its folder are created when missing, for their owner only. */
  readonly file: string;
  /** Opens without the writer's lock and refuses every write. The file must exist. Default false. */
  readonly readOnly?: boolean | undefined;
  /** Whether a power loss may lose the last commits, see above. Default `normal`. */
  readonly synchronous?: 'normal' | 'full' | undefined;
  /** How long a statement waits for another connection's lock, ms; the process waits with it. Default 1000. */
  readonly busyTimeoutMs?: number | undefined;
  /** Size that the file may grow to; a write that needs more is refused with `storage/full`, as on a full disk. Default: unlimited. */
  readonly maxBytes?: number | undefined;
}

interface OpenStore {
  readonly database: OpenDatabase;
  readonly reader: Reader;
  readonly logs: TaskLogs;
  readonly cold: () => Promise<ColdTables>;
  readonly writer: Writer | undefined;
}

interface Writer {
  readonly appender: Appender;
  readonly snapshots: SnapshotWriter;
}

export class SqliteStore implements Store {
  readonly isDurable = true;
  readonly #file: string;
  readonly #options: SqliteStoreOptions;
  #opening: Promise<OpenStore> | undefined;
  #store: OpenStore | undefined;

  constructor(options: SqliteStoreOptions) {
    this.#file = resolve(options.file);
    this.#options = options;
  }

  async open(): Promise<void> {
    const opening = (this.#opening ??= this.#connect());
    try {
      const store = await opening;
      if (this.#opening === opening) this.#store = store;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined;
      throw translated(error, this.#file, 'open');
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    const store = await opening?.catch(() => undefined);
    // Another call of `close` may have come first.
    if (store === undefined || this.#opening !== opening) return;
    this.#opening = undefined;
    this.#store = undefined;
    try {
      await store.database.close();
    } catch (error) {
      throw translated(error, this.#file, 'use');
    }
  }

  append(batch: readonly StreamAppend[]): Promise<readonly RefusedPart[]> {
    return this.#write(({ appender }, { database }) => {
      const refused = appender.append(batch);
      // The check comes after the commit: an append into a file that was deleted meanwhile must not be acknowledged.
      database.guard.checkOften();
      return refused;
    });
  }

  findLog(treeId: TreeId): Promise<StoredLog | undefined> {
    return this.#read(({ reader }) => reader.findLog(treeId));
  }

  readEvents(treeId: TreeId, afterSeq: number, limit: number): Promise<readonly RunEvent[]> {
    return this.#read(({ reader }) => reader.readEvents(treeId, afterSeq, limit));
  }

  readTaskEvents(treeId: TreeId, taskId: TaskId, afterSeq: number): Promise<TaskEventPage> {
    return this.#read(({ reader }) => reader.readTaskEvents(treeId, taskId, afterSeq));
  }

  readEngineEvents(afterSeq: number, limit: number): Promise<readonly EngineEvent[]> {
    return this.#read(({ reader }) => reader.readEngineEvents(afterSeq, limit));
  }

  verifyLog(treeId: TreeId): Promise<LogProblem | undefined> {
    return this.#read(({ reader }) => reader.verifyLog(treeId));
  }

  quarantine(treeId: TreeId, error: TaskError): Promise<void> {
    return this.#write(({ appender }) => appender.quarantine(treeId, error));
  }

  restore(run: RunFacts): Promise<void> {
    return this.#write(({ appender }) => appender.restore(run));
  }

  listQuarantined(): Promise<readonly TreeId[]> {
    return this.#read(({ reader }) => reader.listQuarantined());
  }

  saveSnapshotPiece(place: SnapshotPlace, piece: number, tasks: string): Promise<void> {
    return this.#write(({ snapshots }) => snapshots.savePiece(place, piece, tasks));
  }

  saveSnapshot(snapshot: Snapshot): Promise<void> {
    return this.#write(({ snapshots }) => snapshots.save(snapshot));
  }

  listSnapshots(treeId: TreeId): Promise<readonly Snapshot[]> {
    return this.#read(({ reader }) => reader.listSnapshots(treeId));
  }

  loadSnapshotPiece(place: SnapshotPlace, piece: number): Promise<string | undefined> {
    return this.#read(({ reader }) => reader.loadSnapshotPiece(place, piece));
  }

  deleteSnapshots(treeId: TreeId): Promise<void> {
    return this.#write(({ snapshots }) => snapshots.deleteBefore(treeId, Number.MAX_SAFE_INTEGER));
  }

  findTree(treeId: TreeId): Promise<TreeRecord | undefined> {
    return this.#read(({ reader }) => reader.findTree(treeId));
  }

  findTask(taskId: TaskId): Promise<TaskRecord | undefined> {
    return this.#read(({ reader }) => reader.findTask(taskId));
  }

  findExisting(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    return this.#read(({ reader }) => reader.findExisting(ids));
  }

  listTasks(treeId: TreeId): Promise<readonly TaskRecord[]> {
    return this.#read(({ reader }) => reader.listTasks(treeId));
  }

  listChildren(taskId: TaskId): Promise<readonly TaskRecord[]> {
    return this.#read(({ reader }) => reader.listChildren(taskId));
  }

  listCopies(taskId: TaskId): Promise<readonly TaskId[]> {
    return this.#read(({ reader }) => reader.listCopies(taskId));
  }

  list(filter: TaskFilter, page: { readonly limit: number; readonly cursor?: string }): Promise<Page<TaskListItem>> {
    return this.#read(({ reader }) => reader.list(filter, page));
  }

  count(filter: TaskFilter): Promise<Readonly<Record<string, number>>> {
    return this.#read(({ reader }) => reader.count(filter));
  }

  findByIdempotencyKey(userId: string, key: string): Promise<TreeId | undefined> {
    return this.#read(({ reader }) => reader.findByIdempotencyKey(userId, key));
  }

  listIncomplete(): Promise<readonly TreeId[]> {
    return this.#read(({ reader }) => reader.listIncomplete());
  }

  loadCursor(subscriberId: string, treeId: TreeId): Promise<number> {
    return this.#read(async ({ cold }) => (await cold()).loadCursor(subscriberId, treeId));
  }

  listBehind(subscriberId: string): Promise<readonly TreeId[]> {
    return this.#read(({ reader }) => reader.listBehind(subscriberId));
  }

  saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void> {
    return this.#write(async (_, { cold }) => (await cold()).saveCursor(subscriberId, treeId, seq));
  }

  appendLogs(chunks: readonly LogChunk[]): Promise<void> {
    return this.#write((_, { logs }) => logs.append(chunks));
  }

  readLogs(scope: LogScope, afterOffset: number, limit: number): Promise<readonly LogLine[]> {
    return this.#read(({ logs }) => logs.read(scope, afterOffset, limit));
  }

  offsetBeforeLast(scope: LogScope, count: number): Promise<number> {
    return this.#read(({ logs }) => logs.offsetBeforeLast(scope, count));
  }

  trimLogs(scope: LogScope, keptChars: number): Promise<number> {
    return this.#write((_, { logs }) => logs.trim(scope, keptChars));
  }

  ping(): Promise<void> {
    return this.#read(({ reader, database }) => {
      reader.ping();
      database.guard.check();
    });
  }

  async #connect(): Promise<OpenStore> {
    // The driver is loaded only when a file is opened.
    const { openDatabase } = await import('./open-database.ts');
    const { readOnly = false, synchronous = 'normal', busyTimeoutMs = 1000, maxBytes = 0 } = this.#options;
    const database = await openDatabase({ file: this.#file, readOnly, synchronous, busyTimeoutMs, maxBytes });
    const { connection } = database;
    const numbers = new TreeNumbers(connection, { remember: !readOnly });
    const contents = new Contents(connection);
    return {
      database,
      reader: new Reader(connection, { numbers, contents }),
      logs: new TaskLogs(connection, numbers),
      cold: () => openCold(database),
      writer: readOnly
        ? undefined
        : {
            appender: new Appender(connection, { numbers, contents }),
            snapshots: new SnapshotWriter(connection),
          },
    };
  }

  /** Starts `work` in the caller's turn: the part of an async method before its first await runs without interruption. */
  async #read<T>(work: (store: OpenStore) => T | Promise<T>): Promise<T> {
    if (this.#store === undefined)
      throw new StoreError('storage/closed', `The store ${this.#file} is not open; call open() first`);
    try {
      return await work(this.#store);
    } catch (error) {
      throw translated(error, this.#file, 'use');
    }
  }

  #write<T>(work: (writer: Writer, store: OpenStore) => T | Promise<T>): Promise<T> {
    return this.#read((store) => {
      if (store.writer === undefined)
        throw new StoreError('storage/read-only', `The store ${this.#file} is open for reading only`);
      return work(store.writer, store);
    });
  }
}

async function openCold(database: OpenDatabase): Promise<ColdTables> {
  const [{ ColdTables }, source] = await Promise.all([import('./cold-tables.ts'), database.orm()]);
  return new ColdTables(source);
}
