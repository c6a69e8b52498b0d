import { TransientError } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { bench, TEST_LIMITS } from './dispatcher.fixture.ts';
import { fakeEngine, taskRecord, treeRecord } from './fake-engine.fixture.ts';

const health = { jsonrpc: '2.0', method: 'system.health' };

describe('JSON-RPC to the letter', () => {
  it('echoes an id of any legal type', async () => {
    const { send } = bench(fakeEngine());
    for (const id of ['a', '', 0, -7, 1.5, null]) {
      expect(await send(JSON.stringify({ ...health, id }))).toMatchObject({ id, result: { status: 'ok' } });
    }
  });

  it('answers a parse error with id null', async () => {
    expect(await bench(fakeEngine()).send('{"jsonrpc": "2.0", "method"')).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32700,
          "data": {
            "code": "rpc/parse",
          },
          "message": "The message is not JSON.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
    expect(await bench(fakeEngine()).send('')).toMatchObject({ id: null, error: { code: -32700 } });
  });

  it('answers an invalid request', async () => {
    const { send } = bench(fakeEngine());
    expect(await send('{"jsonrpc":"2.0","method":1,"params":"bar"}')).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32600,
          "data": {
            "code": "rpc/invalid-request",
          },
          "message": ""method" must be a string.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
    expect(await send('{"jsonrpc":"1.0","id":4,"method":"system.health"}')).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32600,
          "data": {
            "code": "rpc/invalid-request",
          },
          "message": ""jsonrpc" must be "2.0".",
        },
        "id": 4,
        "jsonrpc": "2.0",
      }
    `);
    for (const text of ['1', 'null', '"x"', '{}', '{"id":{}}', '{"jsonrpc":"2.0","id":[],"method":"system.health"}']) {
      expect(await send(text), text).toMatchObject({ id: null, error: { code: -32600 } });
    }
    expect(await send('{"jsonrpc":"2.0","id":1,"result":{}}')).toMatchObject({ id: 1, error: { code: -32600 } });
    expect(await send('{"jsonrpc":"2.0","id":1,"method":"system.health","params":3}')).toMatchObject({
      id: 1,
      error: { code: -32600 },
    });
  });

  it('answers an unknown method with a suggestion', async () => {
    expect(await bench(fakeEngine()).call('task.get', {})).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32601,
          "data": {
            "code": "rpc/unknown-method",
            "suggestion": "tasks.get",
          },
          "message": "There is no method "task.get". Did you mean "tasks.get"?",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
    expect(await bench(fakeEngine()).call('toString')).toMatchObject({ error: { code: -32601 } });
  });

  it('answers invalid params with all violations', async () => {
    const { call } = bench(fakeEngine());
    expect(await call('tasks.get', { taskid: 'a', extra: 1 })).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32602,
          "data": {
            "code": "rpc/invalid-params",
            "errors": [
              {
                "expected": "string",
                "path": [
                  "taskId",
                ],
                "reason": "required: string",
              },
              {
                "path": [
                  "taskid",
                ],
                "reason": "unknown field "taskid": did you mean "taskId"?",
              },
              {
                "path": [
                  "extra",
                ],
                "reason": "unknown field "extra": allowed are taskId, inside",
              },
            ],
          },
          "message": "3 violations in the params of tasks.get; data.errors lists all.",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
    expect(await call('tasks.get')).toMatchObject({
      error: { code: -32602, data: { errors: [{ path: ['taskId'] }] } },
    });
    expect(await call('tasks.get', ['a'])).toMatchObject({ error: { code: -32602 } });
  });

  it('gives no answer to a notification, not even for an error', async () => {
    const { send } = bench(fakeEngine());
    expect(await send(JSON.stringify(health))).toBeUndefined();
    expect(await send('{"jsonrpc":"2.0","method":"no.such.method"}')).toBeUndefined();
    expect(await send('{"jsonrpc":"2.0","method":"tasks.get","params":{}}')).toBeUndefined();
    expect(await send('{"jsonrpc":"2.0","method":"tasks.explain","params":{"taskId":"a"}}')).toBeUndefined();
    expect(await send(JSON.stringify([health, health]))).toBeUndefined();
  });

  it('answers a batch with an array, also for one answer', async () => {
    const { send } = bench(fakeEngine());
    expect(await send(JSON.stringify([health, { ...health, id: 7 }]))).toMatchObject([{ id: 7, result: {} }]);
    expect(await send(JSON.stringify([1, { ...health, id: 'b' }, health]))).toMatchObject([
      { id: null, error: { code: -32600 } },
      { id: 'b', result: { status: 'ok' } },
    ]);
    expect(await send('[]')).toMatchObject({ id: null, error: { code: -32600 } });
    expect(await send('[[]]')).toMatchObject([{ id: null, error: { code: -32600 } }]);
  });
});

describe('limits (R-SE-01)', () => {
  it('refuses a batch that is too large', async () => {
    expect(await bench(fakeEngine()).send(JSON.stringify(Array(6).fill({ ...health, id: 1 })))).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32013,
          "data": {
            "code": "limit/refused",
            "limit": 5,
          },
          "message": "A batch holds at most 5 requests; this one has 6.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
  });

  it('refuses a message that nests too deep, however deep', async () => {
    const { send } = bench(fakeEngine());
    expect(await send('['.repeat(1_000_000))).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32013,
          "data": {
            "code": "limit/refused",
            "limit": 20,
          },
          "message": "The message nests deeper than 20 levels.",
        },
        "id": null,
        "jsonrpc": "2.0",
      }
    `);
    const brackets = JSON.stringify({ ...health, id: 1, params: { text: '[{"[{'.repeat(100) } });
    expect(await send(brackets)).toMatchObject({ error: { code: -32602 } });
  });

  it('refuses requests over those that wait for an answer, and takes new ones afterwards', async () => {
    let release = (): void => {};
    const waiting = new Promise<'completed'>((resolve) => (release = () => resolve('completed')));
    const engine = fakeEngine({
      execute: (treeId) => Promise.resolve({ ok: true, value: { treeId, status: 'running' } }),
      settled: () => waiting,
    });
    engine.tasks.push(taskRecord('t'));
    engine.trees.push(treeRecord('t'));
    const { call } = bench(engine, { ...TEST_LIMITS, requestsInFlight: 2 });
    const waiters = [1, 2].map(() => call('tasks.execute', { taskId: 't', wait: true }));
    expect(await call('system.health')).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32013,
          "data": {
            "code": "limit/refused",
            "limit": 2,
            "retryAfterMs": 1000,
          },
          "message": "The server is working on 2 requests already.",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
    release();
    for (const answer of await Promise.all(waiters)) expect(answer).toMatchObject({ result: { status: 'completed' } });
    expect(await call('system.health')).toMatchObject({ result: {} });
  });

  it('takes a key that is called like a part of the language for data, and refuses it where it would be lost', async () => {
    const created: unknown[] = [];
    const engine = {
      ...fakeEngine(),
      validate: (submission: unknown) => Promise.resolve((created.push(submission), [])),
    };
    const { send } = bench(engine);
    for (const key of ['__proto__', '\\u005f_proto__', 'constructor']) {
      const params = `{"tasks":[{"name":"a"}],"inputs":{"${key}":{"x":1}}}`;
      expect(await send(`{"jsonrpc":"2.0","id":1,"method":"tasks.validate","params":${params}}`)).toMatchObject({
        result: { valid: true },
      });
      const inputs = (created.pop() as { inputs: object }).inputs;
      expect(JSON.stringify(inputs)).toBe(JSON.stringify(JSON.parse(`{"${key}":{"x":1}}`)));
      expect(({} as { x?: unknown }).x).toBeUndefined();
    }
    const copy = '{"taskId":"t","overrides":{"__proto__":{"priority":1}}}';
    expect(await send(`{"jsonrpc":"2.0","id":1,"method":"tasks.copy","params":${copy}}`)).toMatchObject({
      error: { data: { errors: [{ path: ['overrides', '__proto__'] }] } },
    });
  });
});

describe('faults of ours', () => {
  it('are answered with a log id and nothing else', async () => {
    const engine = fakeEngine();
    engine.tasks.push(taskRecord('t'));
    const { call, log } = bench(engine);
    const answer = (await call('tasks.explain', { taskId: 't' })) as { error: { data: { logId: string } } };
    const { logId } = answer.error.data;
    expect(answer).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32603,
        message: 'Internal error; the server log has more under data.logId.',
        data: { code: 'rpc/internal', logId: expect.any(String) as string },
      },
    });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(log).toHaveLength(1);
    expect(log[0]?.fields).toMatchObject({
      logId,
      method: 'tasks.explain',
      err: expect.objectContaining({ message: expect.stringContaining('secret internal text') as string }) as Error,
    });
  });

  it('include a result that can not be written as JSON', async () => {
    let deep: unknown[] = [];
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    const engine = fakeEngine();
    engine.trees.push(treeRecord('t'));
    engine.tasks.push(taskRecord('t', { output: deep as never }));
    const { call, log } = bench(engine);
    expect(await call('tasks.get', { taskId: 't' })).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(log[0]?.fields['err']).toBeInstanceOf(RangeError);
  });
});

describe('stopping', () => {
  it('answers requests that the engine no longer takes as what they are', async () => {
    const stopped = new TransientError('The engine has stopped', { code: 'engine/stopped' });
    const engine = fakeEngine({ execute: () => Promise.reject(stopped) });
    engine.tasks.push(taskRecord('t'));
    engine.trees.push(treeRecord('t'));
    const { call, log } = bench(engine);
    expect(await call('tasks.execute', { taskId: 't' })).toMatchObject({
      error: { code: -32013, message: 'The server stops; try again when it is up.' },
    });
    expect(log).toEqual([]);
  });

  it('answers who waits, and refuses what is new', async () => {
    const engine = fakeEngine({
      execute: (treeId) => Promise.resolve({ ok: true, value: { treeId, status: 'running' } }),
      settled: () => new Promise(() => {}),
    });
    engine.tasks.push(taskRecord('t'));
    engine.trees.push(treeRecord('t'));
    const { call, stop } = bench(engine);
    const waiter = call('tasks.execute', { taskId: 't', wait: true });
    setImmediate(() => stop.abort());
    expect(await waiter).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32013,
          "data": {
            "code": "limit/refused",
            "retryAfterMs": 1000,
            "treeId": "t",
          },
          "message": "The server stops; the run of tree "t" goes on when it starts again.",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
    expect(await call('system.health')).toMatchInlineSnapshot(`
      {
        "error": {
          "code": -32013,
          "data": {
            "code": "limit/refused",
            "retryAfterMs": 1000,
          },
          "message": "The server stops; try again when it is up.",
        },
        "id": 1,
        "jsonrpc": "2.0",
      }
    `);
  });
});
