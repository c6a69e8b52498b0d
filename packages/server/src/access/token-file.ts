/** Secrets of the server, such as the owner's token: made when they are needed first, readable by the owner of the data directory only. */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const TOKEN_BYTES = 32;
const OWNER_ONLY = 0o600;

/** Name of the file in the data directory. */
export const TOKEN_FILE = 'token';

/** Reads the token in the file, or makes one. Two processes that start at once end up with the same. */
export async function loadToken(dataDir: string, file = TOKEN_FILE): Promise<string> {
  const path = join(dataDir, file);
  const stored = await readToken(path);
  if (stored !== undefined) return stored;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const draft = `${path}.${process.pid}-${randomUUID()}`;
  await writeFile(draft, `${token}\n`, { mode: OWNER_ONLY });
  try {
    // Appears whole or not at all; the first process wins.
    await link(draft, path);
    return token;
  } catch (error) {
    const other = isExisting(error) ? await readToken(path) : undefined;
    if (other === undefined) throw error;
    return other;
  } finally {
    await unlink(draft);
  }
}

async function readToken(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  await chmod(path, OWNER_ONLY);
  const token = text.trim();
  if (token === '') throw new Error(`The token file ${path} is empty. Delete it, and the next start makes a new one.`);
  return token;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
