/** A real server in this process, on a free port and a store of its own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, webSocketTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { createLogger, createServer, parseConfig } from '@coppice/server';
import type { Server } from '@coppice/server';
import { afterAll } from 'vitest';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly client: Client;
  readonly dataDir: string;
  /** As if the machine had lost power: what runs is cut off. */
  kill(): Promise<void>;
  /** Starts again on the same port and store. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Of pages that may call it. */
  readonly allowedOrigins?: readonly string[];
}

export async function startServer({ allowedOrigins = [] }: ServerOptions = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'coppice-e2e-'));
  const listen = (at: number) => ({ port: at, allowedOrigins: [...allowedOrigins] });
  let server = await launch(dataDir, listen(0));
  const { url = '', port = 0 } = server.address ?? {};
  const token = (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  const client = createClient({
    transport: webSocketTransport({ url, token, reconnect: { delayMs: 20, maxDelayMs: 200, attemptsMax: 1000 } }),
  });
  return {
    url,
    port,
    token,
    client,
    dataDir,
    kill: () => server.stop({ graceMs: 0 }),
    restart: async () => {
      server = await launch(dataDir, listen(port));
    },
    close: async () => {
      await client.close();
      await server.stop({ graceMs: 0 });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The same for a file of tests: it is closed after them. */
export async function serveTests(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  afterAll(() => server.close());
  return server;
}

async function launch(
  dataDir: string,
  listen: { readonly port: number; readonly allowedOrigins: string[] },
): Promise<Server> {
  const parsed = parseConfig({ dataDir, listen });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const server = await createServer(parsed.config, { logger: createLogger({ level: 'error' }) });
  await server.start();
  return server;
}
