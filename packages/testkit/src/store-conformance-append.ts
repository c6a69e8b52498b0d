/** Conformance: appends are whole, in order and refused when they do not continue the log. */
import { describe, expect, test } from 'vitest';
import type { Store, StreamAppend, TaskRecord, TaskState, TreeId, TreeRecord } from '@coppice/core';
import type { StoreHarness } from './store-conformance.ts';
import {
  expectedTask,
  expectedTree,
  flatTree,
  jsonCopy,
  stores,
  storedTree,
  taskId,
  testRun,
  type TestRun,
} from './store-conformance-runs.ts';

/** What the store says to each part that it refuses. */
async function refusals(store: Store, batch: readonly StreamAppend[]): Promise<readonly string[]> {
  return (await store.append(batch)).map(({ part, code, message }) => `${part} ${code} ${message}`);
}

/** The part contradicts what is stored. */
const conflict = (part: number, text = ''): unknown =>
  expect.stringMatching(new RegExp(`^${part} storage/conflict .*${text}`));

export function describeAppending(harness: StoreHarness): void {
  describe('append', () => {
    const open = stores(harness);

    test('R-EV-01: events come back as they were given', async () => {
      const store = await open();
      const run = testRun({
        tasks: [
          {
            id: 'r',
            name: 'Ünïcode \u{1f333} "quotes"',
            executor: 'work',
            inputs: { nested: [null, true, 1e21, { '': 'x' }] },
          },
        ],
        inputs: { a: [] },
      });
      run.command({ type: 'execute' });
      await run.finish(store);
      expect(await store.readEvents(run.treeId, 0, 1000)).toEqual(run.events);
      expect(jsonCopy(await store.readEvents(run.treeId, 0, 1000))).toEqual(jsonCopy(run.events));
    });

    test('R-EV-03: an append that leaves a gap or repeats an event is refused', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      const before = expectedTree(run.state);
      run.command({ type: 'execute' });
      const part = run.part();
      run.command({ type: 'start', taskIds: [taskId('a-one')] });
      const after = run.part();
      expect(await refusals(store, [after])).toEqual([conflict(0, 'expects 2')]);
      expect(await store.findTree(run.treeId)).toEqual(before);
      await store.append([{ ...after, expectedSeq: part.expectedSeq, events: [...part.events, ...after.events] }]);
      expect(await refusals(store, [after])).toEqual([conflict(0)]);
      expect(await store.readEvents(run.treeId, 0, 1000)).toEqual(run.events);
      expect(await store.verifyLog(run.treeId)).toBeUndefined();
    });

    test('R-EV-03: events inside an append follow each other, and end where the state is', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      run.command({ type: 'execute' });
      run.command({ type: 'start', taskIds: [taskId('a-one')] });
      const part = run.part();
      const { events } = part;
      const wrong = [[...events].reverse(), events.slice(0, 1), []];
      for (const each of wrong) {
        expect(await refusals(store, [{ ...part, events: each }])).toEqual([conflict(0)]);
      }
      expect(await refusals(store, [{ ...part, expectedSeq: part.expectedSeq + 1 }])).toEqual([conflict(0)]);
      expect(await store.readEvents(run.treeId, 1, 1000)).toEqual([]);
    });

    test('R-EV-03: a log begins with TreeCreated, once', async () => {
      const store = await open();
      const run = testRun(flatTree('a', ['one']));
      const creation = run.part();
      run.command({ type: 'execute' });
      expect(await refusals(store, [run.part()])).toEqual([conflict(0)]);
      await storedTree(store, 'a');
      expect(await refusals(store, [creation])).toEqual([conflict(0)]);
    });
  });
  describeTwoWriters(harness);
  describeFacts(harness);
  describeAtomicity(harness);
}

function describeTwoWriters(harness: StoreHarness): void {
  describe('two writers that go on from the same event', () => {
    const open = stores(harness);

    /** The same stored run twice; the second has more to append. */
    async function twoWriters(store: Store): Promise<readonly [TestRun, TestRun]> {
      const [one, two] = [testRun(flatTree('a', ['one', 'two'])), testRun(flatTree('a', ['one', 'two']))];
      await one.commit(store);
      two.part();
      for (const run of [one, two]) run.command({ type: 'execute' });
      two.command({ type: 'start', taskIds: [taskId('a-one')] });
      two.command({ type: 'complete', taskId: taskId('a-one'), attempt: 1, outcome: { output: 'of the second' } });
      return [one, two];
    }

    async function expectOnly(store: Store, run: TestRun): Promise<void> {
      expect(await store.readEvents(run.treeId, 0, 1000)).toEqual(run.events);
      expect(await store.findTree(run.treeId)).toEqual(expectedTree(run.state));
      expect(await store.listTasks(run.treeId)).toEqual(run.state.tasks.map((task) => expectedTask(run.state, task)));
      expect(await store.verifyLog(run.treeId)).toBeUndefined();
    }

    test('R-EV-03, R-EV-04: at once, one is stored and the other is told of a conflict, with nothing of it stored', async () => {
      const store = await open();
      const [one, two] = await twoWriters(store);
      const before = testRun(flatTree('before', ['x']));
      const after = testRun(flatTree('after', ['x']));
      const [first, second] = await Promise.all([
        refusals(store, [one.part()]),
        refusals(store, [before.part(), two.part(), after.part()]),
      ]);
      const [kept, lost] = first.length === 0 ? [one, two] : [two, one];
      expect([first, second]).toEqual(kept === one ? [[], [conflict(1, 'a.*expects 4')]] : [[conflict(0)], []]);
      for (const run of [kept, before, after]) await expectOnly(store, run);
      expect(lost.events).not.toEqual(kept.events);
      await kept.finish(store);
      await expectOnly(store, kept);
    });

    test('R-EV-03: in one append, the first is stored and the second is told of a conflict', async () => {
      const store = await open();
      const [one, two] = await twoWriters(store);
      const other = testRun(flatTree('other', ['x']));
      expect(await refusals(store, [one.part(), two.part(), other.part()])).toEqual([conflict(1)]);
      for (const run of [one, other]) await expectOnly(store, run);
    });
  });
}

function describeFacts(harness: StoreHarness): void {
  describe('facts of an append', () => {
    const open = stores(harness);
    const rowsOf = ({ state }: TestRun): { tree: TreeRecord; tasks: readonly TaskRecord[] } => ({
      tree: expectedTree(state),
      tasks: state.tasks.map((task) => expectedTask(state, task)),
    });

    test('what an append is given says the same however late the store reads it', async () => {
      const store = await open();
      const run = testRun(flatTree('a', ['one', 'two']));
      const creation = run.part();
      const created = rowsOf(run);
      run.command({ type: 'update', definition: { ...(run.state.tasks[2] as TaskState).definition, name: 'renamed' } });
      run.command({ type: 'execute' });
      run.command({ type: 'start', taskIds: [taskId('a-one')] });
      const start = run.part();
      const started = rowsOf(run);
      run.command({ type: 'complete', taskId: taskId('a-one'), attempt: 1, outcome: { output: 'later' } });
      for (const [part, expected] of [
        [creation, created],
        [start, started],
      ] as const) {
        await store.append([part]);
        expect(await store.findTree(run.treeId)).toEqual(expected.tree);
        expect(await store.listTasks(run.treeId)).toEqual(expected.tasks);
      }
    });
  });
}

function describeAtomicity(harness: StoreHarness): void {
  describe('append of several parts', () => {
    const open = stores(harness);

    async function expectNothingOf(store: Store, id: string): Promise<void> {
      const treeId = taskId(id);
      expect(await store.findTree(treeId)).toBeUndefined();
      expect(await store.readEvents(treeId, 0, 10)).toEqual([]);
      expect(await store.listTasks(treeId)).toEqual([]);
      expect(await store.findExisting([treeId, taskId(`${id}-one`)])).toEqual([]);
    }

    test('R-EV-04, R-ST-06: a refused part leaves nothing behind, and all others of the batch are stored', async () => {
      const store = await open();
      const stale = await storedTree(store, 'stale');
      stale.command({ type: 'execute' });
      const lost = stale.part();
      stale.command({ type: 'cancel' });
      const [first, last] = ['first', 'last'].map((id) => testRun(flatTree(id, ['one'])));
      const batch = [first?.part(), stale.part(), last?.part()].filter((part) => part !== undefined);
      expect(await refusals(store, batch)).toEqual([conflict(1, 'stale.*expects 2')]);
      expect(await store.readEvents(stale.treeId, 1, 10)).toEqual([]);
      expect((await store.findTree(stale.treeId))?.status).toBe('created');
      for (const run of [first, last]) {
        expect(await store.readEvents(run?.treeId as TreeId, 0, 10)).toEqual(run?.events);
        run?.command({ type: 'execute' });
        await run?.finish(store);
        expect((await store.findTree(run?.treeId as TreeId))?.status).toBe('completed');
      }
      expect(lost.events.length).toBeGreaterThan(0);
    });

    test('a task id, tree id or idempotency key that exists refuses its part alone, named', async () => {
      const store = await open();
      await storedTree(store, 'a', { idempotencyKey: 'key' });
      const good = testRun(flatTree('good', ['one']), { userId: 'bob', idempotencyKey: 'key' }).part();
      const again = testRun({
        tasks: [
          { id: 'b', name: 'b' },
          { id: 'a-one', name: 'x', parentId: 'b', executor: 'work' },
        ],
      });
      const sameKey = testRun(flatTree('c', ['one']), { idempotencyKey: 'key' });
      const sameTree = testRun(flatTree('good', ['one'])).part();
      expect(await refusals(store, [again.part(), good, sameKey.part(), sameTree])).toEqual([
        conflict(0, '"a-one"'),
        conflict(2, '"key"'),
        conflict(3, '"good"'),
      ]);
      await expectNothingOf(store, 'b');
      await expectNothingOf(store, 'c');
      expect(await store.findByIdempotencyKey('bob', 'key')).toBe('good');
      expect(await store.verifyLog('good' as TreeId)).toBeUndefined();
    });

    test('ids that the store can not tell apart are a matter of their trees', async () => {
      const store = await open();
      const [one, two] = ['\ud800', '\ud801'].map((end) => testRun(flatTree(`x${end}`, [`task${end}`])).part());
      const good = testRun(flatTree('good', ['one'])).part();
      const refused = await store.append([one, two, good].filter((part) => part !== undefined));
      for (const { part } of refused) expect(part).toBe(1);
      expect(await store.findTree('good' as TreeId)).toBeDefined();
    });
  });
  describeRemoval(harness);
  describeLoad(harness);
}

function describeRemoval(harness: StoreHarness): void {
  describe('removal of a tree', () => {
    const open = stores(harness);
    const removal = (id: string, expectedSeq: number): StreamAppend => ({
      kind: 'treeRemoval',
      treeId: taskId(id),
      expectedSeq,
    });

    test('R-EV-04, R-CP-05: shares a transaction with appends; its id is free afterwards', async () => {
      const store = await open();
      const [gone, kept] = [await storedTree(store, 'gone'), await storedTree(store, 'kept')];
      kept.command({ type: 'execute' });
      const created = testRun(flatTree('new', ['one']));
      expect(await store.append([kept.part(), removal('gone', 1), created.part()])).toEqual([]);
      expect(await store.findTree(gone.treeId)).toBeUndefined();
      expect(await store.findExisting([taskId('gone-one')])).toEqual([]);
      for (const run of [kept, created]) expect(await store.findTree(run.treeId)).toEqual(expectedTree(run.state));
      const again = await storedTree(store, 'gone');
      expect(await store.findTree(again.treeId)).toEqual(expectedTree(again.state));
      expect(await store.listTasks(again.treeId)).toHaveLength(3);
    });

    test('R-EV-03: of one whose log has gone on, or that is not there, is a conflict: nothing of it goes, the others are stored', async () => {
      const store = await open();
      const run = await storedTree(store, 'a');
      run.command({ type: 'execute' });
      await run.commit(store);
      const other = testRun(flatTree('other', ['one']));
      expect(await refusals(store, [removal('a', 1), other.part(), removal('nobody', 1)])).toEqual([
        conflict(0, 'ends with event'),
        conflict(2, 'not stored'),
      ]);
      expect(await store.findTree(run.treeId)).toEqual(expectedTree(run.state));
      expect(await store.readEvents(run.treeId, 0, 100)).toEqual(run.events);
      expect(await store.findTree(other.treeId)).toEqual(expectedTree(other.state));
      expect(await store.append([removal('a', run.state.seq)])).toEqual([]);
      expect(await store.findTree(run.treeId)).toBeUndefined();
    });
  });
}

function describeLoad(harness: StoreHarness): void {
  describe('append under load', () => {
    const open = stores(harness);

    test('R-CP-07: appends that overlap in time are all stored, whole', async () => {
      const store = await open();
      const runs = Array.from({ length: 40 }, (_, i) => testRun(flatTree(`t${i}`, ['one', 'two', 'three'])));
      const created = runs.map((run) => run.commit(store));
      const reads = runs.map((run) => store.listTasks(run.treeId));
      await Promise.all(created);
      for (const tasks of await Promise.all(reads)) expect([0, 4]).toContain(tasks.length);
      for (const run of runs) run.command({ type: 'execute' });
      await Promise.all(runs.map((run) => run.finish(store)));
      for (const run of runs) {
        expect(await store.readEvents(run.treeId, 0, 1000)).toEqual(run.events);
        expect(await store.findTree(run.treeId)).toEqual(expectedTree(run.state));
      }
    });

    test('R-EV-11, R-ST-06: one append of 10,000 events', async () => {
      const store = await open();
      const run = await storedTree(store, 'wide', { names: Array.from({ length: 3_333 }, (_, i) => `n${i}`) });
      run.command({ type: 'execute' });
      const ids = run.state.tasks.slice(1).map(({ id }) => id);
      run.command({ type: 'start', taskIds: ids });
      for (const id of ids) run.command({ type: 'progress', taskId: id, attempt: 1, fraction: 0.5 });
      for (const id of ids) run.command({ type: 'complete', taskId: id, attempt: 1, outcome: { output: 1 } });
      const part = run.part();
      expect(part.events.length).toBeGreaterThanOrEqual(10_000);
      await store.append([part]);
      expect(await store.findTree(run.treeId)).toEqual(expectedTree(run.state));
      expect(await store.readEvents(run.treeId, 9_990, 5)).toEqual(run.events.slice(9_990, 9_995));
      expect(await store.verifyLog(run.treeId)).toBeUndefined();
    });
  });
}
