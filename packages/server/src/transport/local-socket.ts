/**
 * JSON-RPC for other processes of the same user on this machine: over a Unix socket (a named pipe on Windows), framed as on stdio.
 *
 * The socket is for its owner only: it lies in a folder of its own that nobody else may enter, so it needs no token, and no page
 * in a browser can reach it.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveStdio } from './stdio.ts';
import type { StdioOptions } from './stdio.ts';

export interface LocalSocket {
  /** What a client connects to. */
  readonly path: string;
  /** Takes no more clients. Those that are there stay until `close`. */
  refuseMore(): Promise<void>;
  /** Resolves when all clients have left, or after so many ms. */
  left(withinMs: number): Promise<void>;
  /** Ends the connections and removes the socket. Closing twice is harmless. */
  close(): Promise<void>;
}

export interface LocalSocketOptions extends Omit<StdioOptions, 'input' | 'output'> {
  readonly dataDir: string;
  /** Clients that may be connected at once. */
  readonly connectionsMax: number;
}

const FOLDER = 'socket-';
const FILE = 's';
/** Bytes of a path that every system takes for a socket. */
const PATH_MAX = 100;

/** Listens. Only one process, the writer of the data directory, may do this at a time: what a dead one left is removed. */
export async function serveLocalSocket(options: LocalSocketOptions): Promise<LocalSocket> {
  const { dataDir, connectionsMax, logger } = options;
  const path = await socketPath(resolve(dataDir));
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', (error) => logger.debug({ err: error, socket: path }, 'a local connection broke'));
    serveStdio({ ...options, input: socket, output: socket });
  });
  server.maxConnections = connectionsMax;
  // It alone keeps no process alive.
  server.unref();
  await listen(server, path);
  let closed: Promise<void> | undefined;
  const refuseMore = (): Promise<void> => (closed ??= stopListening(server, path));
  return {
    path,
    refuseMore,
    left: async (withinMs) => {
      const all = Promise.all([...open].map((socket) => new Promise((gone) => socket.once('close', gone))));
      const timer = new AbortController();
      // Aborted when all have left before.
      await Promise.race([all, sleep(withinMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    },
    close: async () => {
      await refuseMore();
      for (const socket of open) socket.destroy();
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(path, () => {
      server.off('error', failed);
      done();
    });
  });
  if (process.platform !== 'win32') await chmod(path, 0o600);
}

/** `mkdtemp` makes folders that only their owner may enter. */
async function socketPath(dataDir: string): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\coppice-${randomUUID()}`;
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(FOLDER)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
  const folder = join(dataDir, FOLDER);
  const isShort = Buffer.byteLength(folder) + 'XXXXXX/'.length + FILE.length <= PATH_MAX;
  return join(await mkdtemp(isShort ? folder : join(tmpdir(), `coppice-${FOLDER}`)), FILE);
}

/** Connections that are open go on; `close` of a server would wait for them. */
async function stopListening(server: Server, path: string): Promise<void> {
  server.close();
  if (process.platform !== 'win32') await rm(dirname(path), { recursive: true, force: true });
}
