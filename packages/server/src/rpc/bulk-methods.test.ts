import type { Params, Result } from '@coppice/protocol';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { bench, TEST_LIMITS } from './dispatcher.fixture.ts';
import { methodBench } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

type Bulk = Params<'tasks.bulk'>;
type Items = Result<'tasks.bulk'>['items'];

/** The items of all pages. */
async function all(params: Bulk, caller?: Caller): Promise<Items> {
  const items: Items[number][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await on.rpc.result('tasks.bulk', { ...params, ...(cursor === undefined ? {} : { cursor }) }, caller);
    expect(page.items.length).toBeLessThanOrEqual(params.limit ?? 100);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) return items;
  }
}

const KINDS = ['created', 'running', 'completed', 'failed', 'cancelled'] as const;
type Kind = (typeof KINDS)[number];

/** Makes a tree whose run has this status, and answers its id. */
async function tree(kind: Kind, more: { readonly tag?: string; readonly userId?: string } = {}): Promise<string> {
  const executor = kind === 'failed' ? 'fail' : kind === 'running' || kind === 'cancelled' ? 'hold' : 'echo';
  const { tag, userId } = more;
  const tasks = [
    { name: kind, ...(tag === undefined ? {} : { tags: [tag] }) },
    { name: 'first', parentId: kind, executor },
    { name: 'then', parentId: kind, executor: 'echo', dependencies: ['first'] },
  ];
  const { id } = await on.rpc.result('tasks.create', { tasks, ...(userId === undefined ? {} : { userId }) });
  if (kind !== 'created') {
    const wait = kind === 'completed' || kind === 'failed';
    await on.rpc.result('tasks.execute', { taskId: id, wait });
    if (kind === 'cancelled') await on.rpc.result('tasks.cancel', { taskId: id });
  }
  return id;
}

async function statusOf(treeId: string): Promise<string | undefined> {
  return (await on.real.engine.index.findTree(treeId as never))?.status;
}

/** Everything that is stored, as text. */
async function stored(): Promise<string> {
  const { items } = await on.rpc.result('tasks.list', { rootOnly: false, limit: 1000 });
  return JSON.stringify(items);
}

describe('tasks.bulk', () => {
  it('R-TO-06: cancels what a filter selects, and says per tree what was done', async () => {
    const [other, nightly, ended] = [
      await tree('running'),
      await tree('running', { tag: 'nightly' }),
      await tree('completed', { tag: 'nightly' }),
    ];
    const filter = { tag: 'nightly' };
    expect(await all({ action: 'cancel', filter, reason: 'enough' })).toEqual([
      { treeId: nightly, name: 'running', status: 'running', ok: true, taskCount: 3 },
    ]);
    expect(await statusOf(nightly)).toBe('cancelled');
    expect(await statusOf(ended)).toBe('completed');
    expect(await statusOf(other)).toBe('running');
    expect(await on.rpc.result('tasks.get', { taskId: nightly })).toMatchObject({ reason: { message: 'enough' } });
  });

  it('R-RT-13: retries and deletes; a refusal is an item, and changes nothing for the others', async () => {
    const [done, failed] = [await tree('completed'), await tree('failed')];
    const retried = await all({ action: 'retry', filter: { status: ['completed', 'failed'] } });
    expect(retried).toMatchObject([
      { treeId: failed, ok: true, taskCount: 3 },
      { treeId: done, ok: false, status: 'completed', error: { code: 'task/invalid-transition' } },
    ]);
    await on.real.engine.settled(failed as never);
    const held = await tree('running');
    const status = ['running', 'failed', 'completed'] as const;
    expect(await all({ action: 'delete', filter: { status: [...status] } })).toMatchObject([
      { treeId: held, ok: false, error: { code: 'task/cannot-delete', data: { errors: [{ path: ['taskId'] }] } } },
      { treeId: failed, ok: true, taskCount: 3 },
      { treeId: done, ok: true, taskCount: 3 },
    ]);
    expect(await statusOf(held)).toBe('running');
    expect(await statusOf(done)).toBeUndefined();
  });

  it('answers page by page, so that the pages together have each tree once', async () => {
    const trees = [await tree('created'), await tree('created'), await tree('created')];
    const filter = { status: 'created' } as const;
    const first = await on.rpc.result('tasks.bulk', { action: 'cancel', filter, limit: 2, dryRun: true });
    expect([first.items.length, typeof first.nextCursor]).toEqual([2, 'string']);
    const shown = await all({ action: 'cancel', filter, limit: 2, dryRun: true });
    expect(shown.map(({ treeId }) => treeId).toSorted()).toEqual(trees.toSorted());
    expect(await all({ action: 'cancel', filter, limit: 2 })).toHaveLength(3);
  });

  it('notes who acted, and how', async () => {
    const [treeId, failed] = [await tree('running'), await tree('failed')];
    const asked: unknown[] = [];
    const { engine } = on.real;
    const rpc = bench({
      ...engine,
      cancel: (id, options) => (asked.push(options), engine.cancel(id, options)),
      retry: (id, options) => (asked.push(options), engine.retry(id, options)),
    });
    await rpc.result('tasks.bulk', { action: 'cancel', filter: { treeIds: [treeId] }, reason: 'enough', force: true });
    await rpc.result('tasks.bulk', { action: 'retry', filter: { treeIds: [failed] }, mode: 'start' });
    const actor = expect.objectContaining({ userId: 'local' }) as unknown;
    expect(asked).toEqual([
      { reason: 'enough', force: true, actor },
      { mode: 'start', actor },
    ]);
  });

  it('begins no further trees when an answer has taken its time', async () => {
    for (let at = 0; at < 40; at++) await tree('created');
    let nowMs = 0;
    const rpc = bench(on.real.engine, TEST_LIMITS, { nowMs: () => (nowMs += 6_000) });
    const page = await rpc.result('tasks.bulk', { action: 'cancel', filter: { status: 'created' }, limit: 40 });
    expect([page.items.length, typeof page.nextCursor]).toEqual([32, 'string']);
  });

  it('refuses to retry what the user could not have submitted, and leaves it as it is', async () => {
    const ann: Caller = { principal: { userId: 'ann', role: 'user' } };
    const theirs = await tree('failed', { userId: 'ann' });
    const access = {
      isLimited: () => true,
      violations: () => [{ code: 'auth/unauthorized' as const, path: ['tasks', 0], reason: 'the role may not' }],
    };
    const rpc = bench(on.real.engine, TEST_LIMITS, { access });
    const filter = { treeIds: [theirs] };
    for (const dryRun of [true, false]) {
      const { items } = await rpc.result('tasks.bulk', { action: 'retry', filter, dryRun }, ann);
      expect(items).toMatchObject([{ treeId: theirs, ok: false, error: { code: 'auth/unauthorized' } }]);
    }
    expect(await statusOf(theirs)).toBe('failed');
  });

  it('takes, without a status, the runs that the action is meant for', async () => {
    for (const kind of KINDS) await tree(kind);
    const filter = { createdBefore: '2999-01-01T00:00:00Z' };
    const selected = async (action: 'cancel' | 'retry' | 'delete'): Promise<string[]> =>
      (await all({ action, filter, dryRun: true })).map(({ status }) => status).toSorted();
    expect(await selected('cancel')).toEqual(['created', 'running']);
    expect(await selected('retry')).toEqual(['cancelled', 'failed']);
    expect(await selected('delete')).toEqual(['cancelled', 'completed', 'failed']);
  });

  it('takes the trees that are named, of those that it is meant for; what others own is not among them', async () => {
    const [one, two, ended] = [await tree('running'), await tree('running'), await tree('completed')];
    const theirs = await tree('running', { userId: 'ann' });
    const filter = { treeIds: [one, ended, theirs, 'unknown'] };
    const ann: Caller = { principal: { userId: 'ann', role: 'user' } };
    expect(await all({ action: 'cancel', filter, dryRun: true }, ann)).toMatchObject([{ treeId: theirs }]);
    expect(await all({ action: 'cancel', filter })).toMatchObject([{ treeId: theirs }, { treeId: one }]);
    expect(await statusOf(two)).toBe('running');
  });

  it('refuses a filter that names nothing, a status of tasks, and a cursor from elsewhere', async () => {
    for (const params of [
      { action: 'delete', filter: {} },
      { action: 'delete', filter: { status: 'pending' } },
      { action: 'delete', filter: { tag: 'x' }, cursor: 'rubbish' },
      { action: 'pause', filter: { tag: 'x' } },
      { action: 'delete', filter: { tag: 'x' }, limit: 1001 },
    ]) {
      expect(await on.rpc.refusal('tasks.bulk', params as Bulk)).toMatchObject({ code: -32602 });
    }
    const { data } = await on.rpc.refusal('tasks.bulk', { action: 'delete', filter: {} });
    expect(data).toMatchObject({
      errors: [{ path: ['filter'], reason: expect.stringContaining('name at least one field') as string }],
    });
  });

  it('lets a user touch own trees only', async () => {
    const ann: Caller = { principal: { userId: 'ann', role: 'user' } };
    const [theirs, hers] = [await tree('failed'), await tree('failed', { userId: 'ann' })];
    expect(await all({ action: 'delete', filter: { status: 'failed' }, dryRun: true }, ann)).toMatchObject([
      { treeId: hers, ok: true },
    ]);
    expect(await all({ action: 'delete', filter: { status: 'failed' } }, ann)).toMatchObject([{ treeId: hers }]);
    expect(await statusOf(theirs)).toBe('failed');
    const naming = { action: 'delete', filter: { userId: 'local' } } as const;
    expect(await on.rpc.refusal('tasks.bulk', naming, ann)).toMatchObject({ code: -32004 });
  });

  it('R-PR-10: a dry run answers what the action then answers, and changes nothing, whatever is stored', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...KINDS), { maxLength: 6 }),
        fc.record({
          action: fc.constantFrom('cancel', 'retry', 'delete'),
          filter: fc.record({ status: fc.subarray([...KINDS], { minLength: 1 }) }),
          limit: fc.integer({ min: 1, max: 4 }),
        }),
        async (kinds, params) => {
          for (const kind of kinds) await tree(kind);
          const before = await stored();
          const would = await all({ ...params, dryRun: true });
          expect(await stored()).toBe(before);
          const did = await all(params);
          expect(did).toEqual(would);
          await all({ action: 'cancel', filter: { status: ['created', 'running'] } });
          await all({ action: 'delete', filter: { status: [...KINDS] } });
        },
      ),
      { numRuns: 25 },
    );
  });
});
