/**
 * A client for one command: of the server that was named, of the one that runs on the data directory, or of the store itself.
 * Only the last needs the engine; everything that does is imported when it is needed.
 */
import { existsSync } from 'node:fs';
import { createClient, httpTransport, webSocketTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { UnavailableError } from '../output/report-error.ts';
import { findOwnerToken, findServerRecord } from './server-file.ts';
import type { Settings } from './settings.ts';

/**
 * What a command does with a local store:
 * - `none`: nothing; it asks about executors or checks a definition.
 * - `read`: also while another process writes.
 * - `write`: needs to be the only writer.
 * - `watch`: as `read`, and it follows a run.
 * - `run`: as `write`, and it follows a run that this process executes.
 */
export type Access = 'none' | 'read' | 'watch' | 'write' | 'run';

export interface Session {
  readonly client: Client;
  /** True: runs need this process to go on. */
  readonly isLocal: boolean;
  /** Shown to people: the server's address or the data directory. */
  readonly place: string;
  /** `graceMs`: how long what runs locally may take to end. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** How often a command tries to reach a server again once it follows a run. */
const RECONNECT = { delayMs: 200, maxDelayMs: 5000, attemptsMax: 12 };
const LIVENESS_TIMEOUT_MS = 1000;

export async function openSession(settings: Settings, access: Access): Promise<Session> {
  if (settings.server !== undefined) {
    const token = settings.token ?? (await findOwnerToken(settings.dataDir));
    return serverSession(settings.server, token, access);
  }
  const record = await findServerRecord(settings.dataDir);
  if (record !== undefined) {
    const token = settings.token ?? (await findOwnerToken(settings.dataDir));
    if (await answers(record.url, token)) return serverSession(record.url, token, access);
  }
  if ((access === 'read' || access === 'watch') && !existsSync(settings.dataDir)) {
    throw new UnavailableError(
      `There is no store in ${settings.dataDir}. Make one with: coppice run FILE; or name a server with --server.`,
    );
  }
  const { openLocal } = await import('./open-local.ts');
  return openLocal(settings, access);
}

async function serverSession(url: string, token: string | undefined, access: Access): Promise<Session> {
  const options = { url, token, reconnect: RECONNECT };
  let client = createClient({ transport: httpTransport(options) });
  if (access === 'watch' || access === 'run') {
    // HTTP says at once what a WebSocket can not: that nobody listens, or that the token is wrong.
    await client.system.health();
    client = createClient({ transport: webSocketTransport(options) });
  }
  return { client, isLocal: false, place: url, close: () => client.close() };
}

async function answers(url: string, token: string | undefined): Promise<boolean> {
  const client = createClient({ transport: httpTransport({ url, token }), timeoutMs: LIVENESS_TIMEOUT_MS });
  try {
    await client.system.health();
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
