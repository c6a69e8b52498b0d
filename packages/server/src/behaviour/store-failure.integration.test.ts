/** A store that fails (R-EV-06, R-TO-08): for a while, and for good. */
import { join } from 'node:path';
import { TransientError, type RefusedPart, type TreeAppend, type Store } from '@coppice/core';
import { SqliteStore } from '@coppice/storage';
import { describe, expect, it } from 'vitest';
import { newDir, start, unstarted, type Bench } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

/** A SQLite store whose appends a test can make fail. */
interface FaultyStore {
  readonly store: Store;
  /** What the next appends throw; undefined: they work. */
  failWith: Error | undefined;
  /** What readings of the log throw; undefined: they work. */
  failReadsWith: Error | undefined;
  /** Appends asked for. */
  appends: number;
}

function faulty(dir: string): FaultyStore {
  const real = new SqliteStore({ file: join(dir, 'coppice.db') });
  const state: FaultyStore = { store: real, failWith: undefined, failReadsWith: undefined, appends: 0 };
  const store = new Proxy<Store>(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'append') {
        return async (batch: readonly TreeAppend[]): Promise<readonly RefusedPart[]> => {
          state.appends++;
          if (state.failWith !== undefined) throw state.failWith;
          return target.append(batch);
        };
      }
      if (name === 'readEvents' && state.failReadsWith !== undefined) {
        const error = state.failReadsWith;
        return () => Promise.reject(error);
      }
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  return Object.assign(state, { store });
}

async function withFaults(clock?: ManualClock): Promise<{ bench: Bench; faults: FaultyStore }> {
  const dir = await newDir();
  const faults = faulty(dir);
  return { bench: await start({ dir, store: faults.store, ...(clock === undefined ? {} : { clock }) }), faults };
}

const isGapless = (seqs: readonly number[]): boolean => seqs.every((seq, index) => seq === index + 1);
const disk = new TransientError('disk is full', { code: 'storage/busy' });

describe('a store that fails for a while', () => {
  it('R-EV-06 nothing is lost, events stay in order, nothing is executed twice, health is degraded and then ok', async () => {
    const clock = new ManualClock();
    const { bench, faults } = await withFaults(clock);
    const tree = await bench.begin([
      { name: 'root' },
      ...['a', 'b', 'c'].map((name) => ({ name, parentId: 'root', executor: 'work' })),
      { name: 'after', parentId: 'root', executor: 'work', dependencies: ['a', 'b', 'c'] },
    ]);
    const held = await Promise.all(['a', 'b', 'c'].map((name) => bench.work.started(name)));
    const seen: number[] = [];
    bench.engine.subscribe({ treeId: tree.treeId, afterSeq: 0 }, { event: (_treeId, { seq }) => void seen.push(seq) });

    faults.failWith = disk;
    for (const [index, each] of held.entries()) {
      each.complete(index);
      const { appends } = faults;
      while (faults.appends === appends) {
        clock.advance(10_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // Results are kept, but nobody may see them, and nothing may start because of them.
      expect((await bench.get(tree.ids['a'])).status).toBe('running');
      expect(await bench.call('system.health', {})).toMatchObject({
        status: 'degraded',
        live: true,
        ready: false,
        storeError: 'storage/unavailable',
      });
    }
    expect(bench.work.starts).toEqual(['a/1', 'b/1', 'c/1']);

    faults.failWith = undefined;
    clock.advance(10_000);
    const after = await bench.work.started('after');
    expect(after.input).toEqual({ a: 0, b: 1, c: 2 });
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', ready: true, storeError: null });
    after.complete();
    expect(await bench.settled(tree)).toBe('completed');
    expect(bench.work.starts).toEqual(['a/1', 'b/1', 'c/1', 'after/1']);
    const stored = (await bench.events(tree)).map(({ seq }) => seq);
    expect(isGapless(stored)).toBe(true);
    await bench.event(tree, ({ type }) => type === 'RunCompleted');
    expect(seen).toEqual(stored);
    expect(bench.log.some(({ level, fields }) => level === 'error' && fields['code'] === 'storage/busy')).toBe(true);
  });

  it('R-EV-06 a deletion waits its turn like all that is decided, and nobody decides on the tree meanwhile', async () => {
    const clock = new ManualClock();
    const { bench, faults } = await withFaults(clock);
    const tree = await bench.run([{ name: 'gone', executor: 'echo' }]);
    const heard: string[] = [];
    bench.engine.subscribe({ treeId: tree.treeId }, { event: () => {}, end: (reason) => heard.push(reason) });
    faults.failWith = disk;
    const deleted = bench.call('tasks.delete', { taskId: tree.treeId });
    const { appends } = faults;
    while (faults.appends < appends + 2) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const retried = bench.refusal('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    expect(await bench.engine.index.findTree(tree.treeId)).toBeDefined();
    expect(heard).toEqual([]);
    faults.failWith = undefined;
    clock.advance(10_000);
    expect(await deleted).toEqual({ deleted: 1 });
    expect((await retried).data?.code).toBe('task/not-found');
    expect(heard).toEqual(['deleted']);
    expect(await bench.engine.index.findTree(tree.treeId)).toBeUndefined();
    expect((await bench.run([{ name: 'later', executor: 'echo' }])).status).toBe('completed');
  });

  it('R-EV-06 a contributed store may throw the TransientError of a copy of its own of the contract', async () => {
    const clock = new ManualClock();
    const { bench, faults } = await withFaults(clock);
    const brand = { [Symbol.for('coppice.TransientError')]: true, code: 'other/busy' };
    faults.failWith = Object.assign(new Error('busy elsewhere'), brand);
    const created = bench.create([{ name: 'root', executor: 'echo' }]);
    while (faults.appends < 2) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    faults.failWith = undefined;
    clock.advance(10_000);
    expect((await bench.get((await created).treeId)).status).toBe('pending');
  });

  it('R-EV-05 a request is answered only when its events are stored', async () => {
    const clock = new ManualClock();
    const { bench, faults } = await withFaults(clock);
    faults.failWith = disk;
    let answered = false;
    const created = bench.create([{ name: 'root', executor: 'echo' }]).finally(() => (answered = true));
    while (faults.appends < 3) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(answered).toBe(false);
    expect(await bench.call('tasks.list', {})).toEqual({ items: [] });
    faults.failWith = undefined;
    clock.advance(10_000);
    const { treeId } = await created;
    expect((await bench.get(treeId)).status).toBe('pending');
  });

  it('R-PR-04 a subscriber who must be served from the log waits until it can be read, and misses nothing', async () => {
    const clock = new ManualClock();
    const { bench, faults } = await withFaults(clock);
    const tree = await bench.run([{ name: 'root', executor: 'echo' }]);
    const seqs = (await bench.events(tree)).map(({ seq }) => seq);
    faults.failReadsWith = disk;
    const seen: number[] = [];
    const ended = new Promise<void>((resolve) => {
      bench.engine.subscribe(
        { treeId: tree.treeId, afterSeq: 0 },
        { event: (_treeId, { seq }) => void seen.push(seq), end: () => resolve() },
      );
    });
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(500);
    }
    expect(seen).toEqual([]);
    faults.failReadsWith = undefined;
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    await ended;
    expect(seen).toEqual(seqs);
  });

  it('a stop does not wait for ever for a store that takes nothing', async () => {
    const clock = new ManualClock();
    const { bench, faults } = await withFaults(clock);
    faults.failWith = disk;
    const refused = bench.local.call('tasks.create', { tasks: [{ name: 'root', executor: 'echo' }] }).then(
      () => 'stored',
      () => 'refused',
    );
    let stopped = false;
    const stopping = bench.stop().then(() => (stopped = true));
    while (!stopped) {
      clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stopping;
    expect(await refused).toBe('refused');
  });
});

describe('a store that fails for good', () => {
  it('R-EV-06 executes nothing any more, tells everybody who waits, shows health failed; a restart goes on', async () => {
    const { bench, faults } = await withFaults();
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'a', parentId: 'root', executor: 'work' },
      { name: 'b', parentId: 'root', executor: 'work', dependencies: ['a'] },
      { name: 'other', parentId: 'root', executor: 'work' },
    ]);
    const [held, other] = await Promise.all([bench.work.started('a'), bench.work.started('other')]);
    const waiting = bench.engine.settled(tree.treeId).then(
      () => 'settled',
      (error: Error) => error.message,
    );
    faults.failWith = new Error('the file is gone');
    held.complete('unseen');
    expect(await waiting).toBe('the file is gone');
    expect(await other.aborted).toMatchObject({ code: 'shutdown' });
    other.fail(new Error('stopped'));
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'failed', ready: false, live: true });
    const { code, message, data } = await bench.refusal('tasks.create', { tasks: [{ name: 'x', executor: 'echo' }] });
    expect(code).toBe(-32603);
    expect(JSON.stringify([message, data])).not.toContain('the file is gone');
    expect(bench.log.some(({ level, fields }) => level === 'error' && fields['error'] === 'the file is gone')).toBe(
      true,
    );
    expect(bench.work.starts).toEqual(['a/1', 'other/1']);
    await bench.stop();

    const again = await unstarted({ dir: bench.dir });
    again.work.on(undefined, ({ name, attempt }) => `${name}/${attempt}`);
    expect(await again.local.start()).toEqual([{ treeId: tree.treeId, interrupted: 2 }]);
    expect(await again.settled(tree)).toBe('completed');
    expect(again.work.starts).toEqual(['a/2', 'other/2', 'b/1']);
    expect(isGapless((await again.events(tree)).map(({ seq }) => seq))).toBe(true);
    expect((await again.call('tasks.count', {})).total).toBe(1);
  });
});
