import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { fold, TransientError, type TreeId } from '@coppice/core';
import { createTree } from './run.fixture.ts';
import { SqliteStore } from './sqlite-store.ts';
import { temporaryStore, type TemporaryStore } from './temporary-store.fixture.ts';

const WRITER = fileURLToPath(new URL('writer-process.fixture.ts', import.meta.url));

const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function temporary(): Promise<TemporaryStore> {
  const made = await temporaryStore();
  cleanUps.push(() => made.dispose());
  return made;
}

function another(file: string, readOnly = false): SqliteStore {
  const store = new SqliteStore({ file, readOnly });
  cleanUps.push(() => store.close());
  return store;
}

/** A writing process that has the lock; `lines` are the acknowledgements it has printed. */
async function writer(file: string): Promise<{
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly acknowledged: (count: number) => Promise<void>;
}> {
  const child = spawn(process.execPath, ['--conditions=coppice-source', WRITER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUps.push(() => kill(child));
  const output = createInterface({ input: child.stdout });
  const lines: string[] = [];
  output.on('line', (line) => lines.push(line));
  const ended = once(output, 'close').then(() => {
    throw new Error(`The writer ended with ${child.exitCode ?? child.signalCode} after ${lines.length} lines`);
  });
  // Nobody may be waiting when it is killed.
  ended.catch(() => {});
  const acknowledged = async (count: number): Promise<void> => {
    while (lines.length <= count) await Promise.race([once(output, 'line'), ended]);
  };
  await acknowledged(0);
  return { child, lines, acknowledged };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

describe('the writer of a file (R-CP-11)', () => {
  test('a second one in the same process is refused with the holder named, and may write when the first has closed', async () => {
    const { store, file } = await temporary();
    await store.open();
    const second = another(file);
    await expect(second.open()).rejects.toThrow(TransientError);
    await expect(second.open()).rejects.toMatchObject({ code: 'storage/locked' });
    await expect(second.open()).rejects.toThrow(String(process.pid));
    await store.append([createTree('still-mine', 1)]);
    await store.close();
    await second.open();
    expect(await second.findTree('still-mine' as TreeId)).toBeDefined();
    await expect(store.open()).rejects.toMatchObject({ code: 'storage/locked' });
  });

  test('a link to the file is the same file', async () => {
    const { store, file } = await temporary();
    await store.open();
    symlinkSync(file, `${file}-link`);
    await expect(another(`${file}-link`).open()).rejects.toMatchObject({ code: 'storage/locked' });
  });

  test('another process keeps writers out and lets readers in; SIGKILL frees the file, and nothing acknowledged is lost (R-EV-04, R-ST-06)', async () => {
    const { store, file } = await temporary();
    const first = await writer(file);
    await expect(store.open()).rejects.toMatchObject({ code: 'storage/locked' });
    await expect(store.open()).rejects.toThrow(`Process ${first.child.pid}`);

    const reader = another(file, true);
    await first.acknowledged(20);
    await reader.open();
    await first.acknowledged(first.lines.length + 20);
    // What was acknowledged after the reader had opened the file.
    const [tree = '', seq] = first.lines.at(-1)?.split(' ') ?? [];
    expect((await reader.readEvents(tree as TreeId, 0, 10_000)).length).toBeGreaterThanOrEqual(Number(seq));
    expect(await reader.verifyLog(tree as TreeId)).toBeUndefined();
    await expect(reader.append([createTree('mine', 1)])).rejects.toMatchObject({ code: 'storage/read-only' });
    await expect(reader.saveCursor('s', tree as TreeId, 1)).rejects.toMatchObject({ code: 'storage/read-only' });

    await kill(first.child);
    await store.open();
    const acknowledgedSeqs = new Map(first.lines.slice(1).map((line) => line.split(' ') as [TreeId, string]));
    expect(acknowledgedSeqs.size).toBeGreaterThan(0);
    for (const [treeId, seq] of acknowledgedSeqs) {
      expect(await store.verifyLog(treeId)).toBeUndefined();
      const events = await store.readEvents(treeId, 0, 10_000);
      expect(events.length).toBeGreaterThanOrEqual(Number(seq));
      const folded = fold(events);
      expect((await store.listTasks(treeId)).map(({ status }) => status)).toEqual(
        folded?.tasks.map(({ status }) => status),
      );
    }
  });

  test('a process that is killed again and again leaves a sound file each time', async () => {
    const { store, file } = await temporary();
    for (const count of [1, 7, 60, 111]) {
      const { child, lines, acknowledged } = await writer(file);
      await acknowledged(count);
      await kill(child);
      await store.open();
      for (const { task } of (await store.list({ rootOnly: true }, { limit: 100 })).items) {
        expect(await store.verifyLog(task.treeId)).toBeUndefined();
      }
      const [treeId, seq] = lines.at(-1)?.split(' ') ?? [];
      expect((await store.findTree(treeId as TreeId))?.seq).toBeGreaterThanOrEqual(Number(seq));
      await store.close();
    }
  });

  test('an open that fails, and a close, let go of the lock', async () => {
    const { store, file } = await temporary();
    await store.open();
    await store.close();
    expect(existsSync(`${file}-writer.pid`)).toBe(false);
    const limited = new SqliteStore({ file: `${file}-small`, maxBytes: 1 });
    await expect(limited.open()).rejects.toMatchObject({ code: 'storage/full' });
    await another(`${file}-small`).open();
  });
});
