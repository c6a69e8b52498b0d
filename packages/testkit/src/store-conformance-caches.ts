/** Conformance: snapshots and subscriber cursors. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '@coppice/core';
import { stores, storedTree, taskId } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

const TREE = taskId('a');

function snapshot(seq: number, state = `{"at":${seq}}`): Snapshot {
  return { treeId: TREE, seq, version: 1, state, checksum: createHash('sha256').update(state).digest('hex') };
}

export function describeCaches(harness: StoreHarness): void {
  describe('snapshots', () => {
    const open = stores(harness);

    test('R-EV-07, R-CP-05: the newest is loaded; an unknown tree has none', async () => {
      const store = await open();
      await storedTree(store, 'a');
      expect(await store.loadSnapshot(TREE)).toBeUndefined();
      await store.saveSnapshot(snapshot(20));
      await store.saveSnapshot(snapshot(10));
      expect(await store.loadSnapshot(TREE)).toEqual(snapshot(20));
      expect(await store.loadSnapshot(taskId('b'))).toBeUndefined();
    });

    test('R-EV-07: saving at the same place replaces', async () => {
      const store = await open();
      await store.saveSnapshot(snapshot(20));
      await store.saveSnapshot({ ...snapshot(20, '{"x":1}'), version: 7 });
      expect(await store.loadSnapshot(TREE)).toEqual({ ...snapshot(20, '{"x":1}'), version: 7 });
    });

    test('R-CP-13: a damaged one is passed over for the next older, and two are kept', async () => {
      const store = await open();
      for (const seq of [10, 20]) await store.saveSnapshot(snapshot(seq));
      await store.saveSnapshot({ ...snapshot(30), state: '{"at":31}' });
      expect(await store.loadSnapshot(TREE)).toEqual(snapshot(20));
      await store.saveSnapshot({ ...snapshot(40), checksum: '' });
      expect(await store.loadSnapshot(TREE)).toBeUndefined();
      await store.saveSnapshot(snapshot(50));
      expect(await store.loadSnapshot(TREE)).toEqual(snapshot(50));
    });

    test('R-EV-07: they can be deleted, and the log does not mind', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      await store.saveSnapshot(snapshot(1));
      await store.deleteSnapshots(TREE);
      await store.deleteSnapshots(TREE);
      expect(await store.loadSnapshot(TREE)).toBeUndefined();
      expect(await store.readEvents(TREE, 0, 10)).toEqual(run.events);
    });
  });

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
  });
}
