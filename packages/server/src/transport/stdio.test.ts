import { PassThrough } from 'node:stream';
import type { TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { bench } from '../rpc/dispatcher.fixture.ts';
import { fakeEngine, runEvent, treeRecord } from '../rpc/fake-engine.fixture.ts';
import { serveStdio } from './stdio.ts';

function frame(text: string): string {
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

function connect() {
  const engine = fakeEngine();
  engine.trees.push(treeRecord('t'));
  const { dispatcher, logger, log } = bench(engine);
  const input = new PassThrough();
  const output = new PassThrough();
  const { closed } = serveStdio({
    input,
    output,
    dispatcher,
    engine,
    logger,
    subscriptionsMax: 2,
  });
  let written = '';
  output.setEncoding('utf8').on('data', (text: string) => (written += text));
  /** The next frame that the server wrote. */
  async function next(): Promise<unknown> {
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n\r\n/.exec(written);
      const length = Number(header?.[1] ?? 0);
      const body = Buffer.from(written).subarray(header?.[0].length ?? 0);
      if (header !== null && body.length >= length) {
        written = body.subarray(length).toString();
        return JSON.parse(body.subarray(0, length).toString());
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { engine, input, closed, log, next };
}

const health = { jsonrpc: '2.0', id: 'ü', method: 'system.health' };

describe('stdio', () => {
  it('answers framed requests, split and joined as they come', async () => {
    const { input, next } = connect();
    const bytes = Buffer.from(frame(JSON.stringify(health)) + frame(JSON.stringify([health])));
    input.write(bytes.subarray(0, 30));
    input.write(bytes.subarray(30));
    expect(await next()).toMatchObject({ id: 'ü', result: { status: 'ok' } });
    expect(await next()).toMatchObject([{ id: 'ü' }]);
  });

  it('answers a frame that is no JSON and goes on; no parser text gets out', async () => {
    const { input, next } = connect();
    input.write(frame('{"jsonrpc":'));
    expect(await next()).toMatchInlineSnapshot(`
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
    input.write(frame(JSON.stringify({ ...health, method: 'tasks.explain', params: { taskId: 't' } })));
    expect(await next()).toMatchObject({ id: 'ü', error: { code: -32001 } });
  });

  it('carries notifications', async () => {
    const { engine, input, next } = connect();
    input.write(frame(JSON.stringify({ ...health, method: 'tasks.subscribe', params: { treeId: 't' } })));
    expect(await next()).toMatchObject({ result: { subscriptionId: expect.any(String) as string } });
    const [subscription] = engine.subscriptions;
    void subscription?.subscriber.event('t' as TreeId, runEvent(1));
    expect(await next()).toMatchObject({ method: 'tasks.event', params: { event: { seq: 1 } } });
  });

  it('ends with its input, and its subscriptions with it', async () => {
    const { engine, input, next, closed } = connect();
    input.write(frame(JSON.stringify({ ...health, method: 'tasks.subscribe', params: {} })));
    await next();
    input.end();
    await closed;
    expect(engine.subscriptions.size).toBe(0);
  });

  it('refuses a broken frame and ends: where the next one begins is unknown', async () => {
    const { input, next, closed, log } = connect();
    input.write('Content-Length: many\r\n\r\n{}');
    expect(await next()).toMatchObject({ id: null, error: { code: -32700 } });
    await closed;
    expect(log).toHaveLength(1);
  });
});
