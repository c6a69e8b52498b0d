/** Checksums of events, ends of logs that are cut off, files that others take away (R-ST-04). */
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunState, TreeId } from '@coppice/core';
import { commanded, createTree } from './run.fixture.ts';
import { temporaryStore, type TemporaryStore } from './temporary-store.fixture.ts';

const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const TREE = 'a' as TreeId;

interface WrittenStore extends TemporaryStore {
  readonly run: RunState;
}

/** An open store with a tree of five events in segments of 1, 2, 1 and 1; `isOld`: as a version without checksums left it. */
async function written({ isOld = false, size = 3 } = {}): Promise<WrittenStore> {
  const made = await temporaryStore();
  cleanUps.push(() => made.dispose());
  const { store, file } = made;
  await store.open();
  const creation = createTree('a', size);
  const { run } = creation;
  await store.append([creation]);
  await store.append([commanded(run, { type: 'execute' })]);
  for (const { id } of run.tasks.slice(1, 3)) {
    await store.append([commanded(run, { type: 'start', taskIds: [id] })]);
  }
  expect(run.seq).toBe(5);
  if (isOld) tamper(file, 'UPDATE event SET checks = NULL');
  return { ...made, run };
}

/** Changes a file as no store would. */
function tamper(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

const segment = (seq: number): string => `no & 0xffffffff = ${seq}`;
const cutBy = (seq: number, count: number): string =>
  `UPDATE event SET lines = substr(lines, 1, length(lines) - ${count}) WHERE ${segment(seq)}`;

describe('a checksum for each event', () => {
  test('whatever character of a log is changed, reading and verifying say so', async () => {
    const { store, file } = await written();
    const database = new Database(file);
    cleanUps.push(() => void database.close());
    const rows = database
      .prepare<[], { no: bigint; lines: string }>('SELECT no, lines FROM event')
      .safeIntegers()
      .all();
    const put = database.prepare('UPDATE event SET lines = ? WHERE no = ?');
    const places = fc.integer({ min: 0, max: rows.length - 1 }).chain((row) =>
      fc.record({
        row: fc.constant(row),
        at: fc.nat((rows[row]?.lines.length ?? 1) - 1),
        by: fc.integer({ min: 1, max: 90 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(places, async ({ row, at, by }) => {
        const { no, lines } = rows[row] as (typeof rows)[number];
        const changed = String.fromCodePoint(32 + (((lines.codePointAt(at) ?? 32) - 32 + by) % 95));
        put.run(`${lines.slice(0, at)}${changed}${lines.slice(at + 1)}`, no);
        try {
          await expect(store.readEvents(TREE, 0, 100)).rejects.toMatchObject({ code: 'storage/corrupt' });
          expect(await store.verifyLog(TREE)).toMatchObject({ soundSeq: undefined });
        } finally {
          put.run(lines, no);
        }
      }),
    );
    expect(await store.verifyLog(TREE)).toBeUndefined();
  });

  test('also for the texts beside a large creation', async () => {
    const { store, file } = await written({ size: 2_500 });
    expect(await store.verifyLog(TREE)).toBeUndefined();
    tamper(file, `UPDATE event_part SET data = replace(data, '"work"', '"walk"') WHERE part = 2`);
    expect(await store.verifyLog(TREE)).toMatchObject({
      seq: 1,
      problem: expect.stringContaining('checksum') as string,
    });
    await expect(store.readEvents(TREE, 0, 1)).rejects.toMatchObject({ code: 'storage/corrupt' });
  });

  test('a file that was written before is read as before, and what is appended has its checksums', async () => {
    const { store, file, run } = await written({ isOld: true });
    const [third] = run.tasks.slice(3);
    await store.append([commanded(run, { type: 'start', taskIds: [third?.id ?? TREE] })]);
    expect((await store.readEvents(TREE, 0, 100)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await store.verifyLog(TREE)).toBeUndefined();
    tamper(file, `UPDATE event SET lines = replace(lines, '[6,', '[6, ') WHERE ${segment(6)}`);
    expect(await store.verifyLog(TREE)).toMatchObject({ seq: 6 });
  });
});

describe('the end of a log that was cut off', () => {
  test.each([
    { what: 'in the last event', sql: cutBy(5, 7), isOld: false },
    { what: 'down to nothing', sql: `UPDATE event SET lines = '' WHERE ${segment(5)}`, isOld: false },
    { what: 'in a log without checksums', sql: cutBy(5, 7), isOld: true },
  ])('$what: it is told from other damage, and the log goes on without it', async ({ sql, isOld }) => {
    const { store, file, run } = await written({ isOld });
    tamper(file, sql);
    expect(await store.verifyLog(TREE)).toMatchObject({ seq: 5, soundSeq: 4 });
    await expect(store.readEvents(TREE, 0, 100)).rejects.toThrow('event 5');
    expect((await store.readEvents(TREE, 0, 4)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(run.seq).toBe(5);
  });

  test('between two events of one append: both are lost, because they belong together', async () => {
    const { store, file } = await written();
    tamper(file, `DELETE FROM event WHERE no & 0xffffffff > 2; UPDATE tree SET seq = 3`);
    tamper(file, `UPDATE event SET lines = substr(lines, 1, instr(lines, char(10)) - 1) WHERE ${segment(2)}`);
    expect(await store.verifyLog(TREE)).toMatchObject({ seq: 3, soundSeq: 1 });
  });

  test.each([
    { what: 'events are missing as a whole', sql: `DELETE FROM event WHERE ${segment(5)}` },
    { what: 'another event follows', sql: cutBy(4, 7) },
    { what: 'more is missing after it', sql: `DELETE FROM event WHERE ${segment(5)}; ${cutBy(4, 7)}` },
    {
      what: 'the text is as long as it was',
      sql: `UPDATE event SET lines = replace(lines, ']', ' ') WHERE ${segment(5)}`,
    },
    {
      what: 'nothing is left',
      sql: `DELETE FROM event WHERE no & 0xffffffff > 1; UPDATE tree SET seq = 1; ${cutBy(1, 9)}`,
    },
  ])('is something else when $what', async ({ sql }) => {
    const { store, file } = await written();
    tamper(file, sql);
    expect(await store.verifyLog(TREE)).toMatchObject({ soundSeq: undefined });
  });

  test('a gap is met by reading, too', async () => {
    const { store, file } = await written();
    tamper(file, `DELETE FROM event WHERE ${segment(2)}`);
    await expect(store.readEvents(TREE, 0, 100)).rejects.toMatchObject({ code: 'storage/corrupt' });
    await expect(store.readEvents(TREE, 1, 100)).rejects.toThrow('event 2: it is missing');
    expect((await store.readEvents(TREE, 3, 100)).map(({ seq }) => seq)).toEqual([4, 5]);
  });
});

describe('files that others take away under an open store', () => {
  test.each([
    { what: 'deleted', take: (file: string) => rmSync(file) },
    { what: 'moved away', take: (file: string) => renameSync(file, `${file}.moved`) },
    {
      what: 'replaced by a copy',
      take: (file: string) => {
        copyFileSync(file, `${file}.copy`);
        renameSync(`${file}.copy`, file);
      },
    },
    { what: 'robbed of its log of changes', take: (file: string) => rmSync(`${file}-wal`) },
  ])('a database that was $what: after a millisecond nothing is acknowledged any more', async ({ take }) => {
    const { store, file, run } = await written();
    await store.ping();
    take(file);
    const appends = async (): Promise<void> => {
      for (let at = 0; at < 1_000; at++) await store.append([createTree(`b${at}`, 1)]);
    };
    await expect(appends()).rejects.toMatchObject({ code: 'storage/replaced' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'storage/replaced' });
    expect(run.seq).toBe(5);
  });

  test('what the store itself does to its files is no such thing', async () => {
    const { store, file } = await written();
    const reader = new Database(file, { readonly: true });
    reader.prepare('SELECT count(*) FROM tree').get();
    reader.close();
    for (let at = 0; at < 40; at++) await store.append([createTree(`big${at}`, 400)]);
    await expect(store.ping()).resolves.toBeUndefined();
  });
});
