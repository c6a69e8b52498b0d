/** Names that do not resolve, and servers that break off, never end or talk nonsense, in every phase: each ends its attempt and nothing else. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { testExecutor } from '@coppice/testkit';
import type { Executor, JsonObject } from '@coppice/extension';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AddressGuard } from './guarded-connector.ts';
import { createHttpExecutor } from './http-executor.ts';

const executors: Executor[] = [];

afterAll(async () => {
  await Promise.all(executors.map(async (executor) => executor.close?.()));
});

function executorWith(guard: AddressGuard = {}): Executor {
  const executor = createHttpExecutor(guard);
  executors.push(executor);
  return executor;
}

const open = executorWith();

const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.example'), { code: 'ENOTFOUND' });

describe('http: a name that can not be resolved', () => {
  const lookups: Readonly<Record<string, NonNullable<AddressGuard['lookup']>>> = {
    'is unknown, as the system says it: an error and no list': (_host, callback) =>
      void setImmediate(callback, notFound),
    'is unknown, said at once': (_host, callback) => callback(notFound),
    'has an empty list of addresses': (_host, callback) => void setImmediate(callback, null, []),
    'has no list at all': (_host, callback) => void setImmediate(callback, null),
    'makes the resolver throw': () => {
      throw new Error('the resolver is gone');
    },
    'makes the resolver throw something else': () => {
      throw null as unknown as Error;
    },
  };
  it.each(Object.entries(lookups))('%s', async (_what, lookup) => {
    const executor = executorWith({ lookup });
    const { status, error } = await testExecutor(executor, { inputs: { url: 'http://nowhere.example/' } });
    expect({ status, code: error?.code, retryable: error?.retryable }).toEqual({
      status: 'failed',
      code: 'http/network',
      retryable: true,
    });
    expect(error?.message).toContain('GET http://nowhere.example/ failed: ');
  });

  it('fails the same way behind a redirect', async () => {
    const executor = executorWith({
      isPublicAddress: () => true,
      lookup: (host, callback) =>
        host === 'here.example' ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(notFound),
    });
    const { port } = await serve((socket) =>
      socket.end('HTTP/1.1 302 Found\r\nlocation: http://nowhere.example/\r\ncontent-length: 0\r\n\r\n'),
    );
    const { error } = await testExecutor(executor, { inputs: { url: `http://here.example:${port}/` } });
    expect(error).toMatchObject({ code: 'http/network', retryable: true });
  });
});

/** A server that does with each connection what it is told, once the request has come. */
async function serve(answer: (socket: Socket) => void, at: 'connect' | 'request' = 'request'): Promise<AddressInfo> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (at === 'connect') answer(socket);
    else socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return server.address() as AddressInfo;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const packed = gzipSync(Buffer.alloc(100_000, 'x'));
const unpackedText = gzipSync(Buffer.from('not really'));

/** Everything after which a server may break off. */
const phases: Readonly<Record<string, (string | Buffer)[]>> = {
  'before it answers': [],
  'in the status line': ['HTTP/1.1 20'],
  'in the headers': [`${HEAD}x-half: a`],
  'before the body': [`${HEAD}content-length: 10\r\n\r\n`],
  'in the body': [`${HEAD}content-length: 10\r\n\r\n12345`],
  'in the size of a chunk': [`${HEAD}transfer-encoding: chunked\r\n\r\nf`],
  'in a chunk': [`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nab`],
  'between chunks': [`${HEAD}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n`],
  'in a packed body': [
    `${HEAD}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`,
    packed.subarray(0, 50),
  ],
  'in a redirect': ['HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 10\r\n\r\n1'],
};

const nonsense: Readonly<Record<string, (string | Buffer)[]>> = {
  'no HTTP at all': ['220 mail.example ESMTP\r\n'],
  'a NUL in a header': [`${HEAD}x-nul: a\0b\r\n\r\n`],
  'two lengths': [`${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
  'a length and chunks': [`${HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`],
  'a chunk of no size': [`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  'a packing that is none': [`${HEAD}content-encoding: gzip\r\ncontent-length: 8\r\n\r\nnot gzip`],
  'another packing than announced': [
    `${HEAD}content-encoding: br\r\ncontent-length: ${unpackedText.length}\r\n\r\n`,
    unpackedText,
  ],
  'a switch of protocols': ['HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n'],
  'a redirect to nowhere': ['HTTP/1.1 302 Found\r\nlocation: http://[\r\ncontent-length: 0\r\n\r\n'],
  'a status that does not exist': ['HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n'],
};

const request = (port: number, more: JsonObject = {}) =>
  testExecutor(open, { inputs: { url: `http://127.0.0.1:${port}/`, allowPrivateAddresses: true, ...more } });

describe('http: a server that breaks off', () => {
  it.each(['connect', 'request'] as const)('at once, at the %s', async (at) => {
    const { port } = await serve((socket) => socket.resetAndDestroy(), at);
    expect((await request(port)).error).toMatchObject({ code: 'http/network', retryable: true });
  });

  it.each(
    Object.entries(phases).flatMap(([phase, sent]) => [
      { phase, sent, how: 'by a reset', end: (socket: Socket) => socket.resetAndDestroy() },
      { phase, sent, how: 'by an end', end: (socket: Socket) => socket.end() },
    ]),
  )('$phase, $how', async ({ sent, end }) => {
    const { port } = await serve((socket) => {
      for (const part of sent) socket.write(part);
      // Once all of it is on its way.
      socket.write('', () => end(socket));
    });
    const { status, error } = await request(port, { method: 'POST', body: { text: 'x' } });
    expect({ status, code: error?.code }).toEqual({ status: 'failed', code: 'http/network' });
  });

  it.each(Object.entries(nonsense))('or answers %s', async (_what, sent) => {
    const { port } = await serve((socket) => {
      for (const part of sent) socket.write(part);
      socket.end();
    });
    const { status, error } = await request(port);
    expect(status).toBe('failed');
    expect(error?.code).toMatch(/^http\//);
  });

  it.each(Object.entries(phases))('is given up when the attempt is cancelled %s', async (_phase, sent) => {
    let reach = (): void => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const { port } = await serve((socket) => {
      for (const part of sent) socket.write(part);
      socket.write('', () => reach());
    });
    const attempt = request(port);
    await reached;
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
  });
});

describe('http: an answer that never ends', () => {
  const endless = (head: string, part: Buffer | string) => (socket: Socket) => {
    socket.write(head);
    const more = (): void => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on('drain', more);
    more();
  };

  it.each([
    ['a body', endless(`${HEAD}\r\n`, 'x'.repeat(65_536))],
    ['chunks', endless(`${HEAD}transfer-encoding: chunked\r\n\r\n`, '5\r\nabcde\r\n')],
    ['a packed body', endless(`${HEAD}content-encoding: gzip\r\n\r\n`, packed)],
  ])('%s: it is cut at the limit', async (_what, answer) => {
    const { port } = await serve(answer);
    const { error } = await request(port, { maxResponseBytes: 1_000_000 });
    expect(error).toMatchObject({ code: 'http/response-too-large', retryable: false });
  });

  it('headers: they are cut at the limit of the HTTP library', async () => {
    const { port } = await serve(endless(HEAD, `x-more: ${'y'.repeat(1000)}\r\n`));
    expect((await request(port)).error).toMatchObject({
      code: 'http/network',
      data: { code: 'UND_ERR_HEADERS_OVERFLOW' },
    });
  });
});
