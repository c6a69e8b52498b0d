/** A store that takes all of an append but the part of one tree, a decision that throws: only that tree feels it. */
import { join } from 'node:path';
import {
  appendOf,
  fold,
  type RefusedPart,
  type StreamAppend,
  type TreeAppend,
  type RunState,
  type Store,
} from '@coppice/core';
import { SqliteStore } from '@coppice/storage';
import { appendOfAnother } from '@coppice/testkit/simulation';
import { describe, expect, it } from 'vitest';
import { newDir, start, type Bench } from './bench.fixture.ts';

interface ChoosyStore {
  readonly store: Store;
  /** Which parts of the next appends are refused. */
  refuses: (part: TreeAppend) => boolean;
  refused: number;
}

/** A real store in front of which a test refuses parts. */
function choosy(dir: string): ChoosyStore {
  const real = new SqliteStore({ file: join(dir, 'coppice.db') });
  const state: ChoosyStore = { store: real, refuses: () => false, refused: 0 };
  const append = async (batch: readonly TreeAppend[]): Promise<readonly RefusedPart[]> => {
    const parts = batch.flatMap((part, at) => (state.refuses(part) ? [at] : []));
    state.refused += parts.length;
    const others = await real.append(batch.filter((_, at) => !parts.includes(at)));
    expect(others).toEqual([]);
    return parts.map((part) => ({ part, code: 'storage/conflict', message: 'somebody was faster' }));
  };
  return Object.assign(state, { store: withAppend(real, append) });
}

function withAppend(real: Store, append: Store['append']): Store {
  return new Proxy<Store>(real, {
    get(target, name) {
      if (name === 'append') return append;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

async function withChoosy(): Promise<{ readonly bench: Bench; readonly choosy: ChoosyStore }> {
  const dir = await newDir();
  const state = choosy(dir);
  return { bench: await start({ dir, store: state.store }), choosy: state };
}

const ONE = [{ name: 'root' }, { name: 'a', parentId: 'root', executor: 'work' }];
const isOf =
  (treeId: string) =>
  ({ tree }: TreeAppend): boolean =>
    tree.treeId === treeId;

/** Refuses the next `count` parts for which the condition holds. */
function refuseNext(state: ChoosyStore, count: number, condition: (part: TreeAppend) => boolean): void {
  let left = count;
  state.refuses = (part) => condition(part) && left-- > 0;
}

describe('a store that refuses one part', () => {
  it('of a new tree: the caller is told, and all other requests of the same append are answered', async () => {
    const { bench, choosy: state } = await withChoosy();
    state.refuses = ({ tree }) => tree.name === 'unwelcome';
    const [refusal, ...others] = await Promise.all([
      bench.refusal('tasks.create', { tasks: [{ name: 'unwelcome', executor: 'echo' }] }),
      bench.run([{ name: 'x', executor: 'echo' }]),
      bench.run([{ name: 'y', executor: 'echo' }]),
    ]);
    expect(refusal).toMatchObject({ code: -32012, data: { code: 'tree/invalid' } });
    expect(refusal.message).toContain('somebody was faster');
    expect(others.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', activeRuns: 0, runningTasks: 0 });
    expect((await bench.call('tasks.count', {})).total).toBe(2);
  });

  it('of two trees whose ids the store can not tell apart: one of them at most is refused, and everybody else goes on', async () => {
    const bench = await start();
    const ids = ['x\ud800', 'x\ud801'];
    const created = await Promise.allSettled([
      ...ids.map((id) => bench.create([{ id, name: 'x', executor: 'echo' }])),
      bench.run([{ name: 'other', executor: 'echo' }]),
    ]);
    expect(created[2]).toMatchObject({ status: 'fulfilled', value: { status: 'completed' } });
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok' });
    expect((await bench.run([{ name: 'later', executor: 'echo' }])).status).toBe('completed');
  });

  it('of a command: the run is loaded again, the command is decided again, and answered once', async () => {
    const { bench, choosy: state } = await withChoosy();
    const tree = await bench.create(ONE);
    refuseNext(state, 1, isOf(tree.treeId));
    await bench.call('tasks.execute', { taskId: tree.treeId });
    expect(state.refused).toBe(1);
    (await bench.work.started('a')).complete('done');
    expect(await bench.settled(tree)).toBe('completed');
    const seqs = (await bench.events(tree)).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(bench.work.starts).toEqual(['a/1']);
  });

  it('of a result: the attempt counts as interrupted and runs again under its key, who waits for the end hears of it', async () => {
    const { bench, choosy: state } = await withChoosy();
    const [tree, other] = await Promise.all([bench.begin(ONE), bench.begin([{ name: 'b', executor: 'work' }])]);
    const [held, neighbour] = await Promise.all([bench.work.started('a'), bench.work.started('b')]);
    const ended = bench.settled(tree);
    refuseNext(state, 1, isOf(tree.treeId));
    held.complete('lost');
    neighbour.complete('kept');
    expect(await bench.settled(other)).toBe('completed');
    (await bench.work.started('a', 2)).complete('kept');
    expect(await ended).toBe('completed');
    expect((await bench.get(tree.ids['a'])).output).toBe('kept');
    expect((await bench.events(tree)).map(({ type }) => type)).toContain('AttemptInterrupted');
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', activeRuns: 0, runningTasks: 0 });
  });

  it('of a run again and again: that run is set aside and says so, all others go on', async () => {
    const { bench, choosy: state } = await withChoosy();
    const tree = await bench.begin(ONE);
    const held = await bench.work.started('a');
    const ended = bench.settled(tree);
    state.refuses = isOf(tree.treeId);
    held.complete('lost');
    expect(await ended).toBe('failed');
    const refusal = await bench.refusal('tasks.cancel', { taskId: tree.treeId });
    expect(refusal).toMatchObject({ code: -32015, data: { code: 'storage/unreadable' } });
    expect(refusal.message).toContain('somebody was faster');
    expect((await bench.run([{ name: 'other', executor: 'echo' }])).status).toBe('completed');
    expect(bench.engine.gates().every(({ used }) => used === 0)).toBe(true);
    state.refuses = () => false;
    expect(await bench.call('tasks.delete', { taskId: tree.treeId })).toEqual({ deleted: 2 });
    expect(await bench.refusal('tasks.cancel', { taskId: tree.treeId })).toMatchObject({ code: -32001 });
  });
});

describe('another writer', () => {
  /** Two runs under way, and one who appends to the first before every append of the engine, `times` times. */
  async function withAnother(times: number) {
    let left = 0;
    let conflicts = 0;
    const dir = await newDir();
    const real = new SqliteStore({ file: join(dir, 'coppice.db') });
    const append = async (batch: readonly TreeAppend[]): Promise<readonly RefusedPart[]> => {
      const parts = batch.filter(({ tree }) => tree.name === 'contended');
      const known = new Map<string, RunState | undefined>();
      for (const { tree } of parts) known.set(tree.treeId, fold(await real.readEvents(tree.treeId, 0, 1_000)));
      const first = left > 0 ? appendOfAnother(parts, (treeId) => known.get(treeId), Date.now()) : undefined;
      if (first !== undefined) {
        left--;
        await real.append([first]);
      }
      const refused = await real.append(batch);
      conflicts += refused.filter(({ code }) => code === 'storage/conflict').length;
      return refused;
    };
    const bench = await start({ dir, store: withAppend(real, append) });
    const tree = await bench.begin([{ name: 'contended' }, { name: 'a', parentId: 'contended', executor: 'work' }]);
    const other = await bench.begin([{ name: 'b', executor: 'work' }]);
    const [held, neighbour] = await Promise.all([bench.work.started('a'), bench.work.started('b')]);
    void held.aborted.then(() => held.fail(new Error('let go')));
    left = times;
    return { bench, tree, other, neighbour, conflicts: () => conflicts };
  }

  it('is a conflict of one run: its command is decided again on what the other wrote, and watchers hear all of it', async () => {
    const { bench, tree, other, neighbour, conflicts } = await withAnother(1);
    const heard: number[] = [];
    bench.engine.subscribe({ treeId: tree.treeId, afterSeq: 0 }, { event: (_, { seq }) => heard.push(seq) });
    await bench.call('tasks.cancel', { taskId: tree.ids['a'] as string });
    neighbour.complete('kept');
    expect(await bench.settled(other)).toBe('completed');
    expect(await bench.settled(tree)).toBe('cancelled');
    expect(conflicts()).toBe(1);
    const events = await bench.events(tree);
    expect(events.find(({ type }) => type === 'TaskProgressed')?.data).toMatchObject({ fraction: 0.25 });
    await bench.event(tree, ({ seq }) => seq === events.length);
    expect(heard).toEqual(events.map(({ seq }) => seq));
  });

  it('makes the deletion of a tree look again: what has gone on is not deleted unseen', async () => {
    const dir = await newDir();
    const real = new SqliteStore({ file: join(dir, 'coppice.db') });
    let isFirst = true;
    const append = async (batch: readonly StreamAppend[]): Promise<readonly RefusedPart[]> => {
      const removal = batch.find((part) => part.kind === 'treeRemoval');
      if (removal !== undefined && isFirst) {
        isFirst = false;
        const run = fold(await real.readEvents(removal.treeId, 0, 100)) as RunState;
        const first = appendOfAnother([appendOf(run, [])], () => run, Date.now());
        if (first !== undefined) await real.append([first]);
      }
      return real.append(batch);
    };
    const bench = await start({ dir, store: withAppend(real, append) });
    const tree = await bench.create([{ name: 'root', executor: 'work' }]);
    // The other has started the run.
    expect((await bench.refusal('tasks.delete', { taskId: tree.treeId })).data?.code).toBe('task/cannot-delete');
    expect((await bench.get(tree.treeId)).tree?.status).toBe('running');
    await bench.call('tasks.cancel', { taskId: tree.treeId });
    expect(await bench.call('tasks.delete', { taskId: tree.treeId })).toEqual({ deleted: 1 });
    expect(isFirst).toBe(false);
  });

  it('that is faster every time: the caller is told, the run is not set aside, and all others go on', async () => {
    const { bench, tree, other, neighbour, conflicts } = await withAnother(12);
    const refusal = await bench.refusal('tasks.cancel', { taskId: tree.treeId });
    expect(refusal).toMatchObject({ code: -32015, data: { code: 'storage/unreadable' } });
    expect(refusal.message).toMatch(/in 3 tries: .*does not continue the log/);
    neighbour.complete('kept');
    expect(await bench.settled(other)).toBe('completed');
    (await bench.work.started('a', 2)).complete('at last');
    expect(await bench.settled(tree)).toBe('completed');
    expect(conflicts()).toBeGreaterThan(3);
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', quarantinedCount: 0 });
  });
});

/** Makes the next `count` decisions throw, as a fault of ours would. */
function breakDecisions({ engine }: Bench, count: number): void {
  const { registry } = engine;
  const { backoffs } = registry;
  let left = count;
  const get = (): typeof backoffs => {
    if (left-- > 0) throw new TypeError('a fault of ours');
    return backoffs;
  };
  Object.defineProperty(registry, 'backoffs', { get, configurable: true });
}

describe('a decision that throws', () => {
  it('fails its request; the run goes on from its log, and no other tree feels it', async () => {
    const bench = await start();
    const [tree, other] = [await bench.begin(ONE), await bench.begin([{ name: 'b', executor: 'work' }])];
    const [held, neighbour] = [await bench.work.started('a'), await bench.work.started('b')];
    const ended = bench.settled(tree);
    breakDecisions(bench, 1);
    expect(await bench.refusal('tasks.cancel', { taskId: tree.treeId })).toMatchObject({ code: -32603 });
    expect(await held.aborted).toMatchObject({ code: 'shutdown' });
    held.complete('late');
    neighbour.complete();
    expect(await bench.settled(other)).toBe('completed');
    (await bench.work.started('a', 2)).complete('done');
    expect(await ended).toBe('completed');
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', activeRuns: 0, runningTasks: 0 });
  });

  it('every time: sets its run aside', async () => {
    const bench = await start();
    const tree = await bench.begin(ONE);
    const held = await bench.work.started('a');
    const ended = bench.settled(tree);
    breakDecisions(bench, 3);
    held.complete();
    expect(await ended).toBe('failed');
    expect((await bench.run([{ name: 'other', executor: 'echo' }])).status).toBe('completed');
  });
});
