/** Conformance: rows follow the tasks that come into a run while it goes on, and those that leave it. */
import { describe, expect, test } from 'vitest';
import type { Store, TaskId } from '@coppice/core';
import type { StoreHarness } from './store-conformance.ts';
import { expectedTask, expectedTree, stores, taskId, testRun, type TestRun } from './store-conformance-runs.ts';

export function describeGrowth(harness: StoreHarness): void {
  describe('tasks that come and leave while a run goes on', () => {
    const open = stores(harness);
    const each = taskId('a-each');

    /** A run that has ended with two copies of a multiplied task. */
    function grown(): TestRun {
      return testRun({
        tasks: [
          { id: 'a', name: 'a' },
          { id: each, name: 'each', parentId: 'a', executor: 'work', forEach: ['x', 'y'] },
          { id: 'a-after', name: 'after', parentId: 'a', executor: 'work', dependencies: [each] },
        ],
      });
    }

    function copies({ state }: TestRun): readonly TaskId[] {
      return (state.byId.get(each)?.children ?? []).map(({ id }) => id);
    }

    async function expectRows(store: Store, run: TestRun, former: readonly TaskId[]): Promise<void> {
      const now = copies(run);
      const row = (id: TaskId) => expectedTask(run.state, run.state.byId.get(id) as never);
      expect(now).toHaveLength(2);
      expect(await store.listTasks(run.treeId)).toEqual(run.state.tasks.map((task) => expectedTask(run.state, task)));
      expect(await store.listChildren(each)).toEqual(now.map(row));
      for (const id of now) expect(await store.findTask(id)).toEqual(row(id));
      for (const id of former) expect(await store.findTask(id)).toBeUndefined();
      expect(await store.findExisting([...former, ...now])).toEqual(now);
      const listed = await store.list({ rootOnly: false }, { limit: 100 });
      expect(listed.items.map(({ task }) => task.id)).toEqual(run.state.tasks.map(({ id }) => id).reverse());
      expect(await store.findTree(run.treeId)).toEqual(expectedTree(run.state));
      expect(await store.verifyLog(run.treeId)).toBeUndefined();
    }

    test('R-EV-04: those that have left have no row any more, and those that have come have one', async () => {
      const store = await open();
      const run = grown();
      run.command({ type: 'execute' });
      await run.finish(store);
      await expectRows(store, run, []);
      const former = copies(run);
      run.command({ type: 'retry', mode: 'start' });
      await run.commit(store);
      await expectRows(store, run, former);
      await run.finish(store);
      await expectRows(store, run, former);
      expect((await store.readEvents(run.treeId, 0, 1000)).map(({ seq }) => seq)).toEqual(
        run.events.map(({ seq }) => seq),
      );
    });

    test.each([
      ['the append that creates the tree', false],
      ['a later append', true],
    ])('those that come and leave within %s never have a row', async (_which, isLater) => {
      const store = await open();
      const run = grown();
      if (isLater) await run.commit(store);
      run.command({ type: 'execute' });
      const former = copies(run);
      run.command({ type: 'cancel' });
      run.command({ type: 'retry', mode: 'start' });
      await run.commit(store);
      expect(former).toHaveLength(2);
      await expectRows(store, run, former);
    });
  });
}
