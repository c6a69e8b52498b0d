/** Conformance: rows are the fold of the log, and nobody can reach what is stored except by an append. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject, RunState, Store, TaskId, TaskState, TreeSubmission } from '@coppice/core';
import type { StoreHarness } from './store-conformance.ts';
import {
  removeTree,
  expectedTask,
  expectedTree,
  flatTree,
  stores,
  storedTree,
  taskId,
  testRun,
  type TestRun,
} from './store-conformance-runs.ts';
import { treeSubmissions } from './tree-arbitrary.ts';

const RICH: TreeSubmission = {
  tasks: [
    { id: 'root', name: 'Root', tags: ['x', 'y'], metadata: { owner: 'ann' }, policies: { onFailure: 'failFast' } },
    {
      id: 'work',
      name: 'Work',
      parentId: 'root',
      executor: 'work',
      inputs: { n: 1 },
      priority: 0,
      policies: { retry: { maxAttempts: 3, delayMs: 5 }, timeoutMs: 1000 },
      capabilities: ['gpu'],
      notBefore: '2001-01-01T00:00:00Z',
      allowFailure: true,
      mustRun: true,
      when: 'task.attempt == 1',
      fire: 'first',
      set: { v: '${{ task.key }}' },
    },
    {
      id: 'after',
      name: 'After',
      parentId: 'root',
      executor: 'work',
      join: 'settled',
      dependencies: [{ task: 'work', on: ['failure'], handles: true, into: 'x' }],
    },
    {
      id: 'race',
      name: 'Race',
      parentId: 'root',
      executor: 'work',
      join: 'any',
      cancelOthers: true,
      locks: ['deploy', 'db-eu'],
      rates: ['api'],
      resources: { cpu: 1.5 },
      dependencies: ['work', 'after'],
    },
    {
      id: 'sweep',
      name: 'Sweep',
      parentId: 'root',
      executor: 'work',
      finally: true,
      fallback: { output: 1 },
      compensate: { executor: 'work' },
    },
  ],
  inputs: { run: true },
  variables: { v: { value: [1], merge: 'append' } },
  policies: { concurrency: 2, runTimeoutMs: 60_000 },
};

export function describeRecords(harness: StoreHarness): void {
  describe('rows', () => {
    const open = stores(harness);

    test('every field of a task and a tree is kept, through retry, failure, cancel and re-opening', async () => {
      const store = await open();
      const run = testRun(RICH);
      const check = async (): Promise<void> => {
        await run.commit(store);
        await expectRows(store, run.state);
      };
      await check();
      run.command({ type: 'execute', inputs: { run: 'again' } });
      await check();
      for (const attempt of [1, 2, 3]) {
        run.command({ type: 'start', taskIds: [taskId('work')] });
        run.command({ type: 'progress', taskId: taskId('work'), attempt, fraction: 0.25, message: 'a quarter' });
        run.command({
          type: 'record',
          taskId: taskId('work'),
          attempt,
          key: 'k',
          occurrence: 1,
          value: { at: attempt },
        });
        await check();
        run.command({
          type: 'fail',
          taskId: taskId('work'),
          attempt,
          error: { code: 'x/y', message: 'no', retryable: true, data: [1] },
        });
        await check();
        run.passTo(run.state.byId.get(taskId('work'))?.waiting?.untilMs ?? 0);
        run.command({ type: 'due', taskId: taskId('work') });
      }
      run.command({ type: 'cancel', reason: 'enough' });
      await check();
      // What cleans up still runs.
      await run.finish(store);
      run.command({ type: 'retry', mode: 'start' });
      await check();
      await run.finish(store);
      await expectRows(store, run.state);
      expect((await store.findTree(run.treeId))?.status).toBe('completed');
    });
  });
  describeDefinitions(harness);
  describeFold(harness);
  describeCopies(harness);
}

function describeDefinitions(harness: StoreHarness): void {
  describe('definitions', () => {
    const open = stores(harness);

    test('a pending task is changed, and deleted with its sub-tree', async () => {
      const store = await open();
      const run = await storedTree(store, 'a', { names: ['one', 'two'] });
      const one = run.state.byId.get(taskId('a-one')) as TaskState;
      const definition = {
        ...one.definition,
        name: 'First',
        inputs: { n: 2 },
        tags: ['t'],
        metadata: { m: 1 },
        priority: 3 as const,
      };
      run.command({ type: 'update', definition });
      run.command({ type: 'update', definition: { ...run.state.root.definition, name: 'Renamed' } });
      await run.commit(store);
      await expectRows(store, run.state);
      expect((await store.findTree(run.treeId))?.name).toBe('Renamed');
      expect((await store.list({ rootOnly: false, tag: 't' }, { limit: 5 })).items.map(({ task }) => task.id)).toEqual([
        'a-one',
      ]);
      run.command({ type: 'delete', taskId: taskId('a-one') });
      await run.commit(store);
      await expectRows(store, run.state);
      expect(await store.findTask(taskId('a-one'))).toBeUndefined();
      expect(await store.findExisting([taskId('a-one'), taskId('a-two')])).toEqual(['a-two']);
      expect((await store.list({ rootOnly: false, tag: 't' }, { limit: 5 })).items).toEqual([]);
      const reuse = testRun({ tasks: [{ id: 'a-one', name: 'new', executor: 'work' }] });
      await reuse.commit(store);
      expect((await store.findTask(taskId('a-one')))?.treeId).toBe('a-one');
      expect(await store.readEvents(run.treeId, 0, 100)).toEqual(run.events);
    });
  });
}

function describeFold(harness: StoreHarness): void {
  describe('fold of the log', () => {
    const open = stores(harness);

    test('R-EV-04, invariant 2: after every append of a generated run, rows and log are the live state', async () => {
      await fc.assert(
        fc.asyncProperty(
          treeSubmissions({ maxTasks: 12 }),
          fc.array(fc.nat(1000), { minLength: 20, maxLength: 40 }),
          async (submission, choices) => {
            const store = await open();
            const run = testRun(submission, {}, 'generated');
            await run.commit(store);
            await expectRows(store, run.state);
            run.command({ type: 'execute' });
            for (const choice of choices) {
              if (choice % 3 === 0) {
                await run.commit(store);
                await expectRows(store, run.state);
              }
              advance(run, choice);
            }
            await run.commit(store);
            await expectRows(store, run.state);
            expect(await store.readEvents(run.treeId, 0, 10_000)).toEqual(run.events);
            expect(await store.verifyLog(run.treeId)).toBeUndefined();
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}

/** Does to one task of the run what `choice` says, if it may. */
function advance(run: TestRun, choice: number): void {
  const active = run.state.tasks.filter(
    ({ status, group }) => status === 'ready' || (status === 'running' && group === undefined),
  );
  const task = active[choice % Math.max(active.length, 1)];
  if (task === undefined) return;
  const { id, attempt } = task;
  if (task.status === 'ready') run.command({ type: 'start', taskIds: [id] });
  else if (choice % 5 === 0) {
    run.command({ type: 'fail', taskId: id, attempt, error: { code: 'x', message: 'x', retryable: false } });
  } else run.command({ type: 'complete', taskId: id, attempt, outcome: { output: choice } });
}

async function expectRows(store: Store, run: RunState): Promise<void> {
  const alive = run.tasks.filter((task) => !task.deleted);
  expect(await store.listTasks(run.treeId)).toEqual(alive.map((task) => expectedTask(run, task)));
  expect(await store.findTree(run.treeId)).toEqual(expectedTree(run));
}

function describeCopies(harness: StoreHarness): void {
  describe('what is shared', () => {
    const open = stores(harness);

    test('R-ST-02: changing what was got, or the live state, changes nothing that is stored', async () => {
      const store = await open();
      const run = testRun({ tasks: [{ id: 'a', name: 'a', executor: 'work', inputs: { list: [1] }, tags: ['t'] }] });
      run.command({ type: 'execute' });
      await run.commit(store);
      const rows = await store.listTasks(run.treeId);
      const tree = await store.findTree(run.treeId);
      const events = await store.readEvents(run.treeId, 0, 10);
      const before = JSON.stringify({ rows, tree, events });
      run.state.counts.ready = 99;
      run.state.root.status = 'failed';
      for (const got of [rows[0], tree, events[0]]) damage(got as object);
      const after = {
        rows: await store.listTasks(run.treeId),
        tree: await store.findTree(run.treeId),
        events: await store.readEvents(run.treeId, 0, 10),
      };
      expect(JSON.stringify(after)).toBe(before);
    });

    test('R-SN-07: the hash of a definition is that of its content, not of its ids', async () => {
      const store = await open();
      const hashOf = async (id: string, inputs: JsonObject): Promise<string | undefined> => {
        const run = testRun({ tasks: [{ name: 'a', executor: 'work', inputs }] }, {}, id);
        await run.commit(store);
        return (await store.findTree(run.treeId))?.definitionHash;
      };
      const first = await hashOf('first', { x: 1, y: 2 });
      expect(await hashOf('second', { y: 2, x: 1 })).toBe(first);
      expect(await hashOf('third', { x: 1, y: 3 })).not.toBe(first);
    });

    test('R-CP-05: a whole tree is deleted once, with all that belongs to it', async () => {
      const store = await open();
      const gone = await storedTree(store, 'gone', { idempotencyKey: 'key' });
      const kept = await storedTree(store, 'kept');
      await store.saveCursor('s', gone.treeId, 1);
      expect(await removeTree(store, gone.treeId)).toBe(true);
      expect(await removeTree(store, gone.treeId)).toBe(false);
      expect(await store.findTree(gone.treeId)).toBeUndefined();
      expect(await store.findTask(taskId('gone-one'))).toBeUndefined();
      expect(await store.readEvents(gone.treeId, 0, 10)).toEqual([]);
      expect(await store.findByIdempotencyKey('ann', 'key')).toBeUndefined();
      expect(await store.loadCursor('s', gone.treeId)).toBe(0);
      await expectRows(store, kept.state);
      const again = testRun(flatTree('gone', ['one']), { idempotencyKey: 'key' });
      await again.commit(store);
      await expectRows(store, again.state);
    });

    test('unknown ids are not found, or give empty lists (R-EV-10)', async () => {
      const store = await open();
      const nobody: TaskId = taskId('nobody');
      expect(await store.findTask(nobody)).toBeUndefined();
      expect(await store.findTree(nobody)).toBeUndefined();
      expect(await store.listTasks(nobody)).toEqual([]);
      expect(await store.listChildren(nobody)).toEqual([]);
      expect(await store.listCopies(nobody)).toEqual([]);
      expect(await store.findExisting([])).toEqual([]);
      expect(await removeTree(store, nobody)).toBe(false);
    });
  });
}

/** Overwrites everything in an object, deeply. */
function damage(value: object): void {
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null) damage(member as object);
    (value as Record<string, unknown>)[key] = 'damaged';
  }
}
