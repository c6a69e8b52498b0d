/** One life of a process that runs trees: a server or a program that embeds the engine, until it is killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TaskSubmission } from '@coppice/core';

export type LifeKind = 'serve' | 'embedded';

export interface ProcessLife {
  readonly kind: LifeKind;
  readonly child: ChildProcess;
  /** It answers requests; undefined: it has ended before that. */
  readonly ready: Promise<true | undefined>;
  /** What it said, for a failure. */
  readonly output: readonly string[];
  /** Asks for the run of a tree; undefined: it ended without an answer. */
  execute(tasks: readonly TaskSubmission[]): Promise<string | undefined>;
  /** SIGKILL, and the end. */
  kill(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SERVE = [at('../../packages/cli/src/main.ts'), 'serve', '--port', '0', '--no-auth', '--data-dir'];
const EMBEDDED = [at('embedded-process.ts')];

export function beginLife(kind: LifeKind, dataDir: string): ProcessLife {
  const args = ['--conditions=coppice-source', ...(kind === 'serve' ? SERVE : EMBEDDED), dataDir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const exited = once(child, 'exit').then(() => undefined);
  // A pipe to a process that was killed.
  child.stdin.on('error', () => {});
  /** What a line gives for which `find` gives something. */
  const line = <T>(find: (text: string) => T | undefined): Promise<T | undefined> => {
    const { promise, resolve } = Promise.withResolvers<T>();
    const listener = (text: string): void => {
      const found = find(text);
      if (found === undefined) return;
      listeners.delete(listener);
      resolve(found);
    };
    listeners.add(listener);
    return Promise.race([promise, exited]);
  };
  const url = line((text) => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]);
  const ready = kind === 'serve' ? url : line((text) => (text === 'ready' ? text : undefined));
  return {
    kind,
    child,
    output,
    ready: ready.then((said) => (said === undefined ? undefined : true)),
    async execute(tasks) {
      if (kind === 'serve') return executeOverHttp(await url, tasks);
      const answer = line((text) => /^answer (.+)$/.exec(text)?.[1]);
      child.stdin.write(`${JSON.stringify(tasks)}\n`);
      return answer;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function executeOverHttp(url: string | undefined, tasks: readonly TaskSubmission[]): Promise<string | undefined> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tasks.execute', params: { tasks } });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/rpc`, { method: 'POST', headers, body }).then(
    (response) => response.json() as Promise<{ result?: { treeId: string }; error?: unknown }>,
    () => undefined,
  );
  if (answer?.error !== undefined) throw new Error(`The server refuses: ${JSON.stringify(answer.error)}`);
  return answer?.result?.treeId;
}
