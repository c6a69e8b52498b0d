/** Conformance: reading a log. */
import { describe, expect, test } from 'vitest';
import { taskId, flatTree, stores, storedTree, testRun } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

export function describeLog(harness: StoreHarness): void {
  describe('log', () => {
    const open = stores(harness);

    test('R-EV-10: events after a sequence number, in order, at most as many as asked for', async () => {
      const store = await open();
      const run = testRun(flatTree('a', ['one', 'two', 'three']));
      run.command({ type: 'execute' });
      await run.finish(store);
      const { events, treeId } = run;
      expect(await store.readEvents(treeId, 0, 3)).toEqual(events.slice(0, 3));
      expect(await store.readEvents(treeId, 3, 2)).toEqual(events.slice(3, 5));
      expect(await store.readEvents(treeId, events.length, 10)).toEqual([]);
      expect(await store.readEvents(treeId, 2 ** 40, 10)).toEqual([]);
      expect(await store.readEvents(treeId, 0, 0)).toEqual([]);
      expect(await store.readEvents(taskId('a-one'), 0, 10)).toEqual([]);
    });

    test('R-EV-10: negative and broken numbers are refused', async () => {
      const store = await open();
      const { treeId } = await storedTree(store, 'a');
      await expect(store.readEvents(treeId, -1, 10)).rejects.toThrow('afterSeq');
      await expect(store.readEvents(treeId, 0, -1)).rejects.toThrow('limit');
      await expect(store.readEvents(treeId, 0.5, 1)).rejects.toThrow('0.5');
    });

    test('logs of many trees do not mix', async () => {
      const store = await open();
      const runs = ['a', 'b', 'c'].map((id) => testRun(flatTree(id, ['one', 'two'])));
      for (const run of runs) await run.commit(store);
      for (const run of runs) run.command({ type: 'execute' });
      await store.append(runs.map((run) => run.part()));
      for (const run of runs) {
        expect(await store.readEvents(run.treeId, 0, 100)).toEqual(run.events);
        expect(await store.verifyLog(run.treeId)).toBeUndefined();
      }
    });

    test('R-DR-13: a log that nobody wrote has nothing wrong with it', async () => {
      expect(await (await open()).verifyLog(taskId('nobody'))).toBeUndefined();
    });
  });
  describeLifetime(harness);
}

function describeLifetime(harness: StoreHarness): void {
  describe('lifetime', () => {
    const open = stores(harness);

    test('R-ST-06: open and close may be called twice; used while closed, a store says so', async () => {
      const store = await open();
      await store.open();
      await storedTree(store, 'a');
      await store.ping();
      await store.close();
      await store.close();
      await expect(store.ping()).rejects.toThrow('not open');
      await expect(store.append([])).rejects.toThrow('not open');
      await expect(store.findTree(taskId('a'))).rejects.toMatchObject({ code: 'storage/closed' });
    });

    test('R-ST-06: opens and closes that overlap end as the last call says', async () => {
      const store = await open();
      await Promise.all([store.close(), store.close()]);
      await expect(store.ping()).rejects.toMatchObject({ code: 'storage/closed' });
      await Promise.all([store.open(), store.open()]);
      await store.ping();
      await Promise.all([store.open(), store.close()]);
      await expect(store.ping()).rejects.toMatchObject({ code: 'storage/closed' });
      await store.open();
      await storedTree(store, 'a');
    });

    test('R-ST-06: what is stored is there when the store is opened again', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      run.command({ type: 'execute' });
      await run.commit(store);
      await store.close();
      await store.open();
      expect(await store.readEvents(run.treeId, 0, 100)).toEqual(run.events);
      await run.finish(store);
      expect((await store.findTree(run.treeId))?.status).toBe('completed');
    });
  });
}
