/** How commands find the process that works on a data directory: it leaves its address there while it runs. Readable by its owner only. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Surroundings } from './surroundings.ts';

export interface ServerRecord {
  readonly pid: number;
  /** Written by `coppice serve`. */
  readonly url?: string;
  /** Written by a process that executes a run and shares its engine with other commands. */
  readonly socket?: string;
  /** The surroundings of runs in that process. */
  readonly surroundings?: Surroundings;
}

const SERVER_FILE = 'server.json';
const TOKEN_FILE = 'token';

export async function writeServerRecord(dataDir: string, record: ServerRecord): Promise<void> {
  // A server without a store on disk has not made the folder.
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, SERVER_FILE);
  // The file appears whole, because another command may be reading it.
  await writeFile(`${path}.${record.pid}`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(`${path}.${record.pid}`, path);
}

export async function removeServerRecord(dataDir: string): Promise<void> {
  await rm(join(dataDir, SERVER_FILE), { force: true });
}

/** The record of a server whose process lives; undefined otherwise. */
export async function findServerRecord(dataDir: string): Promise<ServerRecord | undefined> {
  const text = await readOptional(join(dataDir, SERVER_FILE));
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  return record !== undefined && isAlive(record.pid) ? record : undefined;
}

/** The token that the server of this data directory made for its owner. */
export async function findOwnerToken(dataDir: string): Promise<string | undefined> {
  return (await readOptional(join(dataDir, TOKEN_FILE)))?.trim();
}

async function readOptional(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function parseRecord(text: string): ServerRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<ServerRecord> | null;
    const isRecord = typeof value?.pid === 'number' && typeof (value.url ?? value.socket) === 'string';
    return isRecord ? (value as ServerRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process can not be signalled, but it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
