/** Conformance: trees that are set aside, and logs that are cut back. */
import { describe, expect, test } from 'vitest';
import { factsOf, fold, type RunState } from '@coppice/core';
import type { StoreHarness } from './store-conformance.ts';
import { expectedTask, expectedTree, removeTree, stores, storedTree, taskId } from './store-conformance-runs.ts';

const ERROR = { code: 'storage/unreadable', message: 'event 3 is missing', retryable: false };

export function describeQuarantine(harness: StoreHarness): void {
  describe('trees that are set aside', () => {
    const open = stores(harness);

    test('R-CP-13: the run and what was under way are shown as failed, the log stays, all other trees are as they were', async () => {
      const store = await open();
      const [bad, good] = [await storedTree(store, 'bad'), await storedTree(store, 'good')];
      for (const run of [bad, good]) {
        run.command({ type: 'execute' });
        run.command({ type: 'start', taskIds: [taskId(`${run.treeId}-one`)] });
        await run.commit(store);
      }
      await store.quarantine(bad.treeId, ERROR);
      await store.quarantine(taskId('nobody'), ERROR);
      expect(await store.listQuarantined()).toEqual([bad.treeId]);
      expect(await store.findTree(bad.treeId)).toMatchObject({ status: 'failed', error: ERROR, counts: { failed: 3 } });
      const tasks = await store.listTasks(bad.treeId);
      expect(tasks.map(({ status, error }) => [status, error])).toEqual(tasks.map(() => ['failed', ERROR]));
      expect((await store.list({ rootOnly: true, status: ['failed'] }, { limit: 10 })).items).toHaveLength(1);
      expect((await store.list({ rootOnly: false, status: ['ready', 'running'] }, { limit: 10 })).items).toHaveLength(
        3,
      );
      expect(await store.listIncomplete()).toEqual([good.treeId]);
      expect(await store.readEvents(bad.treeId, 0, 100)).toEqual(bad.events);
      expect(await store.findTree(good.treeId)).toEqual(expectedTree(good.state));
    });

    test('restored, its rows are those of the given state, its log ends there, and it goes on', async () => {
      const store = await open();
      const run = await storedTree(store, 'a', { names: ['one', 'two', 'three'] });
      run.command({ type: 'execute' });
      run.command({ type: 'start', taskIds: [taskId('a-one')] });
      await run.commit(store);
      const sound = run.events.length;
      run.command({ type: 'complete', taskId: taskId('a-one'), attempt: 1, outcome: { output: 'lost' } });
      run.command({ type: 'start', taskIds: [taskId('a-two'), taskId('a-three')] });
      await run.commit(store);
      const later = { treeId: run.treeId, seq: run.events.length };
      await store.saveSnapshotPiece(later, 0, '[]');
      await store.saveSnapshot({ ...later, version: 1, state: '{}', pieces: 1, checksum: '' });
      await store.quarantine(run.treeId, ERROR);
      const state = fold(run.events.slice(0, sound)) as RunState;
      await store.restore(factsOf(state));
      expect(await store.listQuarantined()).toEqual([]);
      expect(await store.findTree(run.treeId)).toEqual(expectedTree(state));
      expect(await store.listTasks(run.treeId)).toEqual(state.tasks.map((task) => expectedTask(state, task)));
      expect(await store.readEvents(run.treeId, 0, 100)).toEqual(run.events.slice(0, sound));
      expect(await store.verifyLog(run.treeId)).toBeUndefined();
      expect(await store.listSnapshots(run.treeId)).toEqual([]);
      expect(await store.loadSnapshotPiece(later, 0)).toBeUndefined();
      expect(await store.listIncomplete()).toEqual([run.treeId]);
      const [next] = run.events.slice(sound);
      const after = fold(next === undefined ? [] : [next], state) as RunState;
      expect(
        await store.append([
          { kind: 'tree', expectedSeq: sound, ...factsOf(after), events: next === undefined ? [] : [next] },
        ]),
      ).toEqual([]);
    });

    test('a deleted one is gone', async () => {
      const store = await open();
      const { treeId } = await storedTree(store, 'a');
      await store.quarantine(treeId, ERROR);
      expect(await removeTree(store, treeId)).toBe(true);
      expect(await store.listQuarantined()).toEqual([]);
    });
  });
}
