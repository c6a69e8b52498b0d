/** Conformance: reading a log. */
import type { RunEvent, Store, TaskEventPage, TaskId, TreeId } from '@coppice/core';
import { describe, expect, test } from 'vitest';
import { taskId, flatTree, stores, storedTree, testRun } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

interface TaskQuery {
  readonly store: Store;
  readonly treeId: TreeId;
  readonly id: TaskId;
  readonly afterSeq?: number;
}

/** All events of a task, in as many answers as the store needs. */
async function eventsOfTask({ store, treeId, id, afterSeq = 0 }: TaskQuery): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (let from: number | undefined = afterSeq; from !== undefined;) {
    const page: TaskEventPage = await store.readTaskEvents(treeId, id, from);
    events.push(...page.events);
    from = page.nextAfterSeq;
  }
  return events;
}

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

    test('R-EV-02: who caused an event is kept, and is nowhere where nobody did', async () => {
      const store = await open();
      const run = testRun(flatTree('a', ['one', 'two']));
      const actor = { userId: 'm"ia', face: 'page' } as const;
      run.command({ type: 'execute', actor });
      run.command({ type: 'cancel', taskId: taskId('a-one'), actor });
      run.command({ type: 'cancel', actor: { userId: 'ann', face: 'cli' } });
      await run.commit(store);
      const events = await store.readEvents(run.treeId, 0, 100);
      expect(events).toEqual(run.events);
      expect(events.filter((event) => 'actor' in event).length).toBeGreaterThan(2);
      expect(events.some((event) => !('actor' in event))).toBe(true);
      expect(await store.verifyLog(run.treeId)).toBeUndefined();
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
  describeTaskEvents(harness);
  describeLifetime(harness);
}

function describeTaskEvents(harness: StoreHarness): void {
  describe('events of a task', () => {
    const open = stores(harness);

    test('R-RT-09: events of one task, wherever they stand in the log', async () => {
      const store = await open();
      const run = testRun(flatTree('a', ['one', 'two', 'three']));
      await run.commit(store);
      run.command({ type: 'execute' });
      await run.finish(store);
      const { treeId } = run;
      for (const id of [...run.state.byId.keys(), taskId('a-on'), taskId('nobody'), taskId('"')]) {
        const expected = run.events.filter((event) => event.taskId === id);
        expect(await eventsOfTask({ store, treeId, id })).toEqual(expected);
        expect(await eventsOfTask({ store, treeId, id, afterSeq: 5 })).toEqual(expected.filter(({ seq }) => seq > 5));
      }
      expect(await eventsOfTask({ store, treeId, id: taskId('a-one'), afterSeq: 2 ** 40 })).toEqual([]);
      expect(await eventsOfTask({ store, treeId: taskId('nobody'), id: taskId('a-one') })).toEqual([]);
      await expect(store.readTaskEvents(treeId, treeId, -1)).rejects.toThrow('afterSeq');
    });

    test('R-RT-09: events of one task at both ends of a log of several megabytes', async () => {
      const store = await open();
      const run = await storedTree(store, 'a', { names: ['one', 'two'] });
      const { treeId } = run;
      const [one, two] = [taskId('a-one'), taskId('a-two')];
      run.command({ type: 'execute' });
      run.command({ type: 'start', taskIds: [one, two] });
      const value = 'x'.repeat(200_000);
      for (let occurrence = 1; occurrence <= 15; occurrence++) {
        run.command({ type: 'record', taskId: one, attempt: 1, key: 'k', occurrence, value });
        await run.commit(store);
      }
      run.command({ type: 'complete', taskId: two, attempt: 1, outcome: { output: 'done' } });
      await run.commit(store);
      const types = (await eventsOfTask({ store, treeId, id: two })).map(({ type }) => type);
      expect(types).toEqual(['TaskStarted', 'TaskCompleted']);
      const calls = run.events.filter((event) => event.taskId === one);
      expect(await eventsOfTask({ store, treeId, id: one })).toEqual(calls);
    });
  });
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
