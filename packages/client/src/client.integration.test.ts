import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import type { Result } from '@coppice/protocol';
import { ConnectionError, createClient, httpTransport, RpcError, webSocketTransport } from './index.ts';
import type { Client, ConnectionState, Transport } from './index.ts';
import { EventServer, BUSY, NO_ANSWER } from './event-server.fixture.ts';

const TOKEN = 'a+b/c~d==';
const QUICK = { delayMs: 5, maxDelayMs: 20, attemptsMax: 200 };
let server: EventServer;
let url: string;

beforeEach(async () => {
  server = new EventServer();
  url = await server.listen();
});

afterEach(async () => {
  await server.close();
});

function connect(transport: Transport, timeoutMs = 5000): Client {
  const client = createClient({ transport, timeoutMs });
  onTestFinished(() => client.close());
  return client;
}

/** Collects what `follow` yields; `until` waits for a number of events. */
function collect(client: Client, treeId: string, options: Parameters<Client['follow']>[1] = {}) {
  const seen: number[] = [];
  let notify = (): void => {};
  const done = (async () => {
    for await (const event of client.follow(treeId, options)) {
      seen.push(event.seq);
      notify();
    }
  })();
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      notify = () => (seen.length >= count ? resolve() : undefined);
      notify();
    });
  return { seen, done, until };
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

describe.each([
  ['http', () => httpTransport({ url, token: TOKEN, reconnect: QUICK })],
  ['web socket', () => webSocketTransport({ url, token: TOKEN, reconnect: QUICK })],
] as const)('client over %s', (kind, makeTransport) => {
  it('calls methods by name and by member, with the token', async () => {
    server.methods['tasks.count'] = (params) => ({ total: 3, counts: { completed: 3 }, params });
    server.methods['tasks.running.list'] = () => ({ items: [] });
    const client = connect(makeTransport());
    expect(await client.call('tasks.count', { search: 'a' })).toMatchObject({ total: 3, params: { search: 'a' } });
    expect(await client.tasks.running.list()).toEqual({ items: [] });
    expectTypeOf(client.tasks.count).returns.resolves.toEqualTypeOf<Result<'tasks.count'>>();
    expect(await Promise.resolve(client.tasks)).toBeTypeOf('function');
    const token = Buffer.from(TOKEN).toString('base64url');
    expect(server.credentials[0]).toBe(kind === 'http' ? `Bearer ${TOKEN}` : `coppice, coppice.token.${token}`);
  });

  it('rejects with an RpcError that has number, code and evidence', async () => {
    const client = connect(makeTransport());
    const error: unknown = await client.tasks.get({ taskId: 'x' }).catch((thrown: unknown) => thrown);
    expect(RpcError.is(error)).toBe(true);
    expect(error).toMatchObject({ number: -32601, code: 'rpc/unknown-method', method: 'tasks.get', errors: [] });
  });

  it('rejects with a ConnectionError when no answer comes in time, and obeys an AbortSignal', async () => {
    const client = connect(makeTransport());
    server.methods['tasks.get'] = () => NO_ANSWER;
    await expect(client.tasks.get({ taskId: 'x' }, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'connection/timeout',
    });
    const abort = new AbortController();
    const call = client.tasks.get({ taskId: 'x' }, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect(client.tasks.get({ taskId: 'x' }, { signal: abort.signal })).rejects.toThrow('enough');
  });

  it('follows a tree until its run ends, and begins after a sequence number (R-PR-02, R-PR-03)', async () => {
    for (const type of ['TreeCreated', 'RunStarted']) server.append('a', type);
    const client = connect(makeTransport());
    const all = collect(client, 'a', { pollMs: 5 });
    await all.until(2);
    const late = collect(client, 'a', { afterSeq: 2, pollMs: 5 });
    server.append('a', 'TaskStarted');
    await all.until(3);
    await late.until(1);
    server.append('a', 'RunCompleted');
    await Promise.all([all.done, late.done]);
    expect(all.seen).toEqual([1, 2, 3, 4]);
    expect(late.seen).toEqual([3, 4]);
  });

  it('asks again when a server that is busy or stops says when to, while it follows', async () => {
    for (const type of ['RunStarted', 'RunCompleted']) server.append('a', type);
    const events = server.methods['tasks.events'] as (params: Record<string, unknown>) => unknown;
    let refusals = 3;
    server.methods['tasks.events'] = (params) => (refusals-- > 0 ? BUSY : events(params));
    const followed = collect(connect(makeTransport()), 'a');
    await followed.done;
    expect(followed.seen).toEqual([1, 2]);
  });

  it('follows past a re-opening, ends at once for an ended run, and quietly on abort', async () => {
    for (const type of ['RunStarted', 'RunFailed', 'RunReopened', 'RunCompleted']) server.append('a', type);
    server.append('b', 'RunStarted');
    const client = connect(makeTransport());
    const reopened = collect(client, 'a');
    await reopened.done;
    expect(reopened.seen).toEqual([1, 2, 3, 4]);
    const nothing = collect(client, 'a', { afterSeq: 4 });
    await nothing.done;
    expect(nothing.seen).toEqual([]);
    const abort = new AbortController();
    const aborted = collect(client, 'b', { signal: abort.signal, pollMs: 5 });
    await aborted.until(1);
    abort.abort();
    await aborted.done;
    expect(aborted.seen).toEqual([1]);
  });

  it('loses and doubles no event while the connection breaks again and again (R-PR-02)', async () => {
    const client = connect(makeTransport());
    const all = collect(client, 'a', { pollMs: 1 });
    for (let seq = 1; seq < 200; seq += 1) {
      server.append('a', 'TaskProgressed');
      if (seq % 40 === 0) server.drop();
      if (seq % 7 === 0) server.sendAgain('a', Math.max(1, seq - 3));
      if (seq % 10 === 0) await all.until(Math.min(seq, all.seen.length + 1));
    }
    server.append('a', 'RunCompleted');
    await all.done;
    expect(all.seen).toEqual(upTo(200));
  });

  it('rejects every call once it is closed', async () => {
    const client = connect(makeTransport());
    await client.close();
    await client.close();
    expect(client.state).toBe('offline');
    await expect(client.tasks.count()).rejects.toMatchObject({ code: 'connection/closed' });
  });
});

describe('http', () => {
  it('says what is wrong when nothing listens, or the address is none', async () => {
    const other = new EventServer();
    const otherUrl = await other.listen();
    await other.close();
    const client = connect(httpTransport({ url: otherUrl }));
    await expect(client.tasks.count()).rejects.toThrow(`Can not reach ${otherUrl}: connection refused`);
    expect(() => httpTransport({ url: 'localhost' })).toThrow('is no address');
  });
});

describe('web socket', () => {
  it('is observable: connecting, live, reconnecting, live, offline', async () => {
    const states: ConnectionState[] = [];
    const transport = webSocketTransport({ url, reconnect: QUICK });
    server.methods['tasks.count'] = () => ({ total: 0, counts: {} });
    const client = connect(transport);
    client.onState((state) => states.push(state));
    expect(client.state).toBe('connecting');
    await client.tasks.count();
    server.drop();
    await new Promise<void>((resolve) => {
      const stop = client.onState((state) => state === 'reconnecting' && (stop(), resolve()));
    });
    await client.tasks.count();
    await client.close();
    expect(states).toEqual(['live', 'reconnecting', 'live', 'offline']);
  });

  it('rejects what was on its way when the connection broke, and does not send it again', async () => {
    const client = connect(webSocketTransport({ url, reconnect: QUICK }));
    server.methods['tasks.delete'] = () => {
      server.drop();
      return { deleted: 1 };
    };
    await expect(client.tasks.delete({ taskId: 'x' })).rejects.toMatchObject({ code: 'connection/lost' });
    server.methods['tasks.count'] = () => ({ total: 0, counts: {} });
    await client.tasks.count();
    expect(server.requests.filter(({ method }) => method === 'tasks.delete')).toHaveLength(1);
  });

  it('goes on with a server that comes back on the same port', async () => {
    const { port } = server;
    server.append('a', 'RunStarted');
    const client = connect(webSocketTransport({ url, reconnect: QUICK }));
    const all = collect(client, 'a');
    await all.until(1);
    await server.close();
    server = new EventServer();
    server.append('a', 'RunStarted');
    server.append('a', 'RunCompleted');
    await server.listen(port);
    await all.done;
    expect(all.seen).toEqual([1, 2]);
  });

  it('gives up after the allowed number of failures, or when it is dismissed', async () => {
    const client = connect(webSocketTransport({ url, reconnect: QUICK }));
    server.append('a', 'RunStarted');
    const followed = collect(client, 'a');
    await followed.until(1);
    server.dismiss();
    await expect(followed.done).rejects.toThrow('unknown token');
    expect(client.state).toBe('failed');
    await server.close();
    const hopeless = connect(webSocketTransport({ url, reconnect: { ...QUICK, attemptsMax: 2 } }));
    const error: unknown = await hopeless.tasks.count().catch((thrown: unknown) => thrown);
    expect(ConnectionError.is(error) && error.code).toBe('connection/failed');
    await delay(0);
    server = new EventServer();
    await server.listen();
  });

  it('notices a connection that died in silence', async () => {
    server.append('a', 'RunStarted');
    const client = connect(webSocketTransport({ url, reconnect: QUICK }), 40);
    const all = collect(client, 'a', { checkMs: 20 });
    await all.until(1);
    server.silence();
    server.append('a', 'TaskStarted');
    server.append('a', 'RunCompleted');
    await all.done;
    expect(all.seen).toEqual([1, 2, 3]);
  });

  it('serves a reader that is slower than the events from the log', async () => {
    const client = connect(webSocketTransport({ url, reconnect: QUICK }));
    server.append('a', 'RunStarted');
    const seen: number[] = [];
    for await (const event of client.follow('a')) {
      seen.push(event.seq);
      if (event.seq === 1) setImmediate(() => server.append('a', 'TaskStarted'));
      if (event.seq === 2) {
        for (let index = 0; index < 12_000; index += 1) server.append('a', 'TaskProgressed');
        server.append('a', 'RunCompleted');
        server.methods['tasks.count'] = () => ({ total: 0, counts: {} });
        await client.tasks.count();
      }
    }
    expect(seen).toEqual(upTo(12_003));
  });
});
