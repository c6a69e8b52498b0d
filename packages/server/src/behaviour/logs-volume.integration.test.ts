/** A task that writes a gigabyte costs a bounded amount of memory and disk, and its last lines are there (R-OB-08, R-ST-08). */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { newDir, start } from './bench.fixture.ts';

const MEBIBYTE = 1_048_576;
const LINE = 'x'.repeat(1_023);
/** What comes in one read of a pipe. */
const CHUNK = Buffer.from(`${LINE}\n`.repeat(256));
const CHUNKS = (1_024 * MEBIBYTE) / CHUNK.length;
const LINES = CHUNKS * 256;
/** Of an attempt 10 million characters are kept. The file also has its write-ahead log, and room that was given back. */
const FILE_MIB_MAX = 64;
const MEMORY_MIB_MAX = 200;

it('of a gigabyte of lines the newest are kept, and neither memory nor the file grows with it', async () => {
  const dir = await newDir();
  const bench = await start({ dir });
  const { ids, treeId } = await bench.begin([{ name: 'root' }, { name: 'a', parentId: 'root', executor: 'work' }]);
  const taskId = ids['a'] ?? '';
  const held = await bench.work.started('a');
  const before = process.memoryUsage().rss;
  let peak = 0;
  for (let at = 0; at < CHUNKS; at++) {
    held.ctx.stream(CHUNK);
    if (at % 64 === 0) peak = Math.max(peak, process.memoryUsage().rss - before);
    await nextTurn();
  }
  held.ctx.stream('the last line\n');
  held.complete();
  await bench.settled({ treeId });
  expect(peak / MEBIBYTE).toBeLessThan(MEMORY_MIB_MAX);
  const sizes = await Promise.all(['coppice.db', 'coppice.db-wal'].map((name) => stat(join(dir, name))));
  expect(sizes.reduce((sum, { size }) => sum + size, 0) / MEBIBYTE).toBeLessThan(FILE_MIB_MAX);
  const last = await bench.call('tasks.logs', { taskId, last: 1 });
  expect(last.items).toMatchObject([{ text: 'the last line', number: LINES + 1 }]);
  const all = await bench.call('tasks.logs', { taskId });
  expect(all.items[0]?.number).toBeGreaterThan(LINES - 11_000);
}, 120_000);
