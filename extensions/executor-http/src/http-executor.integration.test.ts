import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { testExecutor, type ExecutorTest } from '@coppice/testkit';
import type { JsonObject } from '@coppice/extension';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createHttpExecutor } from './http-executor.ts';
import { startServer, type Answer, type TestServer } from './test-server.fixture.ts';

const executor = createHttpExecutor();
const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

afterAll(() => executor.close?.());

async function serve(answer: Answer): Promise<TestServer> {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}

const answer =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

const ok = answer(200, { 'content-type': 'application/json' }, '{"ok":true}');

const request = (inputs: JsonObject): ExecutorTest =>
  testExecutor(executor, { inputs: { allowPrivateAddresses: true, ...inputs } });

describe('http: the request', () => {
  it('sends method, query and headers, and answers status, headers and body', async () => {
    const server = await serve(ok);
    const inputs = {
      url: `${server.origin}/items?a=1#part`,
      query: { b: ['x y', 2], c: true },
      headers: { 'X-Custom': 'yes' },
    };
    const { status, output } = await request(inputs);
    expect(status).toBe('completed');
    expect(output).toEqual({
      status: 200,
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      body: { ok: true },
      url: `${server.origin}/items`,
    });
    expect(server.received[0]).toMatchObject({
      method: 'GET',
      url: '/items?a=1&b=x+y&b=2&c=true',
      headers: { 'x-custom': 'yes' },
    });
  });

  it.each([
    [{ json: { a: [1] } }, 'application/json', '{"a":[1]}'],
    [{ json: null }, 'application/json', 'null'],
    [{ form: { a: 'x y', b: [1, 2] } }, 'application/x-www-form-urlencoded', 'a=x+y&b=1&b=2'],
    [{ text: 'plain' }, 'text/plain; charset=utf-8', 'plain'],
  ])('sends the body %o', async (body, contentType, sent) => {
    const server = await serve(ok);
    await request({ url: server.origin, method: 'POST', body });
    expect(server.received[0]).toMatchObject({ method: 'POST', body: sent, headers: { 'content-type': contentType } });
  });

  it('sends parts: texts, contents and files', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'coppice-http-'));
    const file = path.join(dir, 'report.csv');
    await writeFile(file, 'a;b');
    const server = await serve(ok);
    await request({
      url: server.origin,
      method: 'POST',
      body: {
        multipart: {
          note: 'hello',
          data: {
            content: Buffer.from('bytes').toString('base64'),
            encoding: 'base64',
            filename: 'data.bin',
            contentType: 'application/x-bytes',
          },
          file: { path: file },
        },
      },
    });
    await rm(dir, { recursive: true });
    const [{ headers, body }] = server.received as [TestServer['received'][number]];
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(body).toMatch(/name="note"\r\n\r\nhello\r\n/);
    expect(body).toMatch(/name="data"; filename="data\.bin"\r\nContent-Type: application\/x-bytes\r\n\r\nbytes\r\n/);
    expect(body).toMatch(/name="file"; filename="report\.csv"\r\n[^]*a;b\r\n/);
  });

  it.each([
    [{ bearer: 'token' }, { authorization: 'Bearer token' }, '/'],
    [{ basic: { username: 'ada', password: 'pässword' } }, { authorization: 'Basic YWRhOnDDpHNzd29yZA==' }, '/'],
    [{ apiKey: { name: 'X-Key', value: 'k' } }, { 'x-key': 'k' }, '/'],
    [{ apiKey: { name: 'key', value: 'k', in: 'query' } }, {}, '/?key=k'],
  ])('authorizes by %o and keeps it out of the output', async (auth, headers, url) => {
    const server = await serve(ok);
    const { output } = await request({ url: server.origin, auth });
    expect(server.received[0]).toMatchObject({ headers, url });
    expect(output).toMatchObject({ url: `${server.origin}/` });
  });

  it('sends the idempotency key with unsafe methods, unless told otherwise (R-DR-10)', async () => {
    const server = await serve(ok);
    await request({ url: server.origin });
    await request({ url: server.origin, method: 'POST' });
    await request({ url: server.origin, method: 'PUT', idempotencyHeader: 'X-Request-Id' });
    await request({ url: server.origin, method: 'DELETE', idempotencyHeader: false });
    const keys = server.received.map(({ headers }) => [headers['idempotency-key'], headers['x-request-id']]);
    expect(keys).toEqual([
      [undefined, undefined],
      ['tree/task/1', undefined],
      [undefined, 'tree/task/1'],
      [undefined, undefined],
    ]);
  });

  it.each([
    [{ url: 'example.org' }, 'http/invalid-url', '"example.org" is no absolute http or https URL'],
    [{ url: 'file:///etc/passwd' }, 'http/invalid-url', 'no absolute http or https URL'],
    [{ url: 'https://ada:secret@example.org' }, 'http/invalid-url', 'The URL https://example.org/ holds credentials'],
    [
      { url: 'http://127.0.0.1', body: { text: '', json: 1 } },
      'task/invalid-inputs',
      'must NOT have more than 1 properties',
    ],
    [{ url: 'http://127.0.0.1', headers: { 'a b': '' } }, 'task/invalid-inputs', 'headers'],
    [{ url: 'http://127.0.0.1', headers: { a: 'x\r\ny: z' } }, 'http/invalid-request', 'invalid a header'],
    [
      { url: 'http://127.0.0.1', body: { multipart: { a: { path: '/no/such/file' } } } },
      'http/no-file',
      '/no/such/file',
    ],
  ])('refuses %o for good', async (inputs, code, message) => {
    const { error } = await request(inputs);
    expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(message) });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

describe('http: the response', () => {
  it.each([
    ['auto', 'application/problem+json', '{"a":1}', { a: 1 }],
    ['auto', 'text/html; charset=iso-8859-1', Buffer.from([0xe4]), 'ä'],
    ['auto', 'application/octet-stream', Buffer.from([0, 255]), 'AP8='],
    ['json', 'text/plain', '[1]', [1]],
    ['auto', 'application/json', '{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['text', 'application/json', '{"a":1}', '{"a":1}'],
    ['base64', 'text/plain', 'hi', 'aGk='],
    ['json', 'application/json', '', null],
  ])('parsed as %s with content type %s', async (...[parse, type, body, expected]) => {
    const server = await serve(answer(200, { 'content-type': type }, body));
    expect((await request({ url: server.origin, parse })).output).toMatchObject({ body: expected });
  });

  it.each([
    ['gzip', gzipSync('unpacked')],
    ['deflate', deflateSync('unpacked')],
    ['br', brotliCompressSync('unpacked')],
    ['identity', 'unpacked'],
  ])('is unpacked: %s', async (encoding, packed) => {
    const server = await serve(answer(200, { 'content-type': 'text/plain', 'content-encoding': encoding }, packed));
    expect((await request({ url: server.origin })).output).toMatchObject({ body: 'unpacked' });
  });

  it.each(['gzip', 'br'])('may be empty in spite of its packing: %s', async (encoding) => {
    const server = await serve(answer(200, { 'content-encoding': encoding }));
    expect((await request({ url: server.origin, method: 'HEAD' })).output).toMatchObject({ body: null });
  });

  it('fails when its packing is broken', async () => {
    const server = await serve(answer(200, { 'content-encoding': 'gzip' }, 'no gzip'));
    expect((await request({ url: server.origin })).error).toMatchObject({ code: 'http/network', retryable: true });
  });

  it.each([false, true])('is refused when it is too long (packed: %s)', async (packed) => {
    const long = 'x'.repeat(1_000_000);
    const server = await serve(
      packed ? answer(200, { 'content-encoding': 'gzip' }, gzipSync(long)) : answer(200, {}, long),
    );
    const { error } = await request({ url: server.origin, maxResponseBytes: 10_000 });
    expect(error).toMatchObject({
      code: 'http/response-too-large',
      retryable: false,
      message: expect.stringContaining('10000 bytes'),
    });
  });

  it('may be asked for again when it is no JSON', async () => {
    const server = await serve(answer(200, { 'content-type': 'application/json' }, '<html>'));
    const { error } = await request({ url: server.origin });
    expect(error).toMatchObject({ code: 'http/invalid-json', retryable: true, data: { body: '<html>' } });
  });
});

describe('http: failures', () => {
  it.each([408, 425, 429, 500, 503])('status %i may be tried again', async (status) => {
    const server = await serve(answer(status, { 'content-type': 'application/json' }, '{"why"'));
    const { error } = await request({ url: `${server.origin}/path?token=x`, method: 'POST' });
    expect(error).toMatchObject({
      code: 'http/status',
      retryable: true,
      message: `POST ${server.origin}/path answered status ${status}`,
      data: { status, body: '{"why"' },
    });
  });

  it.each([400, 401, 404, 409, 422])('status %i fails for good', async (status) => {
    const server = await serve(answer(status, {}));
    expect((await request({ url: server.origin })).error).toMatchObject({
      code: 'http/status',
      retryable: false,
      data: { status, body: null },
    });
  });

  it.each([
    ['7', 7000],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('waits as long as the other side asks: Retry-After %s', async (value, retryAfterMs) => {
    const server = await serve(answer(503, { 'retry-after': value }));
    expect((await request({ url: server.origin })).error?.retryAfterMs).toBe(retryAfterMs);
  });

  it('takes the statuses it is told as success, and no others', async () => {
    const server = await serve(answer(404, {}));
    expect(await request({ url: server.origin, expectStatus: ['2xx', 404] })).toMatchObject({
      status: 'completed',
      output: { status: 404 },
    });
    expect((await request({ url: server.origin, expectStatus: [201] })).error).toMatchObject({ code: 'http/status' });
  });

  it('may try again when nobody listens', async () => {
    const server = await startServer(ok);
    await server.close();
    const { error } = await request({ url: server.origin });
    expect(error).toMatchObject({ code: 'http/network', retryable: true, data: { code: 'ECONNREFUSED' } });
  });

  it('may try again when the connection breaks', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { error } = await request({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    server.close();
    expect(error).toMatchObject({ code: 'http/network', retryable: true });
  });

  it.each([
    ['before the answer', (): void => {}],
    ['in the middle of the body', ((_, response) => void response.writeHead(200).write('begin')) satisfies Answer],
  ])('ends on abort %s (R-TO-01, R-TO-06)', async (_, respond: Answer) => {
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await serve((seen, response) => {
      respond(seen, response);
      arrived();
    });
    const attempt = request({ url: server.origin });
    await arrival;
    attempt.abort(new Error('time-out'));
    expect(await attempt).toMatchObject({ status: 'cancelled', error: { message: 'time-out' } });
  });
});
