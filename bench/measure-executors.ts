/**
 * Real work: programs that end at once, requests that are answered at once. Parameters: `command` or `http`; `bare` (a loop
 * around what the executor uses) or `coppice` (one durable tree); tasks.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JsonObject } from '@coppice/core';
import { createEngine, createExtensionRegistry } from '@coppice/engine';
import * as commandExtension from '@coppice/executor-command';
import * as httpExtension from '@coppice/executor-http';
import { Agent, request } from 'undici';
import { runTree } from './coppice/coppice-subject.ts';
import { createStore } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { startProfile } from './processor-profile.ts';
import { inLanes } from './workload.ts';

const COMMAND = 'true';
const AT_ONCE = { command: 8, http: 50 } as const;
const WARM_UP = 100;

type Kind = keyof typeof AT_ONCE;
/** Does the work so many times. */
type Work = (count: number) => Promise<void>;

export async function measureExecutors({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const kind: Kind = parameters[0] === 'http' ? 'http' : 'command';
  const count = countOf(parameters, 2);
  const server = kind === 'http' ? await startServer() : undefined;
  const url = `http://127.0.0.1:${server?.port}/`;
  const inputs: JsonObject = kind === 'http' ? { url, allowPrivateAddresses: true } : { command: COMMAND };
  const { work, close } = parameters[1] === 'bare' ? openBare(kind, url) : await openCoppice(kind, { dir, inputs });
  await work(WARM_UP);
  const stopProfile = await startProfile();
  const processorBefore = process.cpuUsage();
  const startedMs = performance.now();
  await work(count);
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(processorBefore);
  await stopProfile?.();
  await close();
  server?.stop();
  return { tasksPerSecond: (count / ms) * 1000, msPerTask: ms / count, processorUsPerTask: (user + system) / count };
}

function openBare(kind: Kind, url: string): { readonly work: Work; readonly close: () => Promise<void> } {
  const agent = new Agent();
  const oneTask = kind === 'command' ? runCommand : () => sendRequest(url, agent);
  return { work: (count) => inLanes(count, AT_ONCE[kind], oneTask), close: () => agent.close() };
}

/** What any caller must do to know how a program ended and what it printed. */
async function runCommand(): Promise<void> {
  const child = spawn(COMMAND, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || output !== '') throw new Error(`${COMMAND} ended with ${code}`);
}

async function sendRequest(url: string, dispatcher: Agent): Promise<void> {
  const { statusCode, body } = await request(url, { dispatcher });
  const answer = await body.json();
  if (statusCode !== 200 || answer === null) throw new Error(`${url} answered ${statusCode}`);
}

async function openCoppice(
  kind: Kind,
  { dir, inputs }: { readonly dir: string; readonly inputs: JsonObject },
): Promise<{ readonly work: Work; readonly close: () => Promise<void> }> {
  const registry = createExtensionRegistry();
  await registry.load(kind === 'http' ? httpExtension : commandExtension);
  const engine = createEngine({ store: createStore('normal', dir), registry });
  await engine.start();
  const work: Work = async (count) => {
    const tasks = Array.from({ length: count }, (_, index) => ({
      name: `t${index}`,
      parentId: 'all',
      executor: kind,
      inputs,
    }));
    await runTree(engine, { tasks: [{ name: 'all' }, ...tasks], policies: { concurrency: AT_ONCE[kind] } });
  };
  const close = async (): Promise<void> => {
    await engine.stop({ graceMs: 0 });
    await registry.close();
  };
  return { work, close };
}

async function startServer(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const child = fork(join(import.meta.dirname, 'executors/http-server-process.ts'));
  const [port] = (await once(child, 'message')) as [number];
  return { port, stop: () => void child.kill('SIGKILL') };
}
