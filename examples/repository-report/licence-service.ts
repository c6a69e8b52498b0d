/**
 * Task functions: a small HTTP service that judges licences, and the port it listens on.
 *
 * The port is a task of its own, so that its number is stored: a service that a crash ended comes back where it was.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ExecutorContext } from '@coppice/extension';

export type LicenceKind = 'permissive' | 'weak copyleft' | 'strong copyleft' | 'unknown';

export interface Verdict {
  readonly licence: string;
  readonly kind: LicenceKind;
}

export interface Served {
  readonly port: number;
  readonly requests: number;
  readonly refused: number;
}

const HOST = '127.0.0.1';
/** Attempts that find the service still warming up. */
const COLD_ATTEMPTS = 2;
/** Nobody has asked anything for this long: whoever should have stopped the service is gone. */
const IDLE_MS = 20_000;

const KINDS: readonly (readonly [LicenceKind, RegExp])[] = [
  ['strong copyleft', /\b(A?GPL)-/],
  ['weak copyleft', /\b(LGPL|MPL|EPL|CDDL)-/],
  [
    'permissive',
    /^\(?(MIT(-0)?|ISC|0BSD|BSD-\d-Clause|Apache-2\.0|BlueOak-1\.0\.0|Python-2\.0|Unlicense|CC0-1\.0|CC-BY-[34]\.0|Zlib|WTFPL)\b/,
  ],
];

/** A port that nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Serves until `POST /stop`, until the attempt is aborted, or until nobody asks any more; answers what it has served. */
export async function serve({ port }: { readonly port: number }, ctx: ExecutorContext): Promise<Served> {
  let requests = 0;
  let refused = 0;
  const stopping = new AbortController();
  const stopped = once(stopping.signal, 'abort');
  const stop = (): void => stopping.abort();
  const idle = setTimeout(stop, IDLE_MS);
  const server = createServer((request, response) => {
    requests += 1;
    idle.refresh();
    answer(request, response).then(
      (status) => {
        if (status === 503) refused += 1;
        if (request.url === '/stop') stop();
        ctx.progress(0, `${requests} answered, ${refused} of them with "not yet"`);
      },
      () => response.destroy(),
    );
  });
  server.listen(port, HOST);
  ctx.signal.addEventListener('abort', stop);
  try {
    await once(server, 'listening');
    ctx.progress(0, `listening on port ${port}`);
    await stopped;
    ctx.signal.throwIfAborted();
    return { port, requests, refused };
  } finally {
    clearTimeout(idle);
    ctx.signal.removeEventListener('abort', stop);
    server.close();
    server.closeAllConnections();
  }
}

/** Answers one request completely, and tells with which status. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<number> {
  const { status, body } = await handle(request);
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  const finished = once(response, 'finish');
  response.end(JSON.stringify(body));
  await finished;
  return status;
}

async function handle(request: IncomingMessage): Promise<{ readonly status: number; readonly body: unknown }> {
  const { pathname, searchParams } = new URL(request.url ?? '/', `http://${HOST}`);
  if (pathname === '/health') {
    const attempt = Number(searchParams.get('attempt'));
    return attempt > COLD_ATTEMPTS
      ? { status: 200, body: { isWarm: true, attempt } }
      : { status: 503, body: { isWarm: false, attempt } };
  }
  if (pathname === '/verdicts' && request.method === 'POST') {
    const licences = (await json(request)) as readonly string[];
    return { status: 200, body: licences.map(judge) };
  }
  if (pathname === '/stop' && request.method === 'POST') return { status: 200, body: { isStopping: true } };
  return { status: 404, body: { message: `There is no ${request.method} ${pathname}` } };
}

/** A choice (`OR`) is as free as its freest part; the strictest word in it decides otherwise. */
export function judge(licence: string): Verdict {
  const parts = licence.split(/\sOR\s/);
  const kinds = parts.map((part) => KINDS.find(([, pattern]) => pattern.test(part))?.[0] ?? 'unknown');
  const kind = kinds.includes('permissive') ? 'permissive' : (kinds[0] ?? 'unknown');
  return { licence, kind };
}
