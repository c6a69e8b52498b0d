/** Conformance: snapshots and subscriber cursors. */
import { describe, expect, test } from 'vitest';
import type { Snapshot, SnapshotPlace } from '@coppice/core';
import { removeTree, stores, storedTree, taskId } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

const TREE = taskId('a');

function snapshot(seq: number, more: Partial<Snapshot> = {}): Snapshot {
  return { treeId: TREE, seq, version: 1, state: `{"at":${seq}}`, pieces: 0, checksum: `of ${seq}`, ...more };
}

const place = (seq: number): SnapshotPlace => ({ treeId: TREE, seq });

export function describeCaches(harness: StoreHarness): void {
  describe('snapshots', () => {
    const open = stores(harness);

    test('R-EV-07, R-CP-05: the newest comes first; an unknown tree has none', async () => {
      const store = await open();
      await storedTree(store, 'a');
      expect(await store.listSnapshots(TREE)).toEqual([]);
      await store.saveSnapshot(snapshot(20));
      await store.saveSnapshot(snapshot(10));
      expect(await store.listSnapshots(TREE)).toEqual([snapshot(20), snapshot(10)]);
      expect(await store.listSnapshots(taskId('b'))).toEqual([]);
    });

    test('R-EV-07: saving at the same place replaces', async () => {
      const store = await open();
      const other = snapshot(20, { state: '{"x":1}', version: 7, pieces: 1 });
      await store.saveSnapshot(snapshot(20));
      await store.saveSnapshotPiece(place(20), 0, '[1]');
      await store.saveSnapshotPiece(place(20), 0, '[2]');
      await store.saveSnapshot(other);
      expect(await store.listSnapshots(TREE)).toEqual([other]);
      expect(await store.loadSnapshotPiece(place(20), 0)).toBe('[2]');
    });

    test('R-EV-07: a snapshot is found when all its pieces are saved, and gives each of them back', async () => {
      const store = await open();
      const pieces = ['[{"at":0}]', '["\u00fc\u{1f333}"]', '[]'];
      for (const [at, tasks] of pieces.entries()) await store.saveSnapshotPiece(place(5), at, tasks);
      expect(await store.listSnapshots(TREE)).toEqual([]);
      await store.saveSnapshot(snapshot(5, { pieces: 3 }));
      expect(await store.listSnapshots(TREE)).toEqual([snapshot(5, { pieces: 3 })]);
      for (const [at, tasks] of [...pieces, undefined].entries())
        expect(await store.loadSnapshotPiece(place(5), at)).toBe(tasks);
      expect(await store.loadSnapshotPiece(place(6), 0)).toBeUndefined();
    });
  });
  describeRemoval(harness);
  describeCursors(harness);
}

function describeRemoval(harness: StoreHarness): void {
  describe('snapshots that go', () => {
    const open = stores(harness);

    test('R-CP-13: two are kept; pieces of what is older go, also those of one that was never finished', async () => {
      const store = await open();
      for (const seq of [10, 15, 20, 30]) {
        await store.saveSnapshotPiece(place(seq), 0, `[${seq}]`);
        await store.saveSnapshotPiece(place(seq), 1, `[${seq}]`);
        if (seq !== 15) await store.saveSnapshot(snapshot(seq, { pieces: 2 }));
      }
      expect((await store.listSnapshots(TREE)).map(({ seq }) => seq)).toEqual([30, 20]);
      const found = await Promise.all([10, 15, 20, 30].map((seq) => store.loadSnapshotPiece(place(seq), 1)));
      expect(found).toEqual([undefined, undefined, '[20]', '[30]']);
    });

    test('R-EV-07: they can be deleted, and the log does not mind', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      await store.saveSnapshotPiece(place(1), 0, '[]');
      await store.saveSnapshot(snapshot(1, { pieces: 1 }));
      await store.deleteSnapshots(TREE);
      await store.deleteSnapshots(TREE);
      expect(await store.listSnapshots(TREE)).toEqual([]);
      expect(await store.loadSnapshotPiece(place(1), 0)).toBeUndefined();
      expect(await store.readEvents(TREE, 0, 10)).toEqual(run.events);
    });

    test('R-CP-05: they go with their tree', async () => {
      const store = await open();
      await storedTree(store, 'a');
      await store.saveSnapshotPiece(place(1), 0, '[]');
      await store.saveSnapshot(snapshot(1, { pieces: 1 }));
      await removeTree(store, TREE);
      expect(await store.listSnapshots(TREE)).toEqual([]);
      expect(await store.loadSnapshotPiece(place(1), 0)).toBeUndefined();
    });
  });
}

function describeCursors(harness: StoreHarness): void {
  describe('subscriber cursors', () => {
    const open = stores(harness);

    test('R-EV-08: each subscriber has its place in each log, 0 at first', async () => {
      const store = await open();
      expect(await store.loadCursor('s', TREE)).toBe(0);
      await store.saveCursor('s', TREE, 5);
      await store.saveCursor('s', taskId('b'), 6);
      await store.saveCursor('other', TREE, 7);
      await store.saveCursor('s', TREE, 8);
      expect(await store.loadCursor('s', TREE)).toBe(8);
      expect(await store.loadCursor('s', taskId('b'))).toBe(6);
      expect(await store.loadCursor('other', TREE)).toBe(7);
    });

    test('R-EV-08: a subscriber is behind in trees whose log goes on behind its place', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      const last = run.events.at(-1)?.seq ?? 0;
      expect(await store.listBehind('s')).toEqual([TREE]);
      await store.saveCursor('other', TREE, last);
      await store.saveCursor('s', TREE, last - 1);
      expect(await store.listBehind('s')).toEqual([TREE]);
      await store.saveCursor('s', TREE, last);
      expect(await store.listBehind('s')).toEqual([]);
    });
  });
}
