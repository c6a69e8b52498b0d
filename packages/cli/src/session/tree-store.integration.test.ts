/** A client's picture of all trees, against a real server that is killed and started again under it. */
import { createClient, foldEvents, TreeStore, webSocketTransport } from '@coppice/client';
import type { Client, OpenTree } from '@coppice/client';
import type { Server } from '@coppice/server';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { makeFolder } from '../run-cli.fixture.ts';
import { QUICK, startServer } from './real-server.fixture.ts';
import { findOwnerToken } from './server-file.ts';

let dataDir: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: dataDir, remove } = await makeFolder());
});

afterEach(() => remove());

async function connect(server: Server): Promise<Client> {
  const token = await findOwnerToken(dataDir);
  const client = createClient({
    transport: webSocketTransport({ url: server.address?.url ?? '', token, reconnect: QUICK }),
  });
  onTestFinished(() => client.close());
  return client;
}

async function storeOf(client: Client): Promise<TreeStore> {
  const store = new TreeStore({ client, pageSize: 2 });
  onTestFinished(() => store.dispose());
  await vi.waitFor(() => expect(store.freshness).toBe('live'));
  return store;
}

const tasks = (ms: number, name = 'tree') => [
  { id: 'tree', name },
  { id: 'one', parentId: 'tree', executor: 'delay', inputs: { ms: 1 } },
  { id: 'two', parentId: 'tree', executor: 'delay', inputs: { ms }, dependencies: ['one'] },
];

/** Waits until the tree's status is as expected, as a person would see it. */
const shows = (store: TreeStore, treeId: string, status: string): Promise<void> =>
  vi.waitFor(() => expect(store.find(treeId)?.status).toBe(status), { timeout: 20_000 });

it('lists what there is and what comes, page by page, newest first', async () => {
  const server = await startServer(dataDir);
  const other = await connect(server);
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c'])
    ids.push((await other.tasks.create({ tasks: tasks(1, name), reidentify: true })).id);
  const store = await storeOf(await connect(server));
  expect(store.trees.map(({ name }) => name)).toEqual(['c', 'b']);
  expect(store.hasMore).toBe(true);
  await store.loadMore();
  expect(store.trees.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  expect(store.hasMore).toBe(false);
  const { treeId } = await other.tasks.execute({ tasks: tasks(1, 'd'), reidentify: true, wait: true });
  await shows(store, treeId, 'completed');
  expect(store.trees.map(({ name }) => name)).toEqual(['d', 'c', 'b', 'a']);
  expect(store.find(treeId)?.progress).toMatchObject({ total: 3, fraction: 1 });
});

it('learns of a tree beyond its page when something happens in it', async () => {
  const server = await startServer(dataDir);
  const other = await connect(server);
  const { id } = await other.tasks.create({ tasks: tasks(1, 'old'), reidentify: true });
  for (const name of ['b', 'c']) await other.tasks.create({ tasks: tasks(1, name), reidentify: true });
  const store = await storeOf(await connect(server));
  expect(store.find(id)).toBeUndefined();
  await other.tasks.execute({ taskId: id, wait: true });
  await shows(store, id, 'completed');
});

it('goes on after the server was stopped and started again, without a lost or doubled event (R-PR-02)', async () => {
  const first = await startServer(dataDir);
  const { port = 0 } = first.address ?? {};
  const client = await connect(first);
  const store = await storeOf(client);
  const freshness: string[] = [];
  store.onFreshness((now) => freshness.push(now));
  const { treeId } = await client.tasks.execute({ tasks: tasks(500), reidentify: true });
  const open: OpenTree = await store.open(treeId);
  const seqs = open.log.events.map(({ seq }) => seq);
  open.log.onEvents((events) => seqs.push(...events.map(({ seq }) => seq)));
  await vi.waitFor(() => expect(open.log.view.tasks.get(`${treeId}.2`)?.status).toBe('running'));
  await first.stop({ graceMs: 0 });
  await vi.waitFor(() => expect(store.freshness).toBe('reconnecting'));
  const second = await startServer(dataDir, port);
  await shows(store, treeId, 'completed');
  await vi.waitFor(() => expect(open.log.view.status).toBe('completed'));
  expect(freshness).toEqual(['reconnecting', 'stale', 'live']);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  const { items } = await (await connect(second)).tasks.events({ treeId, limit: 1000 });
  expect(open.log.events).toEqual(items);
  open.log.view.changed.clear();
  const { changed: _, ...expected } = foldEvents(items);
  expect(open.log.view).toMatchObject(expected);
});

it('shares one log among all who have the tree open, and refuses an unknown tree', async () => {
  const server = await startServer(dataDir);
  const client = await connect(server);
  const store = await storeOf(client);
  const { treeId } = await client.tasks.execute({ tasks: tasks(1), reidentify: true, wait: true });
  const [one, two] = await Promise.all([store.open(treeId), store.open(treeId)]);
  expect(one.log).toBe(two.log);
  one.close();
  one.close();
  expect((await store.open(treeId)).log).toBe(two.log);
  await expect(store.open('nope')).rejects.toMatchObject({ code: 'task/not-found' });
});
