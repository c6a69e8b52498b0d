import type { Params, Result } from '@coppice/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { methodBench } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

type Graph = Result<'tasks.graph'>;

/** A gate by size: `big` and `small` wait for `measure`, `report` for both, and `held` for nobody. */
const routed: Extract<Params<'tasks.create'>, { tasks: unknown }>['tasks'] = [
  { name: 'root' },
  { name: 'measure', parentId: 'root', executor: 'echo', inputs: { text: 'xs' } },
  {
    name: 'big',
    parentId: 'root',
    executor: 'echo',
    dependencies: [{ task: 'measure', condition: 'output.text == "xl"' }],
  },
  {
    name: 'small',
    parentId: 'root',
    executor: 'echo',
    dependencies: [{ task: 'measure', condition: 'output.text == "xs"' }],
  },
  { name: 'report', parentId: 'root', executor: 'echo', join: 'any', dependencies: ['big', 'small'] },
  { name: 'held', parentId: 'root', executor: 'hold' },
];

/** All pages as one. */
async function whole(treeId: string, params: { readonly seq?: number; readonly limit?: number } = {}): Promise<Graph> {
  const first = await on.rpc.result('tasks.graph', { treeId, ...params });
  const items = [...first.items];
  for (let cursor = first.nextCursor; cursor !== undefined;) {
    const page = await on.rpc.result('tasks.graph', { treeId, ...params, seq: first.seq, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  const { nextCursor: _, ...rest } = first;
  return { ...rest, items };
}

it('R-PR-09: shows tasks and edges with their decisions, and the values that conditions have read', async () => {
  const tasks = routed.slice(0, -1);
  const ids = await on.ran(tasks);
  const { items, ...graph } = await whole(ids['root']!);
  expect(graph).toMatchObject({ status: 'completed', taskCount: 5, gates: [] });
  expect(items.map(({ name, status, kind }) => [name, kind, status])).toEqual([
    ['root', 'group', 'completed'],
    ['measure', 'executor', 'completed'],
    ['big', 'executor', 'skipped'],
    ['small', 'executor', 'completed'],
    ['report', 'executor', 'completed'],
  ]);
  const edges = items.map((task) => task.edges);
  const read = 'output.text';
  expect(edges[2]).toMatchObject([
    { source: ids['measure'], status: 'dead', because: 'condition', values: [{ read, value: '"xs"' }] },
  ]);
  expect(edges[3]).toMatchObject([
    { status: 'fired', condition: 'output.text == "xs"', values: [{ read, value: '"xs"' }] },
  ]);
  expect(edges[4]).toMatchObject([{ status: 'dead', because: 'trigger', on: ['success'] }, { status: 'fired' }]);
  expect(items[4]).toMatchObject({ winner: ids['small'], join: 'any' });
});

it('R-PR-09: shows any moment as it was, in pages of any size', async () => {
  const ids = await on.stored(routed);
  const treeId = ids['root']!;
  const created = await whole(treeId);
  await on.rpc.result('tasks.execute', { taskId: treeId });
  await expect.poll(async () => (await whole(treeId)).items.at(4)?.status).toBe('completed');
  const held = await whole(treeId);
  expect(held.items.at(-1)).toMatchObject({ name: 'held', status: 'running' });
  on.real.release();
  await on.real.engine.settled(treeId as never);
  const last = await whole(treeId);
  for (const moment of [created, held, last]) {
    for (const limit of [1, 2, 5, 100]) expect(await whole(treeId, { seq: moment.seq, limit })).toEqual(moment);
  }
  const { items } = await on.rpc.result('tasks.graph', { treeId, limit: 4 });
  expect(items.map(({ name, edges }) => [name, edges.length])).toEqual([
    ['root', 0],
    ['measure', 0],
    ['big', 1],
  ]);
});

it('refuses an event after the last', async () => {
  const ids = await on.stored();
  expect(await on.rpc.refusal('tasks.graph', { treeId: ids['root']!, seq: 2 })).toMatchObject({
    code: -32602,
    data: { errors: [{ path: ['seq'], reason: 'the last event of the tree is 1' }] },
  });
  expect(await on.rpc.refusal('tasks.graph', { treeId: ids['root']!, seq: 0 })).toMatchObject({ code: -32602 });
});

it('R-PR-09: shows only the tasks that are asked for, with all of their edges', async () => {
  const ids = await on.ran(routed.slice(0, -1));
  const only = await on.rpc.result('tasks.graph', { treeId: ids['root']!, taskIds: [ids['report']!, ids['small']!] });
  expect(only.items.map(({ name, edges }) => [name, edges.map(({ status }) => status)])).toEqual([
    ['small', ['fired']],
    ['report', ['dead', 'fired']],
  ]);
  expect(only).not.toHaveProperty('nextCursor');
  // Before the task had its first event, and of another tree.
  const past = await on.rpc.result('tasks.graph', { treeId: ids['root']!, seq: 1, taskIds: [ids['report']!] });
  expect(past.items[0]?.edges.map(({ status }) => status)).toEqual(['open', 'open']);
  const other = await on.ran([{ name: 'root' }]);
  expect(await on.rpc.refusal('tasks.graph', { treeId: ids['root']!, taskIds: [other['root']!] })).toMatchObject({
    data: { code: 'task/not-found' },
  });
});
