/** The client's transports against the real server. Here, because the client itself may not depend on the server. */
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createClient, foldEvents, httpTransport, webSocketTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { stdioTransport } from '@coppice/client/stdio';
import type { RunEvent } from '@coppice/protocol';
import type { Server } from '@coppice/server';
import { resolve } from 'node:path';
import { makeFolder } from '../run-cli.fixture.ts';
import { QUICK, startServer } from './real-server.fixture.ts';
import { findOwnerToken } from './server-file.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');
let dataDir: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: dataDir, remove } = await makeFolder());
});

afterEach(() => remove());

function closing(client: Client): Client {
  onTestFinished(() => client.close());
  return client;
}

const tasks = [
  { id: 'tree' },
  { id: 'one', parentId: 'tree', executor: 'delay', inputs: { ms: 1 } },
  { id: 'two', parentId: 'tree', executor: 'delay', inputs: { ms: 400 }, dependencies: ['one'] },
];

async function seqsOf(
  events: AsyncIterable<RunEvent>,
  onEvent?: (event: RunEvent) => void,
): Promise<readonly number[]> {
  const seqs: number[] = [];
  for await (const event of events) {
    seqs.push(event.seq);
    onEvent?.(event);
  }
  return seqs;
}

it('follows the same events over HTTP and WebSocket, with progress (R-PR-02, R-PR-03, R-PR-07)', async () => {
  const server = await startServer(dataDir);
  const url = server.address?.url ?? '';
  const token = await findOwnerToken(dataDir);
  const http = closing(createClient({ transport: httpTransport({ url, token }) }));
  const socket = closing(createClient({ transport: webSocketTransport({ url, token }) }));
  const { treeId } = await socket.tasks.execute({ tasks, reidentify: true });
  const fractions: number[] = [];
  const onProgress = ({ fraction }: { fraction: number }): void => void fractions.push(fraction);
  const [overHttp, overSocket] = await Promise.all([
    seqsOf(http.follow(treeId, { pollMs: 20 })),
    seqsOf(socket.follow(treeId, { onProgress })),
  ]);
  expect(overHttp).toEqual(overSocket);
  expect(overHttp).toEqual(overHttp.map((_seq, index) => index + 1));
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  await expect(seqsOf(http.follow('nope'))).rejects.toMatchObject({ code: 'task/not-found', number: -32001 });
});

it('follows a run across a restart of the server without a gap or a repetition (R-PR-02, R-CP-10)', async () => {
  const first = await startServer(dataDir);
  const { port = 0, url = '' } = first.address ?? {};
  const token = await findOwnerToken(dataDir);
  const client = closing(createClient({ transport: webSocketTransport({ url, token, reconnect: QUICK }) }));
  const { treeId } = await client.tasks.execute({ tasks, reidentify: true });
  const types: string[] = [];
  let restarted: Promise<Server> | undefined;
  const seqs = await seqsOf(client.follow(treeId), (event) => {
    types.push(event.type);
    const isSecond = event.type === 'TaskStarted' && event.taskId === `${treeId}.2`;
    if (isSecond) restarted ??= first.stop({ graceMs: 0 }).then(() => startServer(dataDir, port));
  });
  await restarted;
  expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
  expect(types).toContain('AttemptInterrupted');
  expect(types.at(-1)).toBe('RunCompleted');
});

it('refuses a wrong token over HTTP at once', async () => {
  const server = await startServer(dataDir);
  const client = closing(
    createClient({ transport: httpTransport({ url: server.address?.url ?? '', token: 'wrong' }) }),
  );
  await expect(client.tasks.count()).rejects.toMatchObject({ code: 'auth/unauthorized', number: -32004 });
});

it.each([
  ['HTTP', (url: string, token: string | undefined) => httpTransport({ url, token })],
  ['WebSocket', (url: string, token: string | undefined) => webSocketTransport({ url, token })],
])('names its face over %s: events that it causes say so', async (_, transport) => {
  const server = await startServer(dataDir);
  const url = server.address?.url ?? '';
  const editor = closing(createClient({ transport: transport(url, await findOwnerToken(dataDir)), face: 'editor' }));
  // The same connection with another face.
  const client = editor.as('agent');
  const { treeId } = await client.tasks.execute({ tasks, reidentify: true });
  await client.tasks.cancel({ taskId: treeId });
  const { items } = await client.tasks.events({ treeId });
  const actors = new Map(items.map(({ type, actor }) => [type, actor]));
  const agent = { userId: 'local', face: 'agent' };
  expect([actors.get('TreeCreated'), actors.get('RunStarted'), actors.get('RunCancelled')]).toEqual([
    agent,
    agent,
    agent,
  ]);
  expect(foldEvents(items).reason).toEqual({ code: 'user', message: 'Cancelled by the user', by: agent });
});

it('speaks to "coppice serve --stdio", which ends with its client', async () => {
  const args = ['--conditions=coppice-source', MAIN, '--data-dir', dataDir, 'serve', '--stdio'];
  const client = closing(
    createClient({ transport: stdioTransport({ command: process.execPath, args }), face: 'editor' }),
  );
  const { treeId } = await client.tasks.execute({ tasks, reidentify: true });
  const [created] = (await client.tasks.events({ treeId, limit: 1 })).items;
  expect(created?.actor).toEqual({ userId: 'local', face: 'editor' });
  const seqs = await seqsOf(client.follow(treeId));
  expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
  await client.close();
  await expect(client.tasks.count()).rejects.toMatchObject({ code: 'connection/closed' });
});

it('says why a stdio server did not start', async () => {
  const failing = stdioTransport({
    command: process.execPath,
    args: ['-e', 'console.error("no disk"); process.exit(4)'],
  });
  const client = closing(createClient({ transport: failing }));
  await expect(client.tasks.count()).rejects.toThrow(/ended with exit code 4: no disk/);
  const missing = closing(createClient({ transport: stdioTransport({ command: '/does/not/exist' }) }));
  await expect(missing.tasks.count()).rejects.toThrow(/Can not start "\/does\/not\/exist"/);
});
