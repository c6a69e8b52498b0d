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
  /** Users with the role `user`: their tokens by their ids. */
  readonly users?: Readonly<Record<string, string>>;
}

export async function startServer({ allowedOrigins = [], users = {} }: ServerOptions = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'coppice-e2e-'));
  const settings = (port: number): Settings => ({
    dataDir,
    listen: { port, allowedOrigins: [...allowedOrigins] },
    auth: { users: Object.keys(users).map((userId) => ({ userId, token: { env: tokenVariable(userId) } })) },
  });
  for (const [userId, userToken] of Object.entries(users)) process.env[tokenVariable(userId)] = userToken;
  let server = await launch(settings(0));
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
      server = await launch(settings(port));
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

/** What a configuration file says. */
type Settings = Parameters<typeof parseConfig>[0];

function tokenVariable(userId: string): string {
  return `E2E_TOKEN_${userId.toUpperCase()}`;
}

async function launch(settings: Settings): Promise<Server> {
  const parsed = parseConfig(settings);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const server = await createServer(parsed.config, { logger: createLogger({ level: 'error' }) });
  await server.start();
  return server;
}
