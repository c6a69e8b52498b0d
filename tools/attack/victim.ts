/** A real `coppice serve` in a process and a folder of its own: an owner, a user who attacks, and trees that no attack may touch. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = resolve(import.meta.dirname, '../../packages/cli/src/main.ts');
const ECHO = resolve(import.meta.dirname, 'echo-extension.fixture.ts');

/** Stands in every tree that belongs to somebody else: no answer to the attacker may hold it. */
export const MARK = 'not-for-mallory';

const TOKENS = { mallory: 'mallory-token-0123456789', anna: 'anna-token-0123456789' };
export const API_KEY = 'key-7f3a90c2d1e84b56';

export type Identity = 'owner' | 'mallory' | 'anna';

export interface Victim {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  readonly tokens: Readonly<Record<Identity, string>>;
  /** Lines of the log and of standard error, so far. */
  readonly log: readonly string[];
  /** Posts a request; answers its result. Throws on an error. */
  call(who: Identity, method: string, params: object): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startVictim(): Promise<Victim> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-attack-'));
  const users = Object.keys(TOKENS).map((userId) => ({ userId, token: { env: `TOKEN_OF_${userId.toUpperCase()}` } }));
  const config = {
    listen: { port: 0 },
    auth: { users },
    extensions: [ECHO],
    secrets: { apiKey: { env: 'API_KEY' } },
    engine: { limits: { global: 16 } },
    // Of what acts with the rights of the server, the attacker may ask this machine; the wave of answers needs it.
    roles: { user: { executors: ['aggregate', 'delay', 'echo', 'harm', { type: 'http', actAsServer: true }] } },
  };
  await writeFile(join(folder, 'coppice.config.json'), JSON.stringify(config));
  const child = spawn(process.execPath, ['--conditions=coppice-source', MAIN, 'serve', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TOKEN_OF_MALLORY: TOKENS.mallory, TOKEN_OF_ANNA: TOKENS.anna, API_KEY },
  });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const url = await addressOf(child, log);
  const owner = (await readFile(join(folder, '.coppice/token'), 'utf8')).trim();
  const tokens = { ...TOKENS, owner };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid as number,
    folder,
    tokens,
    log,
    call: (who, method, params) => post(`${url}/rpc`, tokens[who], { jsonrpc: '2.0', id: 1, method, params }),
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function addressOf(child: ChildProcess, log: readonly string[]): Promise<string> {
  return new Promise((found, failed) => {
    createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      const { url } = JSON.parse(line) as { readonly url?: string };
      if (url !== undefined) found(url);
    });
    child.once('exit', () => failed(new Error(`The server did not start:\n${log.join('\n')}`)));
  });
}

async function post(url: string, token: string, message: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(message),
  });
  const answer = (await response.json()) as { readonly result?: unknown; readonly error?: unknown };
  if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
  return answer.result;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
