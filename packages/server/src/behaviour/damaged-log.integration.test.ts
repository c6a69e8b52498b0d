/** Logs that can not be read (R-CP-13): that run is set aside and says so, everything else starts. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { newDir, start, unstarted, type Bench, type StoredTree } from './bench.fixture.ts';

const TASKS = [
  { name: 'root' },
  { name: 'a', parentId: 'root', executor: 'work' },
  { name: 'b', parentId: 'root', executor: 'work', dependencies: ['a'] },
];

const ECHO = [{ name: 'x', executor: 'echo' }];

/** Changes the log of a tree as no store would. `{no}` in the SQL stands for the tree's number. */
function tamper(dir: string, { treeId }: Pick<StoredTree, 'treeId'>, sql: string): void {
  const database = new Database(join(dir, 'coppice.db'));
  const no = database.prepare<[string], { no: number }>('SELECT no FROM tree WHERE id = ?').get(treeId)?.no ?? 0;
  database.exec(sql.replaceAll('{tree}', `no BETWEEN (${no} << 32) AND ((${no} << 32) | 0xffffffff)`));
  database.close();
}

/** Two runs that a stop has left in the middle: `a` has ended in each, `b` was under way. */
async function twoStopped(): Promise<{ readonly dir: string; readonly bad: StoredTree; readonly good: StoredTree }> {
  const dir = await newDir();
  const bench = await start({ dir });
  bench.work.on('a', () => 'done');
  const [bad, good] = [await bench.begin(TASKS), await bench.begin(TASKS)];
  for (const { treeId } of [bad, good]) {
    await bench.event(
      { treeId },
      ({ type, taskId }) => type === 'TaskStarted' && taskId !== undefined && taskId.endsWith('.2'),
    );
  }
  await bench.stop();
  return { dir, bad, good };
}

async function restarted(dir: string): Promise<Bench> {
  const bench = await unstarted({ dir });
  bench.work.on(undefined, ({ name }) => name);
  await bench.local.start();
  return bench;
}

const LAST = '(SELECT max(no) FROM event WHERE {tree})';
const SECOND = '(SELECT no FROM event WHERE {tree} ORDER BY no LIMIT 1 OFFSET 1)';

describe('a log that can not be read', () => {
  it.each([
    { damage: 'a lost tail', sql: `DELETE FROM event WHERE no = ${LAST}`, says: 'missing at the end' },
    { damage: 'a gap', sql: `DELETE FROM event WHERE no = ${SECOND}`, says: 'missing' },
    { damage: 'broken text', sql: `UPDATE event SET lines = '{' || lines WHERE no = ${SECOND}`, says: 'event 2' },
    {
      damage: 'changed text',
      sql: `UPDATE event SET lines = replace(lines, ',1,', ',2,') WHERE no = ${LAST}`,
      says: 'checksum',
    },
    { damage: 'a newer version', sql: `UPDATE event SET version = 3 WHERE no = ${SECOND}`, says: 'newer' },
    {
      damage: 'an edge without its source',
      sql: `UPDATE event SET checks = NULL, lines = replace(lines, '[[1,', '[[7,') WHERE {tree} AND no & 0xffffffff = 1`,
      says: 'its log can not be read',
    },
    { damage: 'no log at all', sql: `DELETE FROM event WHERE {tree}`, says: 'missing at the end' },
  ])('$damage sets its run aside, everything else starts', async ({ sql, says }) => {
    const { dir, bad, good } = await twoStopped();
    tamper(dir, bad, sql);
    const bench = await restarted(dir);
    expect(await bench.settled(good)).toBe('completed');
    expect(await bench.settled(bad)).toBe('failed');

    const health = await bench.call('system.health', {});
    expect(health).toMatchObject({ status: 'degraded', ready: true, quarantinedCount: 1, cutLogs: [] });
    expect(health.quarantined).toEqual([{ treeId: bad.treeId, problem: expect.stringContaining(says) as string }]);
    const { tree } = await bench.get(bad.treeId);
    expect(tree).toMatchObject({ status: 'failed', error: { code: 'storage/unreadable' } });
    const { items } = await bench.call('tasks.list', { status: 'failed' });
    expect(items.map(({ id }) => id)).toEqual([bad.treeId]);
    expect((await bench.get(bad.ids['b'])).error).toMatchObject({ code: 'storage/unreadable' });
    expect(await bench.explain(bad.treeId)).toContain(says);

    const taskId = bad.treeId;
    const refusals = [
      await bench.refusal('tasks.execute', { taskId }),
      await bench.refusal('tasks.cancel', { taskId }),
      await bench.refusal('tasks.retry', { taskId, mode: 'failure' }),
      await bench.refusal('tasks.copy', { taskId }),
      await bench.refusal('tasks.update', { taskId, patch: { name: 'x' } }),
    ];
    for (const { code, message, data } of refusals) {
      expect([code, data?.code]).toEqual([-32015, 'storage/unreadable']);
      expect(message).toContain(says);
    }
    expect(await bench.call('tasks.delete', { taskId })).toEqual({ deleted: 3 });
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', quarantinedCount: 0 });
  });

  it('is met when somebody asks for a run that has ended: it says so, and the events are refused', async () => {
    const dir = await newDir();
    const first = await start({ dir });
    const [bad, good] = [await first.run(ECHO), await first.run(ECHO)];
    await first.stop();
    tamper(dir, bad, `UPDATE event SET lines = '' WHERE no = ${SECOND}`);
    const bench = await restarted(dir);
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok' });
    for (const method of ['tasks.events', 'tasks.attempts'] as const) {
      const params = method === 'tasks.events' ? { treeId: bad.treeId } : { taskId: bad.treeId };
      expect(await bench.refusal(method, params as never)).toMatchObject({ code: -32015 });
    }
    expect(await bench.refusal('tasks.copy', { taskId: bad.treeId })).toMatchObject({ code: -32015 });
    expect((await bench.get(bad.treeId)).tree).toMatchObject({ status: 'failed' });
    expect((await bench.get(good.treeId)).tree).toMatchObject({ status: 'completed' });
    expect((await bench.run([{ name: 'z', executor: 'echo' }])).status).toBe('completed');
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'degraded', quarantinedCount: 1 });
  });

  it('that is sound again at the next start goes on from where it was', async () => {
    const { dir, bad, good } = await twoStopped();
    tamper(dir, bad, `UPDATE event SET version = 3 WHERE {tree}`);
    const without = await restarted(dir);
    expect(await without.settled(good)).toBe('completed');
    expect(without.work.starts).toEqual(['b/2']);
    await without.stop();
    const still = await restarted(dir);
    expect(await still.call('system.health', {})).toMatchObject({ status: 'degraded', quarantinedCount: 1 });
    await still.stop();
    tamper(dir, bad, `UPDATE event SET version = 1 WHERE {tree}`);
    const again = await restarted(dir);
    expect(await again.settled(bad)).toBe('completed');
    expect(again.work.starts).toEqual(['b/2']);
    expect(await again.statuses(bad)).toEqual({ root: 'completed', a: 'completed', b: 'completed' });
    expect(await again.call('system.health', {})).toMatchObject({ status: 'ok', quarantinedCount: 0 });
  });
});

describe('the end of a log that was cut off', () => {
  it('is tolerated and reported: the run goes on from the event before it', async () => {
    const { dir, bad } = await twoStopped();
    tamper(dir, bad, `UPDATE event SET lines = substr(lines, 1, length(lines) - 5) WHERE no = ${LAST}`);
    const bench = await restarted(dir);
    expect(await bench.settled(bad)).toBe('completed');
    const health = await bench.call('system.health', {});
    expect(health).toMatchObject({ status: 'degraded', ready: true, quarantinedCount: 0 });
    expect(health.cutLogs).toEqual([{ treeId: bad.treeId, seq: expect.any(Number) as number }]);
    expect(
      bench.log.some(({ level, message }) => level === 'error' && message.startsWith('The end of a log was cut off')),
    ).toBe(true);
    expect(await bench.statuses(bad)).toEqual({ root: 'completed', a: 'completed', b: 'completed' });
  });

  it('of a run that had ended: asked for it, it goes on to its end again', async () => {
    const dir = await newDir();
    const first = await start({ dir });
    const tree = await first.run(ECHO);
    await first.stop();
    tamper(dir, tree, `UPDATE event SET lines = substr(lines, 1, length(lines) - 5) WHERE no = ${LAST}`);
    const bench = await restarted(dir);
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', cutLogs: [] });
    expect(await bench.settled(tree)).toBe('completed');
    expect((await bench.call('system.health', {})).cutLogs).toHaveLength(1);
  });
});

describe('database files that are taken away under a running engine', () => {
  it('are noticed: nothing is acknowledged any more, and health says failed', async () => {
    const dir = await newDir();
    const bench = await start({ dir });
    const tree = await bench.begin(TASKS);
    const held = await bench.work.started('a');
    const waiting = bench.engine.settled(tree.treeId).then(
      () => 'settled',
      (error: Error & { code?: string }) => error.code,
    );
    for (const end of ['', '-wal', '-shm']) renameSync(join(dir, `coppice.db${end}`), join(dir, `moved.db${end}`));
    const acknowledged = async (): Promise<void> => {
      for (let at = 0; at < 1_000; at++) await bench.create([{ name: 'lost', executor: 'echo' }]);
    };
    await expect(acknowledged()).rejects.toMatchObject({ error: { code: -32603 } });
    expect(await waiting).toBe('storage/replaced');
    held.complete();
    expect(await bench.call('system.health', {})).toMatchObject({
      status: 'failed',
      ready: false,
      storeError: 'storage/replaced',
    });
  });

  it('also while nothing is written, by whoever asks for the health', async () => {
    const dir = await newDir();
    const bench = await start({ dir });
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok' });
    for (const end of ['', '-wal', '-shm']) renameSync(join(dir, `coppice.db${end}`), join(dir, `moved.db${end}`));
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'failed', storeError: 'storage/replaced' });
    expect(await bench.refusal('tasks.create', { tasks: [{ name: 'lost', executor: 'echo' }] })).toMatchObject({
      code: -32603,
    });
  });
});
