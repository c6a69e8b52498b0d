import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fakeEngine, runEvent, taskRecord, treeRecord } from '../rpc/fake-engine.fixture.ts';
import type { FakeEngine } from '../rpc/fake-engine.fixture.ts';
import type { TreeId } from '@coppice/core';
import { ANN_TOKEN, httpBench, OWNER_TOKEN } from './http.fixture.ts';
import type { HttpBench, HttpBenchOptions } from './http.fixture.ts';

const open: HttpBench[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served.app.close();
});

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly subscriptionId?: string };
  readonly result?: { readonly subscriptionId?: string };
  readonly error?: unknown;
}

class Socket {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #received: Message[] = [];
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      this.#received.push(JSON.parse(data.toString()) as Message);
      this.#wake();
    });
  }

  async next(): Promise<Message> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#received.shift() as Message;
  }

  async call(method: string, params: object = {}): Promise<Message> {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id: method, method, params }));
    return this.next();
  }
}

interface Target {
  readonly served: HttpBench;
  readonly address: string;
  readonly engine: FakeEngine;
  readonly connect: (options?: {
    readonly protocols?: string[];
    readonly headers?: Record<string, string>;
  }) => Promise<Socket>;
}

async function serve(options: HttpBenchOptions = {}): Promise<Target> {
  const engine = fakeEngine();
  engine.trees.push(treeRecord('t'), treeRecord('anns', { userId: 'ann' }));
  engine.tasks.push(taskRecord('t'), taskRecord('anns'));
  const served = await httpBench(engine, options);
  open.push(served);
  const address = await served.listen();
  return {
    served,
    address,
    engine,
    connect: ({ protocols = [], headers = { authorization: `Bearer ${OWNER_TOKEN}` } } = {}) =>
      new Promise((resolve, reject) => {
        const socket = new Socket(new WebSocket(`ws://${address}/rpc`, protocols, { headers }));
        socket.socket.once('open', () => resolve(socket));
        socket.socket.once('unexpected-response', (_request, response) =>
          reject(new Error(`HTTP ${response.statusCode}`)),
        );
      }),
  };
}

function token(value: string): string {
  return `coppice.token.${Buffer.from(value).toString('base64url')}`;
}

const T = 't' as TreeId;

describe('WebSocket', () => {
  it('carries requests, batches and errors', async () => {
    const { connect } = await serve();
    const socket = await connect();
    expect(await socket.call('system.health')).toMatchObject({ result: { status: 'ok' } });
    socket.socket.send('no json');
    expect(await socket.next()).toMatchObject({ id: null, error: { code: -32700 } });
    socket.socket.send('[]');
    expect(await socket.next()).toMatchObject({ id: null, error: { code: -32600 } });
  });

  it('takes the token of a browser as a subprotocol', async () => {
    const { connect } = await serve();
    const socket = await connect({ protocols: ['coppice', token(ANN_TOKEN)], headers: {} });
    expect(socket.socket.protocol).toBe('coppice');
    expect(await socket.call('system.info')).toMatchObject({ result: { userId: 'ann', role: 'user' } });
  });

  it('is closed with 1008 without a good token', async () => {
    const { connect } = await serve();
    for (const protocols of [['coppice'], ['coppice', token('wrong')]]) {
      const socket = await connect({ protocols, headers: {} });
      expect(await socket.closed).toMatchObject({ code: 1008 });
    }
  });

  it('is refused to a foreign page and a rebound name', async () => {
    const { connect } = await serve();
    const authorization = `Bearer ${OWNER_TOKEN}`;
    await expect(connect({ headers: { authorization, origin: 'https://evil.example' } })).rejects.toThrow('HTTP 403');
    await expect(connect({ headers: { authorization, host: 'evil.example' } })).rejects.toThrow('HTTP 403');
  });

  it('is limited in number and in message size (R-SE-01)', async () => {
    const { connect } = await serve({ limits: { connections: 1, bodyBytes: 1000 } });
    const first = await connect();
    expect(await (await connect()).closed).toMatchObject({ code: 1013 });
    first.socket.send('x'.repeat(2000));
    expect(await first.closed).toMatchObject({ code: 1009 });
    const next = await connect();
    expect(await next.call('system.health')).toMatchObject({ result: {} });
  });
});

describe('subscriptions (R-PR-02, R-PR-04)', () => {
  it('answer first, then send events and progress in order', async () => {
    const { connect, engine } = await serve();
    const socket = await connect();
    const answered = socket.call('tasks.subscribe', { treeId: 't', afterSeq: 0 });
    const { result } = await answered;
    const [subscription] = engine.subscriptions;
    expect(subscription?.options).toMatchObject({ treeId: 't', afterSeq: 0 });
    await subscription?.subscriber.event(T, runEvent(1));
    await subscription?.subscriber.event(T, runEvent(2));
    expect(await socket.next()).toMatchInlineSnapshot(
      {
        params: { subscriptionId: expect.any(String) as string },
      },
      `
      {
        "jsonrpc": "2.0",
        "method": "tasks.event",
        "params": {
          "event": {
            "at": "2026-11-20T12:00:00.000Z",
            "data": {},
            "seq": 1,
            "taskId": "a",
            "treeId": "t",
            "type": "TaskDue",
            "v": 2,
          },
          "subscriptionId": Any<String>,
        },
      }
    `,
    );
    expect(await socket.next()).toMatchObject({
      params: { subscriptionId: result?.subscriptionId, event: { seq: 2 } },
    });
    subscription?.subscriber.end?.('runEnded');
    expect(await socket.next()).toMatchObject({
      method: 'tasks.subscriptionEnded',
      params: { reason: 'runEnded', treeId: 't', lastSeq: 2 },
    });
  });

  it('do not overtake the answer that names them', async () => {
    const { connect, engine } = await serve();
    const subscribe = engine.subscribe.bind(engine);
    Object.assign(engine, {
      subscribe: (...args: Parameters<typeof subscribe>) => {
        const end = subscribe(...args);
        void args[1].event(T, runEvent(1));
        return end;
      },
    });
    const socket = await connect();
    const answer = await socket.call('tasks.subscribe', { treeId: 't' });
    expect(answer.result?.subscriptionId).toBeTypeOf('string');
    expect(await socket.next()).toMatchObject({ method: 'tasks.event' });
  });

  it('end on request and with the connection', async () => {
    const { connect, engine } = await serve();
    const socket = await connect();
    const { result } = await socket.call('tasks.subscribe', {});
    await socket.call('tasks.subscribe', { treeId: 't' });
    expect(await socket.call('tasks.subscribe', {})).toMatchObject({ error: { code: -32013 } });
    expect(engine.subscriptions.size).toBe(2);
    const { subscriptionId } = result ?? {};
    expect(await socket.call('tasks.unsubscribe', { subscriptionId })).toMatchObject({ result: { ended: true } });
    expect(await socket.call('tasks.unsubscribe', { subscriptionId })).toMatchObject({ result: { ended: false } });
    expect(engine.subscriptions.size).toBe(1);
    socket.socket.close();
    await socket.closed;
    await expect.poll(() => engine.subscriptions.size).toBe(0);
  });

  it("show a user's own trees only", async () => {
    const { connect, engine } = await serve();
    const socket = await connect({ headers: { authorization: `Bearer ${ANN_TOKEN}` } });
    expect(await socket.call('tasks.subscribe', { treeId: 't' })).toMatchObject({ error: { code: -32001 } });
    expect(await socket.call('tasks.subscribe', { userId: 'local' })).toMatchObject({ error: { code: -32004 } });
    await socket.call('tasks.subscribe', {});
    expect([...engine.subscriptions][0]?.options).toMatchObject({ userId: 'ann' });
  });

  it('wait for a reader that takes nothing, and give it up in the end', async () => {
    const { connect, engine } = await serve({ limits: { sendBufferBytes: 10_000, slowReaderMs: 300 } });
    const socket = await connect();
    await socket.call('tasks.subscribe', { treeId: 't' });
    socket.socket.pause();
    const [subscription] = engine.subscriptions;
    let pending: unknown = undefined;
    for (let seq = 1; pending === undefined && seq < 1000; seq += 1) {
      const data = { input: { text: 'x'.repeat(100_000) }, idempotencyKey: 'k' };
      pending = subscription?.subscriber.event(T, runEvent(seq, { type: 'TaskStarted', data } as never));
    }
    expect(pending).toBeInstanceOf(Promise);
    await pending;
    await expect.poll(() => engine.subscriptions.size).toBe(0);
    socket.socket.resume();
    expect([1006, 4008]).toContain((await socket.closed).code);
  });

  it('end with the reason when the server stops', async () => {
    const { connect, engine, served } = await serve();
    const socket = await connect();
    await socket.call('tasks.subscribe', { treeId: 't' });
    served.stop.abort();
    await engine.stop();
    expect(await socket.next()).toMatchObject({
      method: 'tasks.subscriptionEnded',
      params: { reason: 'shutdown', lastSeq: 0 },
    });
    await served.app.close();
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });

  it('are refused over HTTP', async () => {
    const { served } = await serve();
    expect(await served.call('tasks.subscribe', { treeId: 't' })).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32600,
          "data": {
            "code": "rpc/invalid-request",
          },
          "message": "This transport can not carry notifications. Use WebSocket or stdio, or GET /events?treeId=….",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
  });
});
