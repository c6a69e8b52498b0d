/**
 * The server under load, in a process of its own. `bare`: the web framework with one method and nothing around it;
 * `coppice`: the real server, with tokens, validation and limits on. Tells its parent where it listens, and on request its processor time.
 */
import { createServer, parseConfig } from '@coppice/server';
import fastify from 'fastify';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface ServerAddress {
  readonly port: number;
  /** Sent as a bearer token. */
  readonly token: string;
}

interface Request {
  readonly id: number;
}

const [kind = '', dir = ''] = process.argv.slice(2);
const listening = kind === 'bare' ? await startBare() : await startCoppice(dir);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ processorUs: user + system });
});
process.send?.(listening);

async function startBare(): Promise<ServerAddress> {
  const app = fastify({ logger: false });
  app.post('/rpc', (request, reply) => {
    const body = request.body as Request | readonly Request[];
    return reply.send(Array.isArray(body) ? body.map(answer) : answer(body as Request));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      socket.send(JSON.stringify(answer(JSON.parse(data.toString()) as Request)));
    });
  });
  return { port: (app.server.address() as AddressInfo).port, token: '' };
}

function answer({ id }: Request): object {
  return { jsonrpc: '2.0', id, result: { count: 0 } };
}

async function startCoppice(dataDir: string): Promise<ServerAddress> {
  const parsed = parseConfig({ dataDir, listen: { port: 0 } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const server = await createServer(parsed.config, { logLevel: 'error' });
  await server.start();
  const token = server.tokenFile === undefined ? '' : readFileSync(server.tokenFile, 'utf8').trim();
  return { port: server.address?.port ?? 0, token };
}
