import { testExecutor } from '@coppice/testkit';
import type { Executor, JsonObject } from '@coppice/extension';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { certificate } from './certificate.fixture.ts';
import { isPublicAddress, type AddressGuard } from './guarded-connector.ts';
import { createHttpExecutor } from './http-executor.ts';
import { startServer, type Answer, type TestServer } from './test-server.fixture.ts';

const executors: Executor[] = [];
const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

afterAll(async () => {
  await Promise.all(executors.map(async (executor) => executor.close?.()));
});

function executorWith(guard: AddressGuard = {}): Executor {
  const executor = createHttpExecutor(guard);
  executors.push(executor);
  return executor;
}

async function serve(answer: Answer, options: Parameters<typeof startServer>[1] = {}): Promise<TestServer> {
  const server = await startServer(answer, options);
  servers.push(server);
  return server;
}

const ok: Answer = (_, response) => void response.end('ok');
const redirectTo =
  (location: string, status = 302): Answer =>
  (_, response) =>
    void response.writeHead(status, { location }).end();

const run = (inputs: JsonObject, executor = executorWith()) => testExecutor(executor, { inputs });
const runOpen = (inputs: JsonObject) => run({ allowPrivateAddresses: true, ...inputs });

describe('http: addresses (R-SE-01)', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'ff02::1',
    'not an address',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '93.184.215.14', '2606:4700::1111', '::ffff:1.1.1.1'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0'])(
    '%s is refused, and nothing is sent',
    async (host) => {
      const server = await serve(ok);
      const { error } = await run({ url: `http://${host}:${new URL(server.origin).port}/` });
      expect(error).toMatchObject({
        code: 'http/address-refused',
        retryable: false,
        message: expect.stringMatching(/is not a public address; set "allowPrivateAddresses: true"/),
      });
      expect(server.received).toEqual([]);
    },
  );

  it('is refused for TLS connections with options, too', async () => {
    const server = await serve(ok, { tls: true });
    const { error } = await run({ url: server.origin, tls: { ca: certificate } });
    expect(error?.code).toBe('http/address-refused');
  });

  it('connects to the very address that it checked: a name that changes its address gains nothing', async () => {
    const checked = await serve(ok, { host: '127.0.0.2' });
    let lookupCount = 0;
    const executor = executorWith({
      isPublicAddress: (address) => address === '127.0.0.2',
      lookup: (_, callback) => {
        lookupCount += 1;
        callback(null, [{ address: lookupCount === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]);
      },
    });
    const url = `http://rebinding.example:${new URL(checked.origin).port}/`;
    expect((await run({ url, headers: { connection: 'close' } }, executor)).output).toMatchObject({ body: 'ok' });
    expect((await run({ url }, executor)).error).toMatchObject({
      code: 'http/address-refused',
      message: expect.stringContaining('rebinding.example is 127.0.0.1'),
    });
    expect([lookupCount, checked.received.length]).toEqual([2, 1]);
  });

  it('refuses a name of which only one address is private', async () => {
    const executor = executorWith({
      lookup: (_, callback) =>
        callback(null, [
          { address: '1.1.1.1', family: 4 },
          { address: '10.0.0.1', family: 4 },
        ]),
    });
    expect((await run({ url: 'http://mixed.example/' }, executor)).error?.code).toBe('http/address-refused');
  });

  it('checks each redirect', async () => {
    const inner = await serve(ok, { host: '127.0.0.2' });
    const outer = await serve(redirectTo(inner.origin));
    const executor = executorWith({ isPublicAddress: (address) => address === '127.0.0.1' });
    const { error } = await run({ url: outer.origin }, executor);
    expect(error).toMatchObject({ code: 'http/address-refused', message: expect.stringContaining('127.0.0.2') });
    expect([outer.received.length, inner.received.length]).toEqual([1, 0]);
  });
});

describe('http: redirects', () => {
  it('are followed, and the output tells where to', async () => {
    const server = await serve((request, response) =>
      request.url === '/old' ? redirectTo('/new')(request, response) : ok(request, response),
    );
    const { output } = await runOpen({ url: `${server.origin}/old`, method: 'POST', body: { text: 'x' } });
    expect(output).toMatchObject({ status: 200, body: 'ok', url: `${server.origin}/new` });
    expect(server.received.map(({ method, body }) => [method, body])).toEqual([
      ['POST', 'x'],
      ['GET', ''],
    ]);
  });

  it('keep method and body where the status says so', async () => {
    const server = await serve((request, response) =>
      request.url === '/old' ? redirectTo('/new', 307)(request, response) : ok(request, response),
    );
    await runOpen({ url: `${server.origin}/old`, method: 'POST', body: { json: 1 } });
    expect(server.received[1]).toMatchObject({
      method: 'POST',
      body: '1',
      headers: { 'idempotency-key': 'tree/task/1' },
    });
  });

  it('do not carry credentials to another origin', async () => {
    const other = await serve(ok);
    const server = await serve(redirectTo(other.origin));
    await runOpen({ url: server.origin, auth: { bearer: 'secret' }, headers: { cookie: 'session' } });
    await runOpen({ url: server.origin, auth: { apiKey: { name: 'X-Key', value: 'secret' } } });
    expect(server.received.map(({ headers }) => headers.authorization ?? headers['x-key'])).toEqual([
      'Bearer secret',
      'secret',
    ]);
    expect(other.received).toHaveLength(2);
    expect(JSON.stringify(other.received)).not.toMatch(/secret|session/);
  });

  it('are answered as they are when asked to', async () => {
    const server = await serve(redirectTo('/new'));
    const { output } = await runOpen({ url: server.origin, redirect: 'manual' });
    expect(output).toMatchObject({ status: 302, headers: { location: '/new' } });
  });

  it('are limited', async () => {
    const server = await serve((request, response) => redirectTo(`${request.url}x`)(request, response));
    const { error } = await runOpen({ url: server.origin, maxRedirects: 2 });
    expect(error).toMatchObject({ code: 'http/too-many-redirects', retryable: false });
    expect(server.received).toHaveLength(3);
  });

  it.each(['file:///etc/passwd', 'javascript:1', 'http://'])('to %s fail for good', async (location) => {
    const server = await serve(redirectTo(location));
    expect((await runOpen({ url: server.origin })).error).toMatchObject({
      code: 'http/invalid-request',
      retryable: false,
    });
  });
});

describe('http: TLS', () => {
  const tlsServer = () => serve(ok, { tls: true });

  it('refuses a certificate that nobody vouches for', async () => {
    const server = await tlsServer();
    const { error } = await runOpen({ url: server.origin });
    expect(error).toMatchObject({ code: 'http/tls', retryable: false, message: expect.stringContaining('tls.ca') });
  });

  it('trusts the certificates it is given, for their name', async () => {
    const server = await tlsServer();
    const tls = { ca: certificate };
    expect((await runOpen({ url: server.origin, tls: { ...tls, servername: 'localhost' } })).output).toMatchObject({
      body: 'ok',
    });
    expect((await runOpen({ url: server.origin, tls })).error).toMatchObject({
      code: 'http/tls',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
  });

  it('accepts any certificate only when told to', async () => {
    const server = await tlsServer();
    expect((await runOpen({ url: server.origin, tls: { rejectUnauthorized: false } })).output).toMatchObject({
      body: 'ok',
    });
    expect((await runOpen({ url: server.origin })).error?.code).toBe('http/tls');
  });
});
