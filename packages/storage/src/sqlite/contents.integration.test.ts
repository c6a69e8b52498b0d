/** Large values in a file: each text is there once, is missed when it is gone, and goes with the last tree that has it. */
import { stat } from 'node:fs/promises';
import type { Json, RunState, TaskId, TreeId } from '@coppice/core';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LARGE_CHARS } from '../record/large-values.ts';
import { deleteOrphans, examineDatabase } from './examine-database.ts';
import { commanded, createTree } from './run.fixture.ts';
import type { SqliteStore } from './sqlite-store.ts';
import { temporaryStore } from './temporary-store.fixture.ts';

async function opened(): Promise<{ readonly store: SqliteStore; readonly file: string }> {
  const made = await temporaryStore();
  onTestFinished(() => made.dispose());
  await made.store.open();
  return made;
}

/** Completes tasks one after the other; each records what the one before it gave. */
async function complete(store: SqliteStore, run: RunState, outputs: readonly Json[]): Promise<void> {
  await store.append([commanded(run, { type: 'execute' })]);
  for (const [at, output] of outputs.entries()) {
    const taskId = run.tasks[at + 1]?.id as TaskId;
    const value = outputs[at - 1] ?? null;
    const part = commanded(
      run,
      { type: 'start', taskIds: [taskId] },
      { type: 'record', taskId, attempt: 1, key: 'k', occurrence: 1, value },
      { type: 'complete', taskId, attempt: 1, outcome: { output } },
    );
    // As the engine does, only what has changed.
    await store.append([{ ...part, tasks: part.tasks.filter(({ id }) => id === taskId) }]);
  }
}

async function stored(id: string, store: SqliteStore, outputs: readonly Json[]): Promise<RunState> {
  const creation = createTree(id, outputs.length);
  await store.append([creation]);
  await complete(store, creation.run, outputs);
  return creation.run;
}

function rows(file: string, table: string): number {
  return query(file, `SELECT count(*) FROM ${table}`);
}

function query(file: string, sql: string): number {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).pluck().get() as number;
  } finally {
    database.close();
  }
}

function damage(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

describe('large values in a file (R-DR-03)', () => {
  test('a thousand outputs of 10 kB, each passed on to the next task, take little more than they are', async () => {
    const { store, file } = await opened();
    const outputs = Array.from({ length: 1_000 }, (_, at) => ({ text: String(at).padEnd(10_000, `${at} `) }));
    await stored('a', store, outputs);
    await store.close();
    const distinct = outputs.reduce((sum, { text }) => sum + text.length, 0);
    expect((await stat(file)).size).toBeLessThanOrEqual(1.3 * distinct);
    expect(rows(file, 'content')).toBe(1_000);
  });

  test('small values are where they always were', async () => {
    const { store, file } = await opened();
    await stored('a', store, ['x'.repeat(LARGE_CHARS - 100), { n: 1 }]);
    expect(rows(file, 'content')).toBe(0);
  });

  test('a content goes with the last tree that has it, and stays away when its part was refused', async () => {
    const { store, file } = await opened();
    const shared = 's'.repeat(10_000);
    const [a, b] = [await stored('a', store, [shared, 'a'.repeat(9_000)]), await stored('b', store, [shared])];
    expect(rows(file, 'content')).toBe(2);
    const creation = createTree('c', 1);
    await store.append([creation]);
    const refused = {
      ...commanded(creation.run, { type: 'execute', inputs: { v: 'c'.repeat(9_000) } }),
      expectedSeq: 7,
    };
    const events = refused.events.map((event) => ({ ...event, seq: event.seq + 6 }));
    expect(await store.append([{ ...refused, events }])).toHaveLength(1);
    expect(rows(file, 'content')).toBe(2);
    await store.append([{ kind: 'treeRemoval', treeId: 'a' as TreeId, expectedSeq: a.seq }]);
    expect(rows(file, 'content')).toBe(1);
    await store.append([{ kind: 'treeRemoval', treeId: 'b' as TreeId, expectedSeq: b.seq }]);
    expect([rows(file, 'content'), rows(file, 'content_use')]).toEqual([0, 0]);
  });

  test.each([
    ['missing', 'DELETE FROM content'],
    ['not as it was written', `UPDATE content SET text = '"y' || substr(text, 3)`],
  ])('a content that is %s is located (R-DR-13)', async (problem, sql) => {
    const { store, file } = await opened();
    const run = await stored('a', store, ['x'.repeat(10_000)]);
    damage(file, sql);
    const seq = 6;
    const told = new RegExp(`its content [0-9a-f]{64} is ${problem}`);
    expect(await store.verifyLog(run.treeId)).toMatchObject({ seq, problem: expect.stringMatching(told) as string });
    await expect(store.readEvents(run.treeId, 0, 100)).rejects.toThrow(`Tree a, event ${seq}: its content`);
    await expect(store.listTasks(run.treeId)).rejects.toMatchObject({ code: 'storage/corrupt' });
  });

  test('what no tree uses is found and deleted by an examination', async () => {
    const { store, file } = await opened();
    await stored('a', store, ['x'.repeat(10_000)]);
    await store.close();
    expect(examineDatabase(file)).toMatchObject({ orphans: [], contents: { count: 1, chars: 10_002 } });
    damage(file, `INSERT INTO content (hash, text) VALUES (x'00', '0'); INSERT INTO content_use VALUES (99, 1)`);
    expect(examineDatabase(file).orphans).toEqual([
      { table: 'content_use', rows: 1 },
      { table: 'content', rows: 1 },
    ]);
    expect(deleteOrphans(file)).toBe(2);
    expect(examineDatabase(file)).toMatchObject({ orphans: [], contents: { count: 1 } });
  });
});
