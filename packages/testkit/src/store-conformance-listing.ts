/** Conformance: listings, counts and look-ups. */
import { describe, expect, test } from 'vitest';
import type { Store, TaskFilter } from '@coppice/core';
import { CREATED_MS, flatTree, stores, storedTree, taskId, testRun } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

const ROOTS: TaskFilter = { rootOnly: true };
const ALL: TaskFilter = { rootOnly: false };

/** Ids of all pages, in order, read `limit` at a time. */
async function idsOf(store: Store, filter: TaskFilter, limit = 2): Promise<string[]> {
  const ids: string[] = [];
  let page = await store.list(filter, { limit });
  for (;;) {
    ids.push(...page.items.map(({ task }) => task.id));
    if (page.nextCursor === undefined) return ids;
    page = await store.list(filter, { limit, cursor: page.nextCursor });
  }
}

/** Four trees of two users: `a` completed, `b` running, `c` failed, `d` created. */
async function fill(store: Store): Promise<void> {
  const done = await storedTree(store, 'a', { names: ['one', 'two'] });
  done.command({ type: 'execute' });
  await done.finish(store);
  const running = await storedTree(store, 'b', { names: ['one'], userId: 'bob' });
  running.command({ type: 'execute' });
  running.command({ type: 'start', taskIds: [taskId('b-one')] });
  await running.commit(store);
  const failed = testRun({
    tasks: [
      { id: 'c-leaf', name: 'Straße 100%', parentId: 'c', executor: 'work', tags: ['t'] },
      { id: 'c', name: 'Last_Root', tags: ['t', 'u'] },
    ],
  });
  failed.command({ type: 'execute' });
  failed.command({ type: 'start', taskIds: [taskId('c-leaf')] });
  failed.command({
    type: 'fail',
    taskId: taskId('c-leaf'),
    attempt: 1,
    error: { code: 'x', message: 'x', retryable: false },
  });
  await failed.commit(store);
  await storedTree(store, 'd', { names: [], userId: 'bob' });
}

/** Filters over what `fill` stores, and the ids they must give. */
const FILTERS: [name: string, filter: TaskFilter, expected: string[]][] = [
  ['run status', { ...ROOTS, status: ['completed'] }, ['a']],
  ['several run statuses', { ...ROOTS, status: ['completed', 'created', 'failed'] }, ['d', 'c', 'a']],
  ['no status', { ...ROOTS, status: [] }, []],
  ['a status that runs do not have', { ...ROOTS, status: ['ready'] }, []],
  ['user', { ...ROOTS, userId: 'bob' }, ['d', 'b']],
  ['user and status', { ...ROOTS, userId: 'bob', status: ['running', 'failed'] }, ['b']],
  ['tag of roots', { ...ROOTS, tag: 't' }, ['c']],
  ['name of roots, in any case', { ...ROOTS, search: 'LAST_r' }, ['c']],
  ['task status', { ...ALL, status: ['failed'] }, ['c', 'c-leaf']],
  ['active tasks', { ...ALL, status: ['running', 'ready'] }, ['b-one', 'b']],
  ['pending tasks', { ...ALL, status: ['pending'] }, ['d']],
  ['tag', { ...ALL, tag: 't' }, ['c', 'c-leaf']],
  ['tag and status', { ...ALL, tag: 't', status: ['completed'] }, []],
  ['name with characters that mean something to LIKE', { ...ALL, search: 'SSE 100%' }, []],
  ['the same, found', { ...ALL, search: 'stRAße 100%' }, ['c-leaf']],
  ['an underscore', { ...ALL, search: '_' }, ['c']],
  ['too little of an id', { ...ALL, search: 'c-l' }, []],
  ['created before a time', { ...ROOTS, createdBeforeMs: CREATED_MS + 1 }, ['d', 'c', 'b', 'a']],
  ['created before the first tree', { ...ROOTS, createdBeforeMs: CREATED_MS }, []],
  ['some trees', { ...ALL, treeIds: ['c', 'a', 'unknown'] }, ['c', 'c-leaf', 'a-two', 'a-one', 'a']],
  ['some trees, and a name', { ...ALL, treeIds: ['c', 'b'], search: 'b' }, ['b']],
  ['no tree', { ...ROOTS, treeIds: [] }, []],
  ['all filters', { ...ALL, tag: 't', search: 'a', userId: 'ann', status: ['failed'] }, ['c', 'c-leaf']],
];

export function describeListing(harness: StoreHarness): void {
  describe('list and count', () => {
    const open = stores(harness);

    test('R-EV-10: newest first, in pages of any size, each row once', async () => {
      const store = await open();
      await fill(store);
      const all = ['d', 'c', 'c-leaf', 'b-one', 'b', 'a-two', 'a-one', 'a'];
      for (const limit of [1, 2, 3, 8, 100]) {
        expect(await idsOf(store, ALL, limit)).toEqual(all);
        expect(await idsOf(store, ROOTS, limit)).toEqual(['d', 'c', 'b', 'a']);
      }
    });

    test('trees that are created between two pages do not shift the next one', async () => {
      const store = await open();
      await fill(store);
      const { items, nextCursor = '' } = await store.list(ROOTS, { limit: 2 });
      await storedTree(store, 'e');
      expect(items.map(({ task }) => task.id)).toEqual(['d', 'c']);
      const next = await store.list(ROOTS, { limit: 2, cursor: nextCursor });
      expect(next.items.map(({ task }) => task.id)).toEqual(['b', 'a']);
      expect(next.nextCursor).toBeUndefined();
    });

    test.each(FILTERS)('filter by %s', async (_, filter, expected) => {
      const store = await open();
      await fill(store);
      expect(await idsOf(store, filter, 1)).toEqual(expected);
      expect(await idsOf(store, filter, 50)).toEqual(expected);
      const counts = await store.count(filter);
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(expected.length);
    });

    test('finds a tree, or all its tasks, by the beginning of its id', async () => {
      const store = await open();
      await storedTree(store, 'tree-1', { names: ['one'] });
      await storedTree(store, 'tree-2', { names: ['one'] });
      expect(await idsOf(store, { ...ROOTS, search: 'tree' })).toEqual(['tree-2', 'tree-1']);
      expect(await idsOf(store, { ...ROOTS, search: 'tree-1' })).toEqual(['tree-1']);
      expect(await idsOf(store, { ...ALL, search: 'tree-2' })).toEqual(['tree-2-one', 'tree-2']);
      expect(await idsOf(store, { ...ALL, search: 'ree-1' })).not.toContain('tree-1-one');
    });

    test('a row shows the run it belongs to; roots are counted by it', async () => {
      const store = await open();
      await fill(store);
      const { items } = await store.list({ ...ALL, search: 'ONE' }, { limit: 5 });
      expect(items.map(({ task, runStatus, userId }) => [task.id, task.status, runStatus, userId])).toEqual([
        ['b-one', 'running', 'running', 'bob'],
        ['a-one', 'completed', 'completed', 'ann'],
      ]);
      expect(await store.count(ROOTS)).toEqual({ completed: 1, running: 1, failed: 1, created: 1 });
      expect(await store.count(ALL)).toEqual({ completed: 3, running: 2, failed: 2, pending: 1 });
      expect(await store.count({ ...ROOTS, userId: 'bob' })).toEqual({ running: 1, created: 1 });
    });

    test('a limit below 1 and a cursor from elsewhere are refused', async () => {
      const store = await open();
      await expect(store.list(ROOTS, { limit: 0 })).rejects.toMatchObject({ code: 'storage/invalid-argument' });
      await expect(store.list(ROOTS, { limit: 1, cursor: 'rubbish' })).rejects.toMatchObject({
        code: 'storage/invalid-argument',
      });
    });
  });
  describeLookUps(harness);
}

function describeLookUps(harness: StoreHarness): void {
  describe('look-ups', () => {
    const open = stores(harness);

    test('children in declared order, and which ids exist', async () => {
      const store = await open();
      await fill(store);
      expect((await store.listChildren(taskId('a'))).map(({ id }) => id)).toEqual(['a-one', 'a-two']);
      expect(await store.listChildren(taskId('a-one'))).toEqual([]);
      expect(new Set(await store.findExisting(['a', 'x', 'c-leaf', 'd'].map(taskId)))).toEqual(
        new Set(['a', 'c-leaf', 'd']),
      );
    });

    test('runs that have started and not ended, oldest first', async () => {
      const store = await open();
      await fill(store);
      const later = await storedTree(store, 'e');
      later.command({ type: 'execute' });
      await later.commit(store);
      expect(await store.listIncomplete()).toEqual(['b', 'e']);
      await later.finish(store);
      expect(await store.listIncomplete()).toEqual(['b']);
    });

    test('copies of a task, oldest first', async () => {
      const store = await open();
      await storedTree(store, 'a', { names: ['one'] });
      for (const id of ['b', 'c']) {
        const run = testRun(flatTree(id, ['one']));
        for (const { definition } of run.state.tasks)
          Object.assign(definition, { originalTaskId: definition.id.replace(id, 'a') });
        await run.commit(store);
      }
      expect(await store.listCopies(taskId('a-one'))).toEqual(['b-one', 'c-one']);
      expect(await store.listCopies(taskId('a'))).toEqual(['b', 'c']);
      expect((await store.findTask(taskId('b-one')))?.originalTaskId).toBe('a-one');
    });

    test('R-DR-11: a tree by its user and idempotency key', async () => {
      const store = await open();
      await storedTree(store, 'a', { idempotencyKey: 'k' });
      await storedTree(store, 'b', { idempotencyKey: 'k', userId: 'bob' });
      expect(await store.findByIdempotencyKey('ann', 'k')).toBe('a');
      expect(await store.findByIdempotencyKey('bob', 'k')).toBe('b');
      expect(await store.findByIdempotencyKey('ann', 'l')).toBeUndefined();
      await expect(storedTree(store, 'c', { idempotencyKey: 'k' })).rejects.toThrow('"k"');
    });
  });
}
