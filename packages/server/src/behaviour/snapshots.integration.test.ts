/** Snapshots are saved and loaded in pieces, each in a turn of its own; a run goes on from the newest that can be used. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EVENT_VERSION, toSnapshot, type RunState, type Snapshot, type Store, fold } from '@coppice/core';
import { MemoryStore, SqliteStore } from '@coppice/storage';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newDir, start, type Bench, type StoredTree, type Tasks } from './bench.fixture.ts';

const SIZE = 1_200;
const PIECE_TASKS_MAX = 250;
/** Four times the tasks are in the log when the third round of all tasks is through. */
const ROUNDS = 3;

const wide: Tasks = [
  { name: 'root' },
  ...Array.from({ length: SIZE - 1 }, (_, at) => ({ name: `t${at}`, parentId: 'root', executor: 'echo' })),
];

interface Call {
  readonly name: keyof Store;
  readonly parameters: readonly unknown[];
  /** Turn of the event loop. */
  readonly turn: number;
}

/** A store that takes down what it is asked. */
function watched(store: Store): { readonly store: Store; readonly calls: Call[] } {
  const calls: Call[] = [];
  let turn = 0;
  let isWatching = true;
  const count = (): void => {
    turn++;
    if (isWatching) setImmediate(count);
  };
  count();
  onTestFinished(() => {
    isWatching = false;
  });
  const proxy = new Proxy(store, {
    get(target, name: keyof Store) {
      const member = Reflect.get(target, name, target) as (...parameters: unknown[]) => unknown;
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]): unknown => {
        calls.push({ name, parameters, turn });
        return Reflect.apply(member, target, parameters);
      };
    },
  });
  return { store: proxy, calls };
}

const of = (calls: readonly Call[], name: keyof Store): Call[] => calls.filter((call) => call.name === name);

/** Where reading the log of the run began: after the last event of a snapshot. Infinity: that holds the whole log. */
function readFrom(calls: readonly Call[], { treeId }: StoredTree): number {
  const reads = of(calls, 'readEvents').filter(({ parameters }) => parameters[0] === treeId);
  return reads.length === 0 ? Infinity : (reads[0]?.parameters[1] as number);
}

/** A tree whose tasks have run three times. */
async function often(bench: Bench, tasks: Tasks): Promise<StoredTree> {
  const tree = await bench.run(tasks);
  for (let round = 1; round < ROUNDS; round++) {
    await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    expect(await bench.settled(tree)).toBe('completed');
  }
  return tree;
}

const engine = { snapshotEvery: 1 };

describe.each([
  ['in memory', () => new MemoryStore()],
  ['in a file', (dir: string) => new SqliteStore({ file: join(dir, 'own.db') })],
] as const)('a snapshot of many tasks %s', (_, open) => {
  it('R-EV-07: is saved and loaded a piece a turn, and holds the whole state', async () => {
    const dir = await newDir();
    const inner = open(dir);
    const saving = watched(inner);
    const first = await start({ store: saving.store, config: { engine } });
    const tree = await often(first, wide);
    const expected = await first.statuses(tree);
    await first.stop();

    const pieces = of(saving.calls, 'saveSnapshotPiece');
    expect(of(saving.calls, 'saveSnapshot').length).toBeGreaterThan(0);
    expect(pieces.length).toBeGreaterThanOrEqual(Math.ceil(SIZE / PIECE_TASKS_MAX));
    // One may begin in the turn in which the one before ends.
    expect(new Set(pieces.map(({ parameters, turn }) => `${JSON.stringify(parameters[0])} ${turn}`)).size).toBe(
      pieces.length,
    );
    for (const { parameters } of pieces)
      expect((JSON.parse(parameters[2] as string) as unknown[]).length).toBeLessThanOrEqual(PIECE_TASKS_MAX);

    const loading = watched(inner);
    const second = await start({ store: loading.store, config: { engine } });
    expect(await second.explain(tree.treeId)).toContain('completed');
    const loads = of(loading.calls, 'loadSnapshotPiece');
    expect(loads.length).toBe(Math.ceil(SIZE / PIECE_TASKS_MAX));
    expect(new Set(loads.map(({ turn }) => turn)).size).toBe(loads.length);
    expect(readFrom(loading.calls, tree)).toBeGreaterThan(SIZE);
    expect(await second.statuses(tree)).toEqual(expected);
    await second.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    expect(await second.settled(tree)).toBe('completed');
  });
});

const TASKS: Tasks = [{ name: 'root' }, { name: 'a', parentId: 'root', executor: 'echo' }];

/** A tree that has run, in a store without an engine, and events of which snapshots can be made. */
async function stopped(): Promise<{
  readonly store: MemoryStore;
  readonly tree: StoredTree;
  readonly at: (seq: number) => RunState;
}> {
  const store = new MemoryStore();
  const bench = await start({ store, config: { engine: { snapshotEvery: 0 } } });
  const tree = await often(bench, TASKS);
  const events = await bench.events(tree);
  await bench.stop();
  await store.open();
  return { store, tree, at: (seq) => fold(events.slice(0, seq)) as RunState };
}

const sumOf = (...texts: readonly string[]): string =>
  texts.reduce((hash, text) => hash.update(text), createHash('sha256')).digest('hex');

/** As versions before pieces wrote it. */
function whole(run: RunState): Snapshot {
  const state = JSON.stringify(toSnapshot(run));
  return { treeId: run.treeId, seq: run.seq, version: 1, state, pieces: 0, checksum: sumOf(state) };
}

/** Loads the run; answers after which event its log was read. */
async function loadedFrom(store: Store, tree: StoredTree): Promise<number> {
  const { store: seen, calls } = watched(store);
  const bench = await start({ store: seen, config: { engine } });
  expect(await bench.explain(tree.treeId)).toContain('completed');
  await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
  expect(await bench.settled(tree)).toBe('completed');
  return readFrom(calls, tree);
}

describe('a snapshot that was stored before', () => {
  it('R-ST-05: whole, as earlier versions saved it, is read', async () => {
    const { store, tree, at } = await stopped();
    await store.saveSnapshot(whole(at(7)));
    expect(await loadedFrom(store, tree)).toBe(7);
  });

  it.each<[string, (sound: Snapshot) => { readonly head?: Partial<Snapshot>; readonly piece?: string | undefined }]>([
    ['a damaged head', ({ state }) => ({ head: { state: state.replace('"seq":9', '"seq":8') } })],
    ['a head that is no JSON', () => ({ head: { state: '{' } })],
    ['a damaged piece', () => ({ piece: '[{}]' })],
    ['a piece that is no JSON', () => ({ piece: '[' })],
    ['a missing piece', () => ({ piece: undefined })],
    ['a newer version', () => ({ head: { version: EVENT_VERSION + 1 } })],
  ])('R-CP-13: with %s is passed over for the next older', async (_, damage) => {
    const { store, tree, at } = await stopped();
    await store.saveSnapshot(whole(at(7)));
    const { tasks, ...head } = toSnapshot(at(9));
    const [state, piece] = [JSON.stringify(head), JSON.stringify(tasks)];
    const place = { treeId: tree.treeId, seq: 9 };
    const sound = { ...place, version: 1, state, pieces: 1, checksum: sumOf(state, piece) };
    const damaged = { piece, ...damage(sound) };
    if (damaged.piece !== undefined) await store.saveSnapshotPiece(place, 0, damaged.piece);
    await store.saveSnapshot({ ...sound, ...damaged.head });
    expect(await loadedFrom(store, tree)).toBe(7);
  });

  it('R-CP-13: and of which none can be used costs the whole log', async () => {
    const { store, tree, at } = await stopped();
    for (const seq of [7, 9]) await store.saveSnapshot({ ...whole(at(seq)), checksum: '' });
    expect(await loadedFrom(store, tree)).toBe(0);
  });
});
