/** How commands find the server of a data directory: it leaves its address there while it runs. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ServerRecord {
  readonly url: string;
  readonly pid: number;
}

const SERVER_FILE = 'server.json';
const TOKEN_FILE = 'token';

export async function writeServerRecord(dataDir: string, record: ServerRecord): Promise<void> {
  await writeFile(join(dataDir, SERVER_FILE), `${JSON.stringify(record)}\n`, { mode: 0o600 });
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
    const { url, pid } = value ?? {};
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : undefined;
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
