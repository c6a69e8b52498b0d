/** What `executor: http` meets: private addresses in every spelling, bombs, streams without end, answers that are cut or none. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { forEach, poster, requestText, type Attack, type Wave } from '../wave.ts';

const TIMEOUT_MS = 1_500;
const BOMB_BYTES = 100 * 1024 * 1024;

/** Answers on the bare socket, by path. */
const ANSWERS: Readonly<Record<string, (socket: Socket) => void>> = {
  '/endless-body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n');
    pour(socket, 'x'.repeat(65_536));
  },
  '/endless-header': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    pour(socket, `X: ${'x'.repeat(1_000)}\r\n`);
  },
  '/silence': () => {},
  '/half-a-status': (socket) => void socket.write('HTTP/1.1 2'),
  '/cut-body': (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort'),
  '/cut-chunk': (socket) => void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nshort'),
  '/bad-chunk': (socket) =>
    void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n'),
  '/two-lengths': (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'),
  '/no-http': (socket) => void socket.end('SSH-2.0-OpenSSH\r\n'),
  '/reset': (socket) => void socket.resetAndDestroy(),
  '/reset-in-body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort', () => socket.resetAndDestroy());
  },
  '/bomb': (socket) => {
    const body = gzipSync(Buffer.alloc(BOMB_BYTES));
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.end(body);
  },
  '/bad-gzip': (socket) =>
    void socket.end('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd'),
  '/deep-json': (socket) => {
    const body = '['.repeat(200_000);
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  },
  '/nested-json': (socket) => {
    const body = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  },
  '/prototype-json': (socket) => {
    const body = '{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}},"text":"\\ud800"}';
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  },
  '/redirect-to-itself': (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nLocation: /redirect-to-itself\r\nContent-Length: 0\r\n\r\n'),
  '/redirect-to-a-file': (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n'),
  '/redirect-nowhere': (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n'),
  '/retry-after': (socket) =>
    void socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n'),
  '/placeholder': (socket) => {
    const body = '«secret:apiKey» ${{ secrets.apiKey }}';
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  },
};

/** Spellings of this machine. Who reaches it by one of them has reached a private address. */
const SPELLINGS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f.0.0.1',
  '0x7f000001',
  '0177.0.0.1',
  '2130706433',
  '0',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:0:0:1]',
  'localhost',
  'LOCALHOST',
  '１２７.0.0.1',
];

export const hostileAnswers: Wave = {
  name: 'hostile answers',
  share: 0.01,
  async run(attack) {
    const { server, port, reached } = await startHostileServer();
    const post = poster(attack);
    const get = (inputs: object): string => {
      const policies = { timeoutMs: TIMEOUT_MS, retry: { maxAttempts: 1 } };
      const tasks = [{ name: 'get', executor: 'http', inputs, policies }];
      return requestText('tasks.execute', { tasks, wait: true });
    };
    await forEach(SPELLINGS, (host) => post(get({ url: `http://${host}:${port}/private` })), 4);
    if (reached.size > 0) attack.tally.complain(`Private addresses were reached: ${[...reached].join(', ')}`);
    await forEach(
      Object.keys(ANSWERS),
      (path) => post(get({ url: `http://127.0.0.1:${port}${path}`, allowPrivateAddresses: true })),
      8,
    );
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await expectSettled(attack);
  },
};

/** Nothing of the attacker's still runs: each hostile answer has ended its task. */
async function expectSettled({ victim, tally }: Attack): Promise<void> {
  const { items } = (await victim.call('owner', 'tasks.running.list', {})) as {
    readonly items: { executor: string }[];
  };
  const open = items.filter(({ executor }) => executor === 'http');
  if (open.length > 0) tally.complain(`Requests still run: ${JSON.stringify(open)}`);
}

function pour(socket: Socket, text: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on('drain', more);
  more();
}

interface HostileServer {
  readonly server: Server;
  readonly port: number;
  /** Host headers of requests that should not have come. */
  readonly reached: Set<string>;
}

async function startHostileServer(): Promise<HostileServer> {
  const reached = new Set<string>();
  const server = createServer((request) => {
    const { socket, url = '' } = request;
    socket.on('error', () => {});
    const answer = Object.hasOwn(ANSWERS, url) ? ANSWERS[url] : undefined;
    if (answer === undefined) reached.add(request.headers.host ?? '');
    (answer ?? ANSWERS['/reset'])?.(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, port: (server.address() as AddressInfo).port, reached };
}
