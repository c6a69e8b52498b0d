import { connect } from 'node:net';
import type { TreeId } from '@coppice/core';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeEngine, runEvent, treeRecord } from '../rpc/fake-engine.fixture.ts';
import { closeHttp } from './http.ts';
import { ANN_TOKEN, httpBench, OWNER_TOKEN } from './http.fixture.ts';
import type { HttpBench, HttpBenchOptions } from './http.fixture.ts';

const T = 't' as TreeId;
const open: { readonly served: HttpBench; readonly abort: AbortController }[] = [];
afterEach(async () => {
  for (const { served, abort } of open.splice(0)) {
    abort.abort();
    await served.app.close();
  }
});

async function serve(options: HttpBenchOptions = {}) {
  const engine = fakeEngine();
  engine.trees.push(treeRecord('t'), treeRecord('done', { status: 'completed', seq: 9 }));
  const served = await httpBench(engine, options);
  const abort = new AbortController();
  open.push({ served, abort });
  const address = await served.listen();
  const get = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://${address}/events${query}`, {
      headers: { authorization: `Bearer ${OWNER_TOKEN}`, ...headers },
      signal: abort.signal,
    });
  return { engine, served, get };
}

async function readUntil(response: Response, end: string): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes(end)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  return text;
}

describe('GET /events', () => {
  it('streams events with their seq as id, and ends with the run (R-PR-02)', async () => {
    const { engine, get } = await serve();
    const response = await get('?treeId=t&afterSeq=4');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const [subscription] = engine.subscriptions;
    expect(subscription?.options).toEqual({ treeId: 't', afterSeq: 4 });
    await subscription?.subscriber.event(T, runEvent(5));
    subscription?.subscriber.end?.('runEnded');
    expect(await readUntil(response, 'event: end')).toMatchInlineSnapshot(`
      "retry: 1000

      id: 5
      event: tasks.event
      data: {"treeId":"t","seq":5,"at":"2026-11-20T12:00:00.000Z","v":2,"type":"TaskDue","taskId":"a","data":{}}

      event: end
      data: {}

      "
    `);
    await expect.poll(() => engine.subscriptions.size).toBe(0);
  });

  it('says why it ends when the server can not go on with it, and after which event to ask again', async () => {
    const { engine, get } = await serve();
    const response = await get('?treeId=t&afterSeq=4');
    const [subscription] = engine.subscriptions;
    await subscription?.subscriber.event(T, runEvent(5));
    subscription?.subscriber.end?.('failed');
    const text = await readUntil(response, 'event: tasks.subscriptionEnded\ndata: {"reason"');
    expect(text).toContain('event: tasks.subscriptionEnded\ndata: {"reason":"failed","treeId":"t","lastSeq":5}\n\n');
    expect(text).not.toContain('event: end\n');
    await expect.poll(() => engine.subscriptions.size).toBe(0);
    expect((await get('?treeId=t', { 'last-event-id': '5' })).status).toBe(200);
  });

  it('resumes after Last-Event-ID', async () => {
    const { engine, get } = await serve();
    await get('?treeId=t&afterSeq=4', { 'last-event-id': '7' });
    expect([...engine.subscriptions][0]?.options).toEqual({ treeId: 't', afterSeq: 7 });
  });

  it('answers 204 when the run has ended and all was sent', async () => {
    const { get } = await serve();
    expect((await get('?treeId=done&afterSeq=9')).status).toBe(204);
    expect((await get('?treeId=done', { 'last-event-id': '9' })).status).toBe(204);
    expect((await get('?treeId=done&afterSeq=8')).status).toBe(200);
  });

  it('refuses bad requests, unknown trees, bad credentials and too many streams', async () => {
    const { get } = await serve({ limits: { connections: 1 } });
    const bad = await get('?tree=t');
    expect([bad.status, await bad.json()]).toMatchObject([400, { error: { code: -32602 } }]);
    const unknown = await get('?treeId=none');
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: -32001 } }]);
    const others = await get('?treeId=t', { authorization: `Bearer ${ANN_TOKEN}` });
    expect(others.status).toBe(404);
    expect((await get('?treeId=t', { authorization: '' })).status).toBe(401);
    expect((await get('?treeId=t', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await get('?treeId=t')).status).toBe(200);
    const many = await get('?treeId=t');
    expect([many.status, await many.json()]).toMatchObject([503, { error: { code: -32013 } }]);
  });

  it('ends when the server stops, also while a client sends half a request', async () => {
    const { get, served } = await serve();
    const response = await get('?treeId=t');
    const half = connect(Number(served.app.server.address()!['port' as never]), '127.0.0.1');
    half.on('error', () => {});
    await new Promise<void>((resolve) => half.write('POST /rpc HTTP/1.1\r\nHost: localhost\r\n', () => resolve()));
    await closeHttp(served.app);
    expect(await readUntil(response, '}\n\n')).toContain(
      'event: tasks.subscriptionEnded\ndata: {"reason":"shutdown","treeId":"t","lastSeq":0}',
    );
  });
});
