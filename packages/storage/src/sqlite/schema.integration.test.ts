import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import type { TaskFilter, TreeId } from '@coppice/core';
import { Appender } from './appender.ts';
import { ColdTables } from './cold-tables.ts';
import { countQuery, listQuery } from './list-query.ts';
import { Contents } from './contents.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { Reader } from './reader.ts';
import { createTree } from './run.fixture.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { temporaryStore } from './temporary-store.fixture.ts';
import { TaskLogs } from './task-logs.ts';
import { TreeNumbers } from './tree-numbers.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A database with one tree in it. */
async function filled(): Promise<OpenDatabase> {
  const made = await temporaryStore();
  const { store, file } = made;
  cleanUps.push(() => made.dispose());
  await store.open();
  await store.append([createTree('a', 10, { tags: ['t'] })]);
  await store.close();
  const database = await openDatabase({ file, readOnly: false, synchronous: 'normal', busyTimeoutMs: 0, maxBytes: 0 });
  cleanUps.push(() => database.close());
  return database;
}

function tablesOf({ connection }: OpenDatabase): string[] {
  const rows = connection.prepare<[], { name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`,
  );
  return rows
    .all()
    .map(({ name }) => name)
    .filter((name) => name !== 'migration' && !name.startsWith('sqlite_'));
}

describe('migrations (R-ST-05)', () => {
  test('go down and up again on a filled database', async () => {
    const database = await filled();
    const tables = tablesOf(database);
    expect(tables).toEqual([
      'content',
      'content_use',
      'engine_event',
      'event',
      'event_part',
      'snapshot',
      'snapshot_piece',
      'subscriber_cursor',
      'task',
      'task_execution',
      'task_log',
      'task_tag',
      'tree',
    ]);
    const orm = await database.orm();
    for (const _ of MIGRATIONS) await orm.undoLastMigration({ transaction: 'all' });
    expect(tablesOf(database)).toEqual([]);
    expect(database.connection.pragma('application_id', { simple: true })).toBe(0);
    await orm.runMigrations({ transaction: 'all' });
    expect(tablesOf(database)).toEqual(tables);
    new Appender(database.connection, {
      numbers: new TreeNumbers(database.connection, { remember: true }),
      contents: new Contents(database.connection),
    }).append([createTree('a', 3)]);
  });

  test('make exactly the tables that the entities describe', async () => {
    const { orm, connection } = await filled();
    const { driver } = await orm();
    const pending = async (): Promise<string[]> =>
      (await driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);
    expect(await pending()).toEqual([]);
    connection.exec('DROP INDEX task_original');
    expect(await pending()).toHaveLength(1);
  });

  test('the file is in WAL mode, with the durability asked for (R-EV-12)', async () => {
    const { connection } = await filled();
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(connection.pragma('synchronous', { simple: true })).toBe(1);
  });
});

/** Makes `database` note every statement that is prepared on it. */
function record({ connection }: OpenDatabase): string[] {
  const prepare = connection.prepare.bind(connection) as (sql: string) => Database.Statement;
  const statements: string[] = [];
  connection.prepare = ((sql: string) => {
    statements.push(sql);
    return prepare(sql);
  }) as Database.Database['prepare'];
  cleanUps.push(async () => {
    Reflect.deleteProperty(connection, 'prepare');
  });
  return statements;
}

function planOf({ connection }: OpenDatabase, sql: string): string[] {
  const parameters = sql.split('?').length - 1;
  const rows = connection.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  return rows.all(...Array.from({ length: parameters }, () => 1)).map(({ detail }) => detail);
}

/** Steps of a plan that walk a whole table or sort; what the statement itself brings is no table. */
function costly(plan: readonly string[]): string[] {
  return plan.filter(
    (step) => /^SCAN|TEMP B-TREE/.test(step) && !/^SCAN (ids VIRTUAL TABLE|\d+-ROW VALUES CLAUSE)/.test(step),
  );
}

const ROOTS: TaskFilter = { rootOnly: true };
const ALL: TaskFilter = { rootOnly: false };
const AFTER = { treeNo: 5, index: 5 };

describe('every query uses an index (R-ST-07)', () => {
  test('all statements of the write path, the read path and the cold tables', async () => {
    const database = await filled();
    const statements = record(database);
    const numbers = new TreeNumbers(database.connection, { remember: true });
    const contents = new Contents(database.connection);
    const appender = new Appender(database.connection, { numbers, contents });
    expect(appender).toBeDefined();
    expect(new SnapshotWriter(database.connection)).toBeDefined();
    expect(new TaskLogs(database.connection, numbers)).toBeDefined();
    expect(new Reader(database.connection, { numbers, contents })).toBeDefined();
    const cold = new ColdTables(await database.orm());
    const treeId = 'a' as TreeId;
    await cold.saveCursor('s', treeId, 1);
    await cold.loadCursor('s', treeId);

    const explained = statements.filter((sql) => /^(SELECT|UPDATE|DELETE|INSERT|REPLACE)/.test(sql));
    expect(explained.length).toBeGreaterThan(25);
    for (const sql of explained) expect([sql, costly(planOf(database, sql))]).toEqual([sql, []]);
    const incomplete = explained.find((sql) => sql.includes('WHERE status IN')) ?? '';
    expect(planOf(database, incomplete).join()).toContain('USING INDEX tree_status');
  });

  test.each<[string, TaskFilter, string]>([
    ['roots by status', { ...ROOTS, status: ['failed'] }, 'SEARCH t USING INDEX tree_status (status=?'],
    ['roots by user', { ...ROOTS, userId: 'ann' }, 'SEARCH t USING INDEX tree_user (user_id=?'],
    ['roots by tag', { ...ROOTS, tag: 't' }, 'SEARCH g USING PRIMARY KEY (tag=?'],
    ['tasks by tag', { ...ALL, tag: 't', status: ['failed'] }, 'SEARCH g USING PRIMARY KEY (tag=?'],
    ['tasks by user', { ...ALL, userId: 'ann' }, 'SEARCH t USING INDEX tree_user (user_id=?'],
  ])('a listing of %s seeks, and sorts nothing', async (_, filter, expected) => {
    const database = await filled();
    for (const after of [undefined, AFTER]) {
      const plan = planOf(database, listQuery({ filter, after, limit: 10 }).sql);
      expect(plan[0]).toContain(expected);
      expect(costly(plan)).toEqual([]);
    }
    expect(planOf(database, countQuery(filter).sql)[0]).toMatch(/^SEARCH/);
  });

  test.each<[string, TaskFilter]>([
    ['roots', ROOTS],
    ['tasks', ALL],
    ['tasks by status', { ...ALL, status: ['failed'] }],
    ['roots by name', { ...ROOTS, search: 'x' }],
    ['tasks by name', { ...ALL, search: 'x' }],
  ])(
    'a listing of %s walks the trees in its own order: the first page reads no more than it shows, a later one seeks',
    async (_, filter) => {
      const database = await filled();
      const first = planOf(database, listQuery({ filter, after: undefined, limit: 10 }).sql);
      expect(costly(first)).toEqual(['SCAN t']);
      const later = planOf(database, listQuery({ filter, after: AFTER, limit: 10 }).sql);
      expect(later[0]).toContain('SEARCH t USING INTEGER PRIMARY KEY (rowid<?)');
      expect(costly(later)).toEqual([]);
    },
  );

  test('a check that can fail: without its index a query is found out', async () => {
    const database = await filled();
    database.connection.exec('DROP INDEX task_original');
    const plan = planOf(database, 'SELECT id FROM task WHERE original_task_id = ?');
    expect(costly(plan)).toEqual(['SCAN task']);
  });
});

test('importing the package loads neither TypeORM nor the driver', () => {
  const index = new URL('../index.ts', import.meta.url).href;
  const script = `await import(${JSON.stringify(index)});
    const { createRequire } = await import('node:module');
    console.log(Object.keys(createRequire(${JSON.stringify(index)}).cache).filter((file) => /typeorm|better-sqlite3/.test(file)).length);`;
  const run = (code: string): string =>
    spawnSync(process.execPath, ['--conditions=coppice-source', '--input-type=module', '-e', code], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    }).stdout.trim();
  expect(run(script)).toBe('0');
  expect(Number(run(script.replace('await import', `await import('typeorm'); await import`)))).toBeGreaterThan(0);
});
