import type { NotificationParams, Params } from '@coppice/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LOCAL_OWNER } from './caller.ts';
import { methodBench } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';
import { Subscriptions } from './subscriptions.ts';

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

const grouped: Extract<Params<'tasks.create'>, { tasks: unknown }>['tasks'] = [
  { name: 'root' },
  { name: 'inner', parentId: 'root' },
  { name: 'a', parentId: 'inner', executor: 'echo' },
  { name: 'b', parentId: 'inner', executor: 'fail', allowFailure: true },
  { name: 'held', parentId: 'root', executor: 'hold' },
  { name: 'then', parentId: 'root', executor: 'echo', dependencies: ['held'] },
];
const none = { pending: 0, ready: 0, running: 0, waiting: 0, completed: 0, failed: 0, skipped: 0, cancelled: 0 };

/** Begins the tree, and answers its ids when only `held` runs. */
async function begun(): Promise<Record<string, string>> {
  const ids = await on.stored(grouped);
  await on.rpc.result('tasks.execute', { taskId: ids['root']! });
  await expect.poll(async () => (await on.rpc.result('tasks.get', { taskId: ids['inner']! })).status).toBe('completed');
  return ids;
}

it('R-PR-06, R-PR-07: says of any group how far it is, in tasks.get and tasks.tree', async () => {
  const ids = await begun();
  const inner = { total: 2, counts: { ...none, completed: 1, failed: 1 }, fraction: 1 };
  const root = { total: 5, counts: { ...none, completed: 2, failed: 1, running: 1, pending: 1 }, fraction: 3 / 5 };
  expect((await on.rpc.result('tasks.get', { taskId: ids['inner']!, inside: true })).inside).toEqual(inner);
  const tree = await on.rpc.result('tasks.tree', { taskId: ids['inner']!, inside: true });
  expect(tree.inside).toEqual(root);
  expect(tree.children.map((child) => child.inside)).toEqual([inner, undefined, undefined]);
  expect(await on.rpc.result('tasks.get', { taskId: ids['inner']! })).not.toHaveProperty('inside');
  expect(await on.rpc.result('tasks.get', { taskId: ids['a']!, inside: true })).not.toHaveProperty('inside');
});

it('R-PR-11: shows times, averages and queues by executor, and the groups that are asked for', async () => {
  const ids = await begun();
  const status = await on.rpc.result('tasks.status', { treeId: ids['root']!, groups: [ids['inner']!] });
  expect(status).toMatchObject({
    progress: {
      status: 'running',
      total: 6,
      etaMs: null,
      etaBasis: null,
      groups: [{ taskId: ids['inner'], total: 2 }],
    },
    queues: [
      { executor: 'echo', ready: 0, running: 0, open: 1 },
      { executor: 'fail', open: 0, averageMs: null },
      { executor: 'hold', running: 1, open: 1, averageMs: null },
    ],
  });
  expect(status.tookMs).toBeGreaterThanOrEqual(0);
  expect(status.averageTaskMs).toBeGreaterThanOrEqual(0);
  on.real.release();
  await on.real.engine.settled(ids['root'] as never);
  const ended = await on.rpc.result('tasks.status', { treeId: ids['root']! });
  expect(ended.progress).toMatchObject({ status: 'completed', fraction: 1, etaMs: null });
  expect(ended.progress).not.toHaveProperty('groups');
  expect((await on.rpc.result('tasks.status', { treeId: ids['root']! })).tookMs).toBe(ended.tookMs);
  const other = await on.stored();
  const foreign = { treeId: ids['root']!, groups: [other['root']!] };
  expect(await on.rpc.refusal('tasks.status', foreign)).toMatchObject({ code: -32001 });
});

it('R-PR-07: tells a subscriber after each change how far the groups are that it names', async () => {
  const ids = await on.stored(grouped);
  const seen: NotificationParams<'tasks.progress'>['progress'][] = [];
  const send = (text: string): void => {
    const { method, params } = JSON.parse(text) as { method: string; params: NotificationParams<'tasks.progress'> };
    if (method === 'tasks.progress') seen.push(params.progress);
  };
  const caller = { principal: LOCAL_OWNER, subscriptions: new Subscriptions({ engine: on.real.engine, max: 9, send }) };
  const groups = [ids['inner']!, ids['root']!];
  expect(await on.rpc.refusal('tasks.subscribe', { groups }, caller)).toMatchObject({ code: -32602 });
  await on.rpc.result('tasks.subscribe', { treeId: ids['root']!, groups }, caller);
  await on.rpc.result('tasks.execute', { taskId: ids['root']! });
  on.real.release();
  await on.real.engine.settled(ids['root'] as never);
  await expect.poll(() => seen.at(-1)?.status).toBe('completed');
  expect(seen.at(-1)?.groups).toMatchObject([
    { taskId: ids['inner'], total: 2, fraction: 1 },
    { taskId: ids['root'], total: 5, fraction: 1, counts: { completed: 4, failed: 1 } },
  ]);
  for (const { groups: told, total } of seen) {
    expect(told?.map(({ taskId }) => taskId)).toEqual(groups);
    expect(told?.[1]?.total).toBe(total - 1);
  }
  const fractions = seen.map(({ groups: told }) => told?.[1]?.fraction ?? 0);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
});
