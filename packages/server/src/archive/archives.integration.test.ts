/** Runs leave the store as files and come back the same (R-HI-02, R-HI-03). */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { TreeId } from '@coppice/core';
import { systemClock } from '@coppice/engine';
import { exportRun } from '@coppice/protocol';
import type { Params } from '@coppice/protocol';
import { treeSubmissions } from '@coppice/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerConfigInput } from '../config.ts';
import { newDir, start, type Bench, type StoredTree, type Tasks } from '../behaviour/bench.fixture.ts';
import { Archives } from './archives.ts';
import { sha256 } from './write-run-file.ts';

type Rules = NonNullable<NonNullable<ServerConfigInput['retention']>['rules']>;

const ALL: readonly string[] = ['completed', 'failed', 'cancelled', 'running', 'created'];

/** Two attempts, a line of output, a failure that is allowed, hostile text. */
const TASKS = [
  { name: 'root' },
  { name: 'a', parentId: 'root', executor: 'work', policies: { retry: { maxAttempts: 2, strategy: 'immediate' } } },
  { name: 'b', parentId: 'root', executor: 'work', dependencies: ['a'], allowFailure: true },
] as unknown as Tasks;

async function ended(bench: Bench): Promise<StoredTree> {
  bench.work.on('a', (held) => {
    held.ctx.stream(`try ${held.attempt}\n<b>\u001b[31mred\u2028line\n`);
    if (held.attempt === 1) held.fail(new Error('once'));
    else held.complete({ text: '</script>\u0000', deep: [1, { a: null }] });
  });
  bench.work.on('b', (held) => held.fail(new Error('no')));
  return bench.run(TASKS);
}

/** All that can be asked about a tree. */
async function allOf(bench: Bench, { treeId }: Pick<StoredTree, 'treeId'>): Promise<unknown> {
  const { items } = await bench.call('tasks.logs', { taskId: treeId });
  return {
    hash: await bench.engine.stateHash(treeId),
    events: await bench.events({ treeId }),
    tasks: await bench.store.listTasks(treeId),
    tree: await bench.store.findTree(treeId),
    lines: items.map((line) => ({ ...line, offset: 0 })),
  };
}

const archive = (bench: Bench, treeId: string) =>
  bench.call('tasks.bulk', { action: 'archive', filter: { treeIds: [treeId], status: [...ALL] as never } });

async function fileOf(bench: Bench): Promise<string> {
  const [name] = (await readdir(join(bench.dir, 'archive'))).filter((each) => each.endsWith('.gz'));
  return join(bench.dir, 'archive', name ?? '');
}

describe('an archived run', () => {
  it('leaves the store, is listed and verified, and comes back the same in all that can be asked', async () => {
    const bench = await start();
    const tree = await ended(bench);
    const before = await allOf(bench, tree);
    const { treeId } = tree;
    expect((await archive(bench, treeId)).items).toMatchObject([{ ok: true, taskCount: 3 }]);
    expect(await bench.store.findTree(treeId)).toBeUndefined();
    const { items } = await bench.call('archives.list', {});
    expect(items).toMatchObject([{ treeId, name: 'root', status: 'completed', isStored: false, problem: null }]);
    expect(await bench.call('archives.verify', { treeId })).toMatchObject({ treeId, logLines: 4 });
    expect(await bench.call('archives.restore', { treeId })).toMatchObject({ treeId, isNew: true });
    expect(await allOf(bench, tree)).toEqual(before);
    expect(await bench.call('archives.restore', { treeId })).toMatchObject({ isNew: false });
    expect(await allOf(bench, tree)).toEqual(before);
  });

  it('can be retried and copied once it is back', async () => {
    const bench = await start();
    const { treeId } = await ended(bench);
    await archive(bench, treeId);
    await bench.call('archives.restore', { treeId });
    bench.work.on('b', (held) => held.complete(1));
    await bench.call('tasks.retry', { taskId: treeId, mode: 'start' });
    expect(await bench.settled({ treeId })).toBe('completed');
    expect(await bench.statuses({ treeId })).toEqual({ root: 'completed', a: 'completed', b: 'completed' });
    await bench.call('tasks.copy', { taskId: treeId, mode: 'full' });
  });

  it('is the same by its hash, whatever tree it was (property)', async () => {
    const bench = await start();
    bench.work.on(undefined, (held) => (held.name.length % 3 === 0 ? held.fail(new Error('x')) : held.complete({})));
    const trees = fc.sample(treeSubmissions({ maxTasks: 12, mode: 'name' }), { numRuns: 25, seed: 7 });
    for (const { tasks } of trees) {
      const tree = await bench.run(tasks as unknown as Tasks);
      const before = await allOf(bench, tree);
      expect((await archive(bench, tree.treeId)).items).toMatchObject([{ ok: true }]);
      await bench.call('archives.restore', { treeId: tree.treeId });
      expect(await allOf(bench, tree)).toEqual(before);
    }
  });

  it('is not made of a run that has not ended, and the dry run says so, too', async () => {
    const bench = await start();
    const { treeId } = await bench.begin(TASKS);
    await bench.work.started('a');
    const filter = { treeIds: [treeId], status: ['running' as const] };
    for (const dryRun of [true, false])
      expect((await bench.call('tasks.bulk', { action: 'archive', filter, dryRun })).items).toMatchObject([
        { ok: false, error: { code: 'task/cannot-delete' } },
      ]);
    expect((await bench.call('archives.list', {})).items).toEqual([]);
  });

  it('stays in the store when something has happened to it meanwhile', async () => {
    const bench = await start();
    const { treeId } = await ended(bench);
    const { seq } = (await bench.store.findTree(treeId)) ?? { seq: 0 };
    expect(await bench.engine.delete(treeId, { seq: seq - 1 })).toMatchObject({ ok: false });
    expect(await bench.store.findTree(treeId)).toBeDefined();
  });

  it('stays in the store when its file is not the run, whoever is to blame', async () => {
    const bench = await start();
    const { treeId } = await ended(bench);
    const { engine } = bench;
    const forgetful: typeof engine = {
      ...engine,
      events: async (id, range) => {
        const page = await engine.events(id, range);
        if (!page.ok) return page;
        return { ok: true, value: page.value.map((event) => ({ ...event, atMs: event.atMs - 1 })) };
      },
    };
    const archives = new Archives({ engine: forgetful, folder: join(bench.dir, 'archive'), nowMs: Date.now });
    expect(await archives.archive(treeId)).toMatchObject({ ok: false, rejection: { code: 'storage/unreadable' } });
    expect(await bench.store.findTree(treeId)).toBeDefined();
  });

  it('can not be used when any byte of its file is another one, and the list says why', async () => {
    const bench = await start();
    const { treeId } = await ended(bench);
    await archive(bench, treeId);
    const file = await fileOf(bench);
    const whole = await readFile(file);
    const text = gunzipSync(whole).toString();
    const damaged = [
      whole.subarray(0, whole.length - 20),
      Buffer.concat([whole.subarray(0, 40), Buffer.from([7, 7, 7]), whole.subarray(43)]),
      Buffer.alloc(0),
      Buffer.from('no gzip'),
      gzipSync(text.replace('once', 'onze')),
      gzipSync(text.split('\n').toSpliced(3, 1).join('\n')),
      gzipSync(text.split('\n').slice(0, -2).join('\n')),
      gzipSync(`${text}{"seq":1}\n`),
      gzipSync(text.replace('"version":2', '"version":9')),
      gzipSync(text.replace('"type":"TaskStarted"', '"type":"TaskStolen"')),
    ];
    for (const bytes of damaged) {
      await writeFile(file, bytes);
      for (const method of ['archives.verify', 'archives.restore'] as const) {
        const { data, message } = await bench.refusal(method, { treeId });
        expect(data).toMatchObject({ code: 'storage/unreadable' });
        expect(message).toMatch(/\.$/);
      }
      expect((await bench.call('archives.list', {})).items).toHaveLength(1);
      expect(await bench.store.findTree(treeId)).toBeUndefined();
    }
    await writeFile(file, whole);
    await bench.call('archives.restore', { treeId });
  });

  it('is refused under the name of another one, and unknown ones are unknown', async () => {
    const bench = await start();
    const { treeId } = await ended(bench);
    await archive(bench, treeId);
    const file = await fileOf(bench);
    await writeFile(file.replace(treeId, 'other'), await readFile(file));
    expect((await bench.refusal('archives.restore', { treeId: 'other' })).data).toMatchObject({
      code: 'storage/unreadable',
    });
    for (const name of ['nobody', '../archive/x', '..%2f..', '/etc/passwd'])
      expect((await bench.refusal('archives.verify', { treeId: name })).data).toMatchObject({ code: 'task/not-found' });
  });

  it('is deleted for good on request', async () => {
    const bench = await start();
    const { treeId } = await ended(bench);
    await archive(bench, treeId);
    await bench.call('archives.delete', { treeId });
    expect((await bench.refusal('archives.delete', { treeId })).data).toMatchObject({ code: 'task/not-found' });
    expect(await readdir(join(bench.dir, 'archive'))).toEqual([]);
  });
});

describe('a run that is brought in', () => {
  it('is the same on another engine, and is refused where its id is another run (R-HI-03)', async () => {
    const [from, to] = [await start(), await start()];
    const tree = await ended(from);
    const before = await allOf(from, tree);
    await archive(from, tree.treeId);
    const data = (await readFile(await fileOf(from))).toString('base64');
    expect(await to.call('tasks.import', { data })).toMatchObject({ treeId: tree.treeId, isNew: true });
    expect(await allOf(to, tree)).toEqual(before);
    expect(await to.call('tasks.import', { data })).toMatchObject({ isNew: false });
    to.work.on(undefined, (held) => held.complete());
    await to.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    await to.settled(tree);
    expect((await to.refusal('tasks.import', { data })).data).toMatchObject({ code: 'tree/invalid' });
    expect((await to.refusal('tasks.import', { data: 'AAAA' })).data).toMatchObject({ code: 'tree/invalid' });
  });

  it('is refused when a line is another one, also where nothing is known of its state', async () => {
    const [from, to] = [await start(), await start()];
    const { treeId } = await ended(from);
    const texts: string[] = [];
    const call = from.local.call.bind(from.local);
    const tasks = {
      events: (params: Params<'tasks.events'>) => call('tasks.events', params),
      get: (params: Params<'tasks.get'>) => call('tasks.get', params),
      logs: (params: Params<'tasks.logs'>) => call('tasks.logs', params),
    };
    for await (const text of exportRun({ tasks }, treeId, sha256())) texts.push(text);
    const text = texts.join('');
    const dataOf = (lines: string): string => gzipSync(lines).toString('base64');
    const { message } = await to.refusal('tasks.import', { data: dataOf(text.replace('once', 'onze')) });
    expect(message).toBe('The file is not what was saved: its hash is another one. Take another copy of it.');
    expect(await to.store.findTree(treeId)).toBeUndefined();
    expect(await to.call('tasks.import', { data: dataOf(text) })).toMatchObject({ isNew: true });
    expect(await to.engine.stateHash(treeId)).toEqual(await from.engine.stateHash(treeId));
  });

  it('is seen by whoever follows all trees', async () => {
    const [from, to] = [await start(), await start()];
    const tree = await ended(from);
    await archive(from, tree.treeId);
    const seen: number[] = [];
    to.engine.subscribe({}, { event: (_treeId, { seq }) => void seen.push(seq) });
    await to.call('tasks.import', { data: (await readFile(await fileOf(from))).toString('base64') });
    const count = (await to.events(tree)).length;
    await expect.poll(() => seen).toEqual(Array.from({ length: count }, (_, at) => at + 1));
  });
});

describe('the engine', () => {
  it('brings no run in that has not ended, or whose log is not whole', async () => {
    const bench = await start();
    const { treeId } = await bench.begin(TASKS);
    const held = await bench.work.started('a');
    const events = await bench.events({ treeId });
    const other = await start();
    expect(await other.engine.importRun({ events })).toMatchObject({
      ok: false,
      rejection: { code: 'task/invalid-transition' },
    });
    for (const broken of [[], events.slice(1), [...events.slice(0, 2), ...events.slice(3)]])
      expect(await other.engine.importRun({ events: broken })).toMatchObject({
        ok: false,
        rejection: { code: 'tree/invalid' },
      });
    held.complete();
    expect(await other.engine.stateHash('nobody' as TreeId)).toMatchObject({ ok: false });
  });
});

describe('retention (R-HI-01)', () => {
  async function withRuns(rules: Rules, folder: string): Promise<{ bench: Bench; trees: readonly string[] }> {
    const bench = await start({ dir: folder, config: { retention: { rules, everyMs: 2_000_000 } } });
    bench.work.on(undefined, (held) => held.complete());
    const trees: string[] = [];
    for (const name of ['nightly', 'nightly', 'nightly', 'other'])
      trees.push((await bench.run([{ name }, { name: 'x', parentId: name, executor: 'work' }])).treeId);
    return { bench, trees };
  }

  it('lets those go that are one too many of their name, oldest first, and nothing that is under way', async () => {
    const { bench, trees } = await withRuns(
      [{ name: 'night*', keep: 1, action: 'delete' }, { keep: 1 }],
      await newDir(),
    );
    bench.work.on('held', () => new Promise(() => undefined));
    const running = await bench.begin([{ name: 'nightly' }, { name: 'held', parentId: 'nightly', executor: 'work' }]);
    const planned = await bench.call('retention.apply', { dryRun: true });
    expect(planned.items.map(({ treeId, action, because, rule }) => [treeId, action, because, rule])).toEqual([
      [trees[1], 'delete', 'count', 0],
      [trees[0], 'delete', 'count', 0],
    ]);
    expect(await bench.store.findTree(trees[0] as TreeId)).toBeDefined();
    expect(await bench.call('retention.apply', { limit: 1 })).toMatchObject({ more: true });
    expect((await bench.call('retention.apply', {})).items).toHaveLength(1);
    expect((await bench.call('retention.apply', {})).items).toEqual([]);
    for (const [at, treeId] of trees.entries())
      expect((await bench.store.findTree(treeId as TreeId)) === undefined).toBe(at < 2);
    expect(await bench.store.findTree(running.treeId)).toBeDefined();
    expect((await bench.call('archives.list', {})).items).toEqual([]);
  });

  it('archives those that ended long ago, and leaves one alone that was restored until it is archived again', async () => {
    const folder = await newDir();
    const { bench, trees } = await withRuns([{ status: ['completed'], maxAgeMs: 1_000 }], folder);
    await bench.stop();
    const clock = { ...systemClock, nowMs: () => Date.now() + 3_600_000 };
    const old = await start({ dir: folder, config: { retention: { rules: [{ maxAgeMs: 1_000 }] } }, clock });
    expect((await old.call('retention.apply', {})).items).toHaveLength(trees.length);
    expect((await old.call('archives.list', {})).items).toHaveLength(trees.length);
    const [treeId = ''] = trees;
    await old.call('archives.restore', { treeId });
    expect((await old.call('retention.apply', {})).items).toEqual([]);
    expect((await archive(old, treeId)).items).toMatchObject([{ ok: true }]);
    expect((await old.call('archives.list', {})).items).toHaveLength(trees.length);
  });

  it('has rules by default, and none where the configuration says so', async () => {
    const bench = await start();
    const tree = await ended(bench);
    expect(await bench.call('retention.apply', {})).toEqual({ items: [], more: false });
    expect(await bench.store.findTree(tree.treeId)).toBeDefined();
  });
});
