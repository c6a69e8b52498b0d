/**
 * A client for one command: of the server that was named, of the process that works on the data directory, or of the store itself.
 * Only the last needs the engine; everything that does is imported when it is needed.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, httpTransport, RpcError, webSocketTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { UnavailableError } from '../output/report-error.ts';
import { findOwnerToken, findServerRecord } from './server-file.ts';
import type { Settings } from './settings.ts';
import { differenceFrom } from './surroundings.ts';
import { COPPICE } from '../output/command-name.ts';

/**
 * What a command does with a local store:
 * - `none`: nothing; it asks about executors or checks a definition.
 * - `plan`: nothing; what it makes is gone when it ends, on no server either.
 * - `read`: also while another process writes.
 * - `write`: needs to be the only writer.
 * - `watch`: as `read`, and it follows a run.
 * - `run`: as `write`, and it follows a run that this process executes.
 */
export type Access = 'none' | 'plan' | 'read' | 'watch' | 'write' | 'run';

export interface Session {
  readonly client: Client;
  /** True: runs go on only while this process lives. */
  readonly isLocal: boolean;
  /** True: the runs are executed by another command, which shares its engine and ends when its runs have ended. */
  readonly usesSharedEngine?: boolean;
  /** Shown to people: the server's address, the data directory, or the process that works on it. */
  readonly place: string;
  /** `graceMs`: longest wait for local runs to end. Without it, the runs that other commands handed over may end first. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface SessionOptions {
  readonly access: Access;
  /** Called with a sentence for the person: why nothing happens yet, or which process does the work. */
  readonly note: (text: string) => void;
  /** Environment variables that the run will find, beside those that every command finds. */
  readonly variables?: Iterable<string>;
}

/** How often a command tries to reach a server again once it follows a run. */
const RECONNECT = { delayMs: 200, maxDelayMs: 5000, attemptsMax: 12 };
const LIVENESS_TIMEOUT_MS = 1000;
/** Pause between two checks whether another process has left the store. */
const WAIT_MS = 250;

/** Opens the client of a command. Where another process has the store, the command goes to that process, or waits for its end. */
export async function openSession(settings: Settings, options: SessionOptions): Promise<Session> {
  const { access } = options;
  if (access === 'plan') return (await import('./open-local.ts')).openLocal(settings, options);
  if (settings.server !== undefined) {
    const token = settings.token ?? (await findOwnerToken(settings.dataDir));
    return serverSession(settings.server, token, access);
  }
  const note = once(options.note);
  for (;;) {
    const found = await sessionOfOther(settings, { ...options, note });
    if (found === 'busy') {
      await sleep(WAIT_MS);
      continue;
    }
    if (found !== undefined) return found;
    if ((access === 'read' || access === 'watch') && !existsSync(settings.dataDir)) {
      throw new UnavailableError(
        `There is no store in ${settings.dataDir}. Make one with: ${COPPICE} run FILE; or name a server with --server.`,
      );
    }
    const { openLocal } = await import('./open-local.ts');
    try {
      return await openLocal(settings, options);
    } catch (error) {
      if (!isLocked(error)) throw error;
      note(
        `${settings.dataDir} is in use: ${(error as Error).message.split(' and only', 1)[0] ?? ''} waiting for its end.`,
      );
      await sleep(WAIT_MS);
    }
  }
}

/** Undefined: no other process is there, or none that answers. `busy`: one is there, and can not take this run. */
async function sessionOfOther(settings: Settings, options: SessionOptions): Promise<Session | 'busy' | undefined> {
  const { access, note } = options;
  const record = await findServerRecord(settings.dataDir);
  if (record?.url !== undefined) {
    const token = settings.token ?? (await findOwnerToken(settings.dataDir));
    const isThere = await answers(record.url, token, access === 'write' || access === 'run');
    return isThere ? serverSession(record.url, token, access) : undefined;
  }
  if (record?.socket === undefined || access === 'none') return undefined;
  if (access === 'run' && record.surroundings !== undefined) {
    const difference = differenceFrom(record.surroundings, settings, options.variables ?? []);
    if (difference !== undefined) {
      note(`Process ${record.pid} works in ${settings.dataDir}, and ${difference}: waiting for its end.`);
      return 'busy';
    }
  }
  const session = await socketSession(record.socket, record.pid);
  if (session !== undefined && access === 'run')
    note(`Process ${record.pid} works in ${settings.dataDir}: it runs this too.`);
  return session;
}

/** Undefined: no server answers there. */
async function socketSession(path: string, pid: number): Promise<Session | undefined> {
  const { socketTransport } = await import('@coppice/client/stdio');
  const client = createClient({ transport: socketTransport({ path }), face: 'cli' });
  try {
    await client.system.health({}, { timeoutMs: LIVENESS_TIMEOUT_MS });
    return { client, isLocal: false, usesSharedEngine: true, place: `process ${pid}`, close: () => client.close() };
  } catch {
    await client.close();
    return undefined;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'storage/locked';
}

function once(note: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) note(text);
    said.add(text);
  };
}

async function serverSession(url: string, token: string | undefined, access: Access): Promise<Session> {
  const options = { url, token, reconnect: RECONNECT };
  let client = createClient({ transport: httpTransport(options), face: 'cli' });
  if (access === 'watch' || access === 'run') {
    // HTTP says at once what a WebSocket can not: that nobody listens, or that the token is wrong.
    await client.system.health();
    client = createClient({ transport: webSocketTransport(options), face: 'cli' });
  }
  return { client, isLocal: false, place: url, close: () => client.close() };
}

/** `isNeeded`: nothing can be done without it, so its refusal of the token is the answer; others read the store instead. */
async function answers(url: string, token: string | undefined, isNeeded: boolean): Promise<boolean> {
  const client = createClient({ transport: httpTransport({ url, token }), timeoutMs: LIVENESS_TIMEOUT_MS });
  try {
    await client.system.health();
    return true;
  } catch (error) {
    if (isNeeded && RpcError.is(error)) throw error;
    return false;
  } finally {
    await client.close();
  }
}
