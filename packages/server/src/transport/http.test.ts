import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeEngine, taskRecord, treeRecord } from '../rpc/fake-engine.fixture.ts';
import { ANN_TOKEN, httpBench, OWNER_TOKEN } from './http.fixture.ts';
import type { HttpBench, HttpBenchOptions } from './http.fixture.ts';

const health = { jsonrpc: '2.0', id: 1, method: 'system.health' };
const open: HttpBench[] = [];

async function serve(options: HttpBenchOptions = {}, engine = fakeEngine()): Promise<HttpBench> {
  const served = await httpBench(engine, options);
  open.push(served);
  return served;
}

function post(payload: object | string, headers: Record<string, string> = {}): InjectOptions {
  return {
    method: 'POST',
    url: '/rpc',
    headers: {
      host: '127.0.0.1:7420',
      authorization: `Bearer ${OWNER_TOKEN}`,
      'content-type': 'application/json',
      ...headers,
    },
    payload,
  };
}

afterEach(async () => {
  for (const served of open.splice(0)) await served.app.close();
});

describe('POST /rpc', () => {
  it('answers requests and batches with 200, and what needs no answer with 204', async () => {
    const { app } = await serve();
    const one = await app.inject(post(health));
    expect([one.statusCode, one.headers['content-type'], one.json()]).toEqual([
      200,
      'application/json; charset=utf-8',
      expect.objectContaining({ id: 1 }),
    ]);
    expect((await app.inject(post([health, { ...health, id: 2 }]))).json()).toHaveLength(2);
    const none = await app.inject(post({ jsonrpc: '2.0', method: 'system.health' }));
    expect([none.statusCode, none.body]).toEqual([204, '']);
  });

  it('answers a bad body as JSON-RPC', async () => {
    const { app } = await serve();
    expect((await app.inject(post('{'))).json()).toMatchObject({ id: null, error: { code: -32700 } });
    expect((await app.inject(post(''))).json()).toMatchObject({ id: null, error: { code: -32700 } });
  });

  it('refuses a body that is too large, another content type, other paths and methods (R-SE-01)', async () => {
    const { app } = await serve();
    const large = await app.inject(post({ ...health, params: { text: 'x'.repeat(20_000) } }));
    expect(large.statusCode).toBe(413);
    expect(large.json()).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32013,
          "data": {
            "code": "limit/refused",
            "limit": 10000,
          },
          "message": "The body is larger than 10000 bytes.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
    const form = await app.inject(post('a=b', { 'content-type': 'text/plain' }));
    expect(form.statusCode).toBe(415);
    expect(form.json()).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32600,
          "data": {
            "code": "rpc/invalid-request",
          },
          "message": "The content type must be application/json.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
    const other = await app.inject({ method: 'GET', url: '/other', headers: { host: 'localhost' } });
    expect([other.statusCode, other.json()]).toEqual([404, expect.objectContaining({ id: null })]);
    const get = await app.inject({ method: 'PUT', url: '/rpc', headers: { host: 'localhost' } });
    expect(get.statusCode).toBe(404);
  });
});

describe('credentials', () => {
  it('are needed', async () => {
    const { app } = await serve();
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${OWNER_TOKEN}`, `Bearer ${OWNER_TOKEN}x`]) {
      const refused = await app.inject(post(health, { authorization }));
      expect(refused.statusCode, authorization).toBe(401);
      expect(refused.headers['www-authenticate']).toBe('Bearer');
      expect(refused.json()).toMatchObject({ id: null, error: { code: -32004, data: { code: 'auth/unauthorized' } } });
    }
    expect((await app.inject(post(health, { authorization: `bearer ${OWNER_TOKEN}` }))).statusCode).toBe(200);
  });

  it('are checked before the body is read', async () => {
    const { app } = await serve();
    expect((await app.inject(post('x'.repeat(20_000), { authorization: '' }))).statusCode).toBe(401);
  });

  it('are not needed without auth: everybody is the local owner', async () => {
    const { app } = await serve({ noAuth: true });
    const info = await app.inject(post({ ...health, method: 'system.info' }, { authorization: '' }));
    expect(info.json()).toMatchObject({ result: { userId: 'local', role: 'admin' } });
  });

  it('say who one is, and whose trees one sees', async () => {
    const engine = fakeEngine();
    engine.trees.push(treeRecord('mine', { userId: 'ann' }), treeRecord('theirs', { userId: 'bob' }));
    engine.tasks.push(taskRecord('mine'), taskRecord('theirs'));
    const { app } = await serve({}, engine);
    const ann = { authorization: `Bearer ${ANN_TOKEN}` };
    const call = async (method: string, params: object, headers: Record<string, string>): Promise<unknown> =>
      (await app.inject(post({ jsonrpc: '2.0', id: 1, method, params }, headers))).json();
    expect(await call('tasks.get', { taskId: 'mine' }, ann)).toMatchObject({ result: { id: 'mine' } });
    expect(await call('tasks.get', { taskId: 'theirs' }, ann)).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32001,
          "data": {
            "code": "task/not-found",
          },
          "message": "There is no task "theirs".",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
    expect(await call('tasks.get', { taskId: 'theirs' }, {})).toMatchObject({ result: { id: 'theirs' } });
    expect(await call('tasks.list', {}, ann)).toMatchObject({ result: { items: [{ id: 'mine' }] } });
    expect(await call('tasks.list', { userId: 'bob' }, ann)).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32004,
          "data": {
            "code": "auth/unauthorized",
          },
          "message": "Only an admin may name another user; you are "ann". Leave "userId" out.",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
    expect(await call('tasks.list', {}, {})).toMatchObject({ result: { items: [{ id: 'mine' }, { id: 'theirs' }] } });
    const tasks = [{ name: 'a' }];
    expect(await call('tasks.create', { tasks, userId: 'bob' }, ann)).toMatchObject({ error: { code: -32004 } });
  });
});

describe('Host and Origin', () => {
  it('refuse what a rebound name or a foreign page sends', async () => {
    const { app } = await serve();
    const foreign = await app.inject(post(health, { host: 'evil.example:7420' }));
    expect(foreign.statusCode).toBe(403);
    expect(foreign.json()).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32004,
          "data": {
            "code": "auth/unauthorized",
          },
          "message": "The Host header names another server. Add the name to listen.allowedHosts if it is meant.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9999', 'http://127.0.0.1.evil.example']) {
      const refused = await app.inject(post(health, { origin }));
      expect([refused.statusCode, refused.headers['access-control-allow-origin']], origin).toEqual([403, undefined]);
    }
  });

  it('let loopback names, the own origin and configured ones pass', async () => {
    const { app } = await serve({ guard: { allowedHosts: ['tasks.example'], allowedOrigins: ['https://ui.example'] } });
    for (const host of ['localhost', 'LOCALHOST:7420', '127.0.0.1', '[::1]:7420', 'tasks.example:443']) {
      expect((await app.inject(post(health, { host }))).statusCode, host).toBe(200);
    }
    expect((await app.inject(post(health, { origin: 'http://127.0.0.1:7420' }))).statusCode).toBe(200);
    const allowed = await app.inject(post(health, { origin: 'https://ui.example' }));
    expect(allowed.headers['access-control-allow-origin']).toBe('https://ui.example');
    const headers = { host: 'localhost', origin: 'https://ui.example', 'access-control-request-method': 'POST' };
    const preflight = await app.inject({ method: 'OPTIONS', url: '/rpc', headers });
    expect([preflight.statusCode, preflight.headers['access-control-allow-headers']]).toEqual([
      204,
      'authorization, content-type, last-event-id',
    ]);
  });
});
