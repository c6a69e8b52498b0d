import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appendOf, fold, type RunState, type TreeId } from '@coppice/core';
import { MemoryStore } from '@coppice/storage';
import type { Notification } from '@coppice/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Message } from 'vscode-jsonrpc/node';
import { parseConfig } from '../config.ts';
import type { ServerConfig, ServerConfigInput } from '../config.ts';
import { checkedResult } from '../rpc/dispatcher.fixture.ts';
import { testExtension } from '../rpc/real-engine.fixture.ts';
import type { ComposeOptions } from './compose.ts';
import { CallError, createLocal } from './create-local.ts';
import { createServer } from './create-server.ts';

let dir = '';
const open: { stop(): Promise<void> }[] = [];
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'coppice-server-'))));
afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
  await rm(dir, { recursive: true });
});

function config(value: ServerConfigInput = {}): ServerConfig {
  const parsed = parseConfig({ dataDir: join(dir, 'data'), ...value, listen: { port: 0, ...value.listen } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.config;
}

function options(more: ComposeOptions = {}): ComposeOptions {
  return { builtIns: false, logLevel: 'silent', extensions: [{ source: testExtension().module }], ...more };
}

async function started(value?: ServerConfigInput, more?: ComposeOptions) {
  const server = await createServer(config(value), options(more));
  open.push(server);
  await server.start();
  return server;
}

async function post(url: string, token: string, message: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/rpc`, { method: 'POST', headers, body: JSON.stringify(message) });
  return response.json();
}

const greet = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tasks.execute',
  params: { tasks: [{ name: 'g', executor: 'echo' }], wait: true },
};

describe('a server', () => {
  it('runs trees in a store that the next server finds', async () => {
    const first = await started();
    const token = (await readFile(first.tokenFile!, 'utf8')).trim();
    const answer = (await post(first.address!.url, token, greet)) as { result: { treeId: string } };
    expect(answer).toMatchObject({ result: { status: 'completed' } });
    await first.stop();
    await first.stop();
    await expect(post(first.address!.url, token, greet)).rejects.toThrow('fetch failed');

    const second = await started();
    const get = { jsonrpc: '2.0', id: 2, method: 'tasks.get', params: { taskId: answer.result.treeId } };
    expect(await post(second.address!.url, token, get)).toMatchObject({ result: { status: 'completed' } });
  });

  it('listens before it executes anything again, so that a person can cancel what took it down (R-CP-10)', async () => {
    const store = new MemoryStore();
    const first = await createLocal(config(), options({ store }));
    open.push(first);
    await first.start();
    const child = (id: string) => ({ id, parentId: 'tree', executor: 'hold' });
    await first.call('tasks.execute', { tasks: [{ id: 'tree' }, child('bad'), child('good')] });
    // The process is gone; what it had stored goes on elsewhere.
    const left = new MemoryStore();
    await left.open();
    const events = await store.readEvents('tree' as TreeId, 0, 100);
    const run = fold(events) as RunState;
    await left.append([appendOf(run, events)]);
    expect(run.executing).toBe(2);

    const second = await createServer(config({ auth: { noAuth: true } }), options({ store: left }));
    open.push(second);
    const started = new Promise<string>((resolve) => {
      second.engine.subscribe({}, { event: (_, { type, taskId = '' }) => type === 'TaskStarted' && resolve(taskId) });
    });
    const recovered = await second.start(async ({ url }) => {
      const cancel = { jsonrpc: '2.0', id: 1, method: 'tasks.cancel', params: { taskId: 'bad' } };
      expect(await post(url, '', cancel)).toHaveProperty('result');
    });
    expect(recovered).toEqual([{ treeId: 'tree', interrupted: 2 }]);
    expect(await started).toBe('good');
    const tasks = await left.listTasks('tree' as TreeId);
    expect(tasks.map(({ id, status, attempt }) => [id, status, attempt])).toEqual([
      ['tree', 'running', 0],
      ['bad', 'cancelled', 1],
      ['good', 'running', 2],
    ]);
    expect((await second.engine.health()).runningTasks).toBe(1);
  });

  it('knows the users of its configuration', async () => {
    const users = [{ userId: 'ann', token: { env: 'ANN_TOKEN' } }];
    const ANN_TOKEN = 'a-long-token-for-ann';
    const server = await started({ auth: { users } }, { environment: { ANN_TOKEN } });
    const info = { jsonrpc: '2.0', id: 1, method: 'system.info' };
    expect(await post(server.address!.url, ANN_TOKEN, info)).toMatchObject({
      result: { userId: 'ann', role: 'user', dataDir: null },
    });
  });

  it('answers who waits for a run when it stops, and continues the run at the next start', async () => {
    const server = await started();
    const token = (await readFile(server.tokenFile!, 'utf8')).trim();
    const hold = { ...greet, params: { tasks: [{ name: 'h', executor: 'hold' }], wait: true } };
    const waiting = post(server.address!.url, token, hold) as Promise<{ error: { data: { treeId: string } } }>;
    await expect.poll(() => server.engine.running().length).toBe(1);
    await server.stop({ graceMs: 0 });
    const { error } = await waiting;
    expect(error).toMatchObject({ code: -32013, data: { retryAfterMs: 1000 } });

    const { module, release } = testExtension();
    const next = await createServer(config(), options({ extensions: [{ source: module }] }));
    open.push(next);
    expect(await next.start()).toMatchObject([{ treeId: error.data.treeId }]);
    release();
    expect(await next.engine.settled(error.data.treeId as never)).toBe('completed');
  });

  it.each([
    [{ auth: { noAuth: true }, listen: { host: '0.0.0.0' } }, 'listen/no-auth'],
    [{ store: { kind: 'papyrus' } }, 'config/unknown-store'],
    [{ secrets: { key: { env: 'NOT_SET' } } }, 'config/secret-missing'],
    [{ auth: { users: [{ userId: 'a', token: { env: 'SHORT' } }] } }, 'config/invalid'],
  ] satisfies [ServerConfigInput, string][])('refuses to be built from %j', async (value, code) => {
    const building = createServer(config(value), options({ environment: { SHORT: 'short' } }));
    await expect(building).rejects.toMatchObject({ name: 'StartError', code });
  });

  it('says when its port is taken, and leaves nothing open', async () => {
    const first = await started({}, { store: new MemoryStore() });
    const second = await createServer(config({ listen: { port: first.address!.port } }), options());
    await expect(second.start()).rejects.toMatchObject({
      code: 'listen/failed',
      message: expect.stringContaining('another program listens') as string,
    });
    const third = await createServer(config(), options());
    open.push(third);
    await third.start();
  });

  it('starts without an extension that can not be loaded, and says so', async () => {
    const { engine } = await started({ extensions: ['./nowhere.js'] }, { baseDir: dir });
    expect(engine.registry.extensions).toMatchObject([
      { status: 'loaded' },
      { status: 'failed', source: './nowhere.js' },
    ]);
  });
});

describe('the embedded engine', () => {
  it('calls methods and gets notifications, after the answer that names them', async () => {
    const local = await createLocal(config(), options());
    open.push(local);
    await local.start();
    const got: Notification[] = [];
    let answered = false;
    const ended = new Promise<void>((resolve) =>
      local.onNotification((notification) => {
        expect(answered).toBe(true);
        got.push(notification);
        if (notification.method === 'tasks.subscriptionEnded') resolve();
      }),
    );
    const tree = await local.call('tasks.create', { tasks: [{ name: 'g', executor: 'echo' }] });
    await local.call('tasks.execute', { taskId: tree.id, wait: true });
    const subscribing = local.call('tasks.subscribe', { treeId: tree.id, afterSeq: 0 });
    void subscribing.then(() => (answered = true));
    const { subscriptionId } = await subscribing;
    await ended;
    const seqs = got.flatMap((one) => (one.method === 'tasks.event' ? [one.params.event.seq] : []));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(got.at(-1)).toMatchObject({ params: { subscriptionId, reason: 'runEnded', lastSeq: seqs.length } });
  });

  it('refuses as over the wire', async () => {
    const local = await createLocal(config({ store: { kind: 'memory' } }), options());
    open.push(local);
    await local.start();
    const refused = local.call('tasks.get', { taskId: 'x' });
    await expect(refused).rejects.toThrow(CallError);
    await expect(refused).rejects.toMatchObject({ error: { code: -32001 } });
    expect(await local.send([])).toMatchObject({ error: { code: -32600 } });
    expect(await local.send({ jsonrpc: '2.0', method: 'system.health' })).toBeUndefined();
  });
});

describe('a child process over stdio', () => {
  it('loads the built-in executors, runs a tree, and ends when its input does', async () => {
    const program = fileURLToPath(new URL('./stdio-process.fixture.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=coppice-source', program, join(dir, 'data')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const writer = new StreamMessageWriter(child.stdin);
    const reader = new StreamMessageReader(child.stdout);
    const waiting = new Map<unknown, (answer: unknown) => void>();
    reader.listen((message) => {
      const answer = message as unknown as { id: unknown; result?: unknown };
      waiting.get(answer.id)?.(answer);
    });
    const call = async (method: string, params: object): Promise<unknown> => {
      const answer = new Promise((resolve) => waiting.set(method, resolve));
      await writer.write({ jsonrpc: '2.0', id: method, method, params } as Message);
      return checkedResult(method, ((await answer) as { result?: unknown }).result);
    };
    const extensions = (await call('extensions.list', {})) as { items: { status: string; error: string | null }[] };
    expect(extensions.items.map(({ status, error }) => [status, error])).toEqual(Array(6).fill(['loaded', null]));
    const tasks = [{ name: 'd', executor: 'delay', inputs: { ms: 1 } }];
    expect(await call('tasks.execute', { tasks, wait: true })).toMatchObject({ status: 'completed' });
    child.stdin.end();
    expect(await exited).toBe(0);
  });

  it.each(['Content-Length: 10\r\n\r\n{}', 'Content-Length: 99999999999999999999\r\n\r\n{}'])(
    'ends with its input also in the middle of a frame: %j',
    async (cut) => {
      const program = fileURLToPath(new URL('./stdio-process.fixture.ts', import.meta.url));
      const child = spawn(process.execPath, ['--conditions=coppice-source', program, join(dir, 'data')], {
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
      child.stdin.end(cut);
      expect(await exited).toBe(0);
    },
  );
});
