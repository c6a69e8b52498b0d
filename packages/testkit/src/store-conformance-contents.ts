/** Conformance: large values come back as they were, and live as long as a tree that has them. */
import { describe, expect, test } from 'vitest';
import type { Json, Store } from '@coppice/core';
import type { StoreHarness } from './store-conformance.ts';
import { expectedTask, flatTree, removeTree, stores, taskId, testRun, type TestRun } from './store-conformance-runs.ts';

const LARGE = 10_000;
const EVENTS_MAX = 100;

/** Values that are large as a whole, in members, or in both; with names and texts that a store could take for its own. */
const VALUES: Readonly<Record<string, Json>> = {
  text: 'x'.repeat(LARGE),
  characters: '\u0000\ud800😀\n"\\#'.repeat(LARGE / 5),
  list: Array.from({ length: LARGE }, (_, at) => at),
  members: { z: 'z'.repeat(LARGE), a: 1, 7: ['y'.repeat(LARGE)], m: { deep: 'y'.repeat(LARGE) } },
  many: Object.fromEntries(Array.from({ length: LARGE }, (_, at) => [`k${at}`, null])),
  proto: JSON.parse(`{"__proto__":"${'p'.repeat(LARGE)}","a":"${'a'.repeat(LARGE)}"}`) as Json,
  reference: [['output', null, 'f'.repeat(64), LARGE]],
  mark: `#[0,[["",null,"${'f'.repeat(64)}",1]]]`,
  zero: { a: 0, b: 'b'.repeat(LARGE) },
};

export function describeContents(harness: StoreHarness): void {
  const opened = stores(harness);

  async function ran(store: Store, id: string, value: Json): Promise<TestRun> {
    const run = testRun(flatTree(id, ['one', 'two']));
    const one = taskId(`${id}-one`);
    run.command({ type: 'execute', inputs: { value } });
    run.command({ type: 'start', taskIds: [one] });
    run.command({ type: 'record', taskId: one, attempt: 1, key: 'k', occurrence: 1, value });
    await run.commit(store);
    run.command({ type: 'complete', taskId: one, attempt: 1, outcome: { output: value } });
    await run.commit(store);
    return run;
  }

  /** Names keep their order, too. */
  async function expectWhole(store: Store, { treeId, state, events }: TestRun): Promise<void> {
    const read = await store.readEvents(treeId, 0, EVENTS_MAX);
    expect(JSON.stringify(read)).toBe(JSON.stringify(events));
    const rows = await store.listTasks(treeId);
    expect(JSON.stringify(rows.map(({ output }) => output))).toBe(
      JSON.stringify(state.tasks.map(({ output }) => output)),
    );
    expect(rows).toEqual(state.tasks.map((task) => expectedTask(state, task)));
    expect(await store.verifyLog(treeId)).toBeUndefined();
  }

  describe('large values (R-DR-03)', () => {
    test.each(Object.keys(VALUES))('come back as they were: %s', async (name) => {
      const store = await opened();
      const run = await ran(store, 'a', VALUES[name] as Json);
      await expectWhole(store, run);
      const one = taskId('a-one');
      const { events } = await store.readTaskEvents(run.treeId, one, 0);
      expect(events).toEqual(run.events.filter((event) => event.taskId === one));
      const { items } = await store.list({ rootOnly: false }, { limit: 10 });
      expect(items.find(({ task }) => task.id === one)?.task.output).toEqual(VALUES[name]);
      await store.close();
      await store.open();
      await expectWhole(store, run);
    });

    test('of two trees outlive either of them', async () => {
      const store = await opened();
      const [first, second] = [
        await ran(store, 'a', VALUES['members'] as Json),
        await ran(store, 'b', VALUES['members'] as Json),
      ];
      expect(await removeTree(store, first.treeId)).toBe(true);
      await expectWhole(store, second);
      const third = await ran(store, 'c', VALUES['members'] as Json);
      expect(await removeTree(store, second.treeId)).toBe(true);
      await expectWhole(store, third);
    });

    test('come and go in one append', async () => {
      const store = await opened();
      const first = await ran(store, 'a', VALUES['text'] as Json);
      const second = testRun(flatTree('b', ['one']));
      second.command({ type: 'execute', inputs: { value: VALUES['text'] as Json } });
      const removal = { kind: 'treeRemoval', treeId: first.treeId, expectedSeq: first.state.seq } as const;
      expect(await store.append([removal, second.part()])).toEqual([]);
      await expectWhole(store, second);
    });
  });
}
