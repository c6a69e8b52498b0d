import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { EVENT_VERSION, TransientError, type RefusedPart, type TreeId } from '@coppice/core';
import { StoreError } from '../store-error.ts';
import { commanded, createTree } from './run.fixture.ts';
import { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
import { temporaryStore, type TemporaryStore } from './temporary-store.fixture.ts';

const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function temporary(options: Omit<SqliteStoreOptions, 'file'> = {}): Promise<TemporaryStore> {
  const made = await temporaryStore(options);
  cleanUps.push(() => made.dispose());
  return made;
}

/** A store with one tree in it, closed again. */
async function filled(): Promise<TemporaryStore> {
  const made = await temporary();
  await made.store.open();
  await made.store.append([createTree('a', 3)]);
  await made.store.close();
  return made;
}

/** Changes a file as no store would. */
function tamper(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

describe('files that can not be used (R-ST-05, R-SE-03)', () => {
  test('a damaged file is refused and left as it is', async () => {
    const { store, file } = await temporary();
    const rubbish = 'This is no database. '.repeat(500);
    writeFileSync(file, rubbish);
    await expect(store.open()).rejects.toThrow(StoreError);
    await expect(store.open()).rejects.toMatchObject({ code: 'storage/corrupt' });
    expect(readFileSync(file, 'utf8')).toBe(rubbish);
  });

  test('a file that is damaged inside gives a clear error when the damage is met', async () => {
    const { store, file } = await filled();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096);
    writeFileSync(file, bytes);
    const meet = async (): Promise<unknown> => {
      await store.open();
      return await store.listTasks('a' as TreeId);
    };
    await expect(meet()).rejects.toMatchObject({ code: 'storage/corrupt' });
  });

  test('a folder in its place, and a folder that is missing', async () => {
    const { store, file } = await temporary();
    mkdirSync(file);
    await expect(store.open()).rejects.toMatchObject({ code: 'storage/cannot-open' });
    const missing = new SqliteStore({ file: join(file, 'no', 'such.db'), readOnly: true });
    await expect(missing.open()).rejects.toMatchObject({ code: 'storage/cannot-open' });
  });

  test('a file without write permission is refused for writing and may be read', async () => {
    const { store, file } = await filled();
    chmodSync(dirname(file), 0o777);
    chmodSync(`${file}-writer`, 0o666);
    chmodSync(file, 0o444);
    const reader = new SqliteStore({ file, readOnly: true });
    // The superuser may write anything.
    const isSuperuser = process.getuid?.() === 0;
    if (isSuperuser) process.seteuid?.(65_534);
    try {
      await expect(store.open()).rejects.toMatchObject({ code: 'storage/read-only' });
      await reader.open();
      expect(await reader.findTree('a' as TreeId)).toBeDefined();
    } finally {
      await reader.close();
      if (isSuperuser) process.seteuid?.(0);
    }
  });

  test("another program's database is refused and left as it is", async () => {
    const { store, file } = await temporary();
    tamper(file, 'CREATE TABLE tree (something); INSERT INTO tree VALUES (1)');
    const before = readFileSync(file);
    await expect(store.open()).rejects.toMatchObject({ code: 'storage/foreign' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('R-CP-06: a file with migrations of a newer version is refused and left as it is, for writing and reading', async () => {
    const { store, file } = await filled();
    tamper(file, `INSERT INTO migration (timestamp, name) VALUES (9999999999999, 'Future9999999999999')`);
    const before = readFileSync(file);
    await expect(store.open()).rejects.toMatchObject({ code: 'storage/newer' });
    await expect(store.open()).rejects.toThrow('Future9999999999999');
    await expect(new SqliteStore({ file, readOnly: true }).open()).rejects.toMatchObject({ code: 'storage/newer' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a reader does not make a schema', async () => {
    const { file } = await temporary();
    writeFileSync(file, '');
    await expect(new SqliteStore({ file, readOnly: true }).open()).rejects.toMatchObject({ code: 'storage/outdated' });
    expect(statSync(file).size).toBe(0);
  });

  test('R-SE-03: files are their owner’s alone, and so is a folder that is made for them', async () => {
    const { file } = await temporary();
    const inside = join(dirname(file), 'new', 'folder', 'runs.db');
    const store = new SqliteStore({ file: inside });
    cleanUps.push(() => store.close());
    await store.open();
    await store.append([createTree('a', 1)]);
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    expect(modeOf(dirname(inside))).toBe(0o700);
    for (const end of ['', '-wal', '-shm', '-writer', '-writer.pid']) expect(modeOf(`${inside}${end}`)).toBe(0o600);
  });
});

describe('faults that may pass', () => {
  test('R-EV-06: a write that does not fit is refused whole, and goes through later: nothing lost, no gap', async () => {
    const { store, file } = await temporary({ maxBytes: 240_000 });
    await store.open();
    await store.append([createTree('ballast', 800)]);
    const creation = createTree('a', 1);
    await store.append([creation]);
    const { run } = creation;
    const batch = [createTree('b', 2000), commanded(run, { type: 'execute' })];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const refused = store.append(batch);
      await expect(refused).rejects.toThrow(TransientError);
      await expect(refused).rejects.toMatchObject({ code: 'storage/full' });
      expect(await store.findTree('b' as TreeId)).toBeUndefined();
      expect((await store.findTree(run.treeId))?.seq).toBe(1);
    }
    await store.close();
    const roomy = new SqliteStore({ file });
    cleanUps.push(() => roomy.close());
    await roomy.open();
    await roomy.append(batch);
    expect((await roomy.readEvents(run.treeId, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3].slice(0, run.seq));
    expect(await roomy.verifyLog('b' as TreeId)).toBeUndefined();
    expect((await roomy.listTasks('b' as TreeId)).length).toBe(2001);
  });

  test('R-EV-06: room that is made lets the same batch through without reopening', async () => {
    const { store } = await temporary({ maxBytes: 240_000 });
    await store.open();
    await store.append([createTree('ballast', 700)]);
    const batch = [createTree('b', 900)];
    await expect(store.append(batch)).rejects.toMatchObject({ code: 'storage/full' });
    const { seq: expectedSeq } = (await store.findLog('ballast' as TreeId)) ?? { seq: 0 };
    expect(await store.append([{ kind: 'treeRemoval', treeId: 'ballast' as TreeId, expectedSeq }])).toEqual([]);
    await store.append(batch);
    expect((await store.findTree('b' as TreeId))?.taskCount).toBe(901);
  });

  test('a file that another program keeps locked', async () => {
    const { store, file } = await temporary({ busyTimeoutMs: 0 });
    await store.open();
    const other = new Database(file);
    cleanUps.push(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    const batch = [createTree('a', 1)];
    await expect(store.append(batch)).rejects.toMatchObject({ code: 'storage/busy' });
    expect(await store.findTree('a' as TreeId)).toBeUndefined();
    other.exec('ROLLBACK');
    await store.append(batch);
    expect(await store.findTree('a' as TreeId)).toBeDefined();
  });

  test('writes of all kinds at once do not get into each other’s transactions, though TypeORM shares one connection', async () => {
    const { store } = await temporary();
    await store.open();
    const ids = Array.from({ length: 20 }, (_, i) => `t${i}` as TreeId);
    const results = await Promise.allSettled(
      ids.flatMap((id) => [
        store.append([createTree(id, 5)]),
        store.saveCursor('s', id, 1),
        store.saveSnapshot({ treeId: id, seq: 1, version: 1, state: '{}', pieces: 0, checksum: '' }),
        store.append([createTree(id, 5)]),
        store.listIncomplete(),
      ]),
    );
    const refused: string[] = [];
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      const parts = Array.isArray(result.value) ? (result.value as readonly (RefusedPart | TreeId)[]) : [];
      for (const part of parts) if (typeof part === 'object') refused.push(part.code);
    }
    expect(refused).toEqual(ids.map(() => 'storage/conflict'));
    for (const id of ids) {
      expect(await store.verifyLog(id)).toBeUndefined();
      expect((await store.listTasks(id)).length).toBe(6);
      expect(await store.loadCursor('s', id)).toBe(1);
    }
  });
});

describe('R-DR-13, R-ST-04: damage in a log is found and located', () => {
  test.each([
    {
      damage: 'a gap',
      sql: 'DELETE FROM event WHERE no & 0xffffffff = 2',
      seq: 2,
      problem: 'events 2 to 3 are missing',
    },
    {
      damage: 'the first event missing',
      sql: 'DELETE FROM event WHERE no & 0xffffffff = 1',
      seq: 1,
      problem: 'events 1 to 1 are missing',
    },
    {
      damage: 'the last event missing',
      sql: 'DELETE FROM event WHERE no & 0xffffffff = 5',
      seq: 5,
      problem: 'missing at the end',
    },
    {
      damage: 'one of two events of an append missing',
      sql: 'UPDATE event SET lines = substr(lines, 1, instr(lines, char(10)) - 1) WHERE no & 0xffffffff = 2',
      seq: 3,
      problem: 'events 3 to 3 are missing',
    },
    {
      damage: 'an event twice',
      sql: 'UPDATE event SET lines = lines || char(10) || lines WHERE no & 0xffffffff = 4',
      seq: 5,
      problem: 'nobody wrote it here',
    },
    {
      damage: 'an event too many',
      sql: 'INSERT INTO event SELECT no + 1, version, lines, NULL FROM event WHERE no & 0xffffffff = 5',
      seq: 6,
      problem: 'up to 5 only',
    },
    {
      damage: 'an unknown type',
      sql: `UPDATE event SET lines = replace(lines, '[6,', '[99,') WHERE no & 0xffffffff = 4`,
      seq: 4,
      problem: 'unknown type 99',
    },
    {
      damage: 'a newer version',
      sql: 'UPDATE event SET version = 9 WHERE no & 0xffffffff = 4',
      seq: 4,
      problem: 'version 9 is newer',
    },
    {
      damage: 'a torn text',
      sql: 'UPDATE event SET lines = substr(lines, 1, length(lines) - 4) WHERE no & 0xffffffff = 2',
      seq: 3,
      problem: 'JSON',
    },
    {
      damage: 'data that is no object',
      sql: `UPDATE event SET lines = '[6,1,"a.0",1,[1]]' WHERE no & 0xffffffff = 4`,
      seq: 4,
      problem: 'JSON',
    },
    {
      damage: 'a second creation',
      sql: `UPDATE event SET lines = replace(lines, '[6,', '[1,') WHERE no & 0xffffffff = 4`,
      seq: 4,
      problem: 'TreeCreated',
    },
  ])('$damage', async ({ sql, seq, problem }) => {
    const { store, file } = await temporary();
    await store.open();
    const creation = createTree('a', 3);
    await store.append([creation]);
    await store.append([commanded(creation.run, { type: 'execute' })]);
    for (const { id } of creation.run.tasks.slice(1)) {
      if (creation.run.seq < 5) await store.append([commanded(creation.run, { type: 'start', taskIds: [id] })]);
    }
    expect(creation.run.seq).toBe(5);
    expect(await store.verifyLog('a' as TreeId)).toBeUndefined();
    tamper(file, sql);
    const found = await store.verifyLog('a' as TreeId);
    expect(found).toMatchObject({ seq });
    expect(found?.problem).toContain(problem);
  });

  test('a part of a large definition that is missing', async () => {
    const { store, file } = await temporary();
    await store.open();
    await store.append([createTree('a', 2_500)]);
    expect(await store.verifyLog('a' as TreeId)).toBeUndefined();
    tamper(file, 'DELETE FROM event_part WHERE part = 1');
    expect(await store.verifyLog('a' as TreeId)).toMatchObject({ seq: 1 });
    await expect(store.readEvents('a' as TreeId, 0, 1)).rejects.toMatchObject({ code: 'storage/corrupt' });
  });

  test('reading a damaged event names it; one of a newer version says so (R-CP-06)', async () => {
    const { store, file } = await filled();
    await store.open();
    tamper(file, 'UPDATE event SET version = 3');
    await expect(store.readEvents('a' as TreeId, 0, 1)).rejects.toMatchObject({
      code: 'storage/newer',
      message: 'Tree a, event 1: version 3 is newer than 2, which this program knows; update it',
    });
    tamper(file, `UPDATE event SET version = 1, lines = '{'`);
    await expect(store.readEvents('a' as TreeId, 0, 1)).rejects.toThrow('event 1');
  });

  test('R-QG-08: events of version 1 are read as they are, and the log goes on in the version of today', async () => {
    const { store, file } = await temporary();
    const events = () => store.readEvents('a' as TreeId, 0, 100);
    await store.open();
    const creation = createTree('a', 3);
    await store.append([creation]);
    const [created] = await events();
    tamper(file, 'UPDATE event SET version = 1');
    expect(await events()).toEqual([created]);
    await store.append([commanded(creation.run, { type: 'execute' })]);
    expect((await events())[0]).toEqual(created);
    expect((await events()).map(({ seq }) => seq)).toEqual(Array.from({ length: creation.run.seq }, (_, at) => at + 1));
    expect(await store.verifyLog('a' as TreeId)).toBeUndefined();
    const database = new Database(file, { readonly: true });
    const versions = database.prepare('SELECT version FROM event ORDER BY no').pluck().all();
    database.close();
    expect(versions).toEqual([1, EVENT_VERSION]);
  });
});
