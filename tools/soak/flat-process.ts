/**
 * One server that runs many small trees and is subscribed to many times: `flat-process.ts RUNS CYCLES [leak]`, with `--expose-gc`.
 * Prints as JSON how much the heap and the number of handles have grown after the first half. `leak` keeps a little of each run.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpTransport, createClient, webSocketTransport, type Client } from '@coppice/client';
import { createServer, parseConfig } from '@coppice/server';

/** Requests at once. */
const ABREAST = 16;
/** Of 20,000 runs that is as many as the store remembers numbers of: from then on nothing may grow. */
const WARM_UP = 0.5;

const [runs, cycles] = process.argv.slice(2, 4).map(Number) as [number, number];
const kept: unknown[] = [];
const dir = await mkdtemp(join(tmpdir(), 'coppice-flat-'));
const parsed = parseConfig({ dataDir: dir, listen: { port: 0 }, auth: { noAuth: true } });
if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
const server = await createServer(parsed.config, { logLevel: 'error' });
await server.start();
const url = server.address?.url ?? '';

/** Calls `work` so many times, some of them at once. */
async function repeat(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
}

async function runOne(client: Client): Promise<void> {
  const tasks = [{ name: 'root' }, { name: 'a', parentId: 'root', executor: 'delay', inputs: { ms: 0 } }];
  const { treeId, status } = await client.tasks.execute({ tasks, wait: true });
  if (status !== 'completed') throw new Error(`A run ended ${status}`);
  if (process.argv[4] === 'leak') kept.push(Array.from({ length: 200 }, () => `${treeId} ${Math.random()}`));
}

/** Opens a connection, subscribes to all trees and to one, and lets go of everything. */
async function subscribeOnce(treeId: string): Promise<void> {
  const client = createClient({ transport: webSocketTransport({ url }) });
  const all = await client.tasks.subscribe({});
  await client.tasks.subscribe({ treeId, afterSeq: 0 });
  await client.tasks.unsubscribe({ subscriptionId: all.subscriptionId });
  await client.close();
}

/** What is left when nothing is under way. */
async function rest(): Promise<{ readonly heap: number; readonly handles: number }> {
  // Closed sockets leave after some turns of the event loop; so does what is only cleaned up after a collection.
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 50 === 49) globalThis.gc?.();
  }
  return { heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length };
}

const client = createClient({ transport: httpTransport({ url }) });
const { treeId } = await client.tasks.execute({ tasks: [{ name: 'one', executor: 'delay', inputs: { ms: 0 } }] });
await repeat(runs * WARM_UP, () => runOne(client));
await repeat(cycles * WARM_UP, () => subscribeOnce(treeId));
const before = await rest();
await repeat(runs * (1 - WARM_UP), () => runOne(client));
await repeat(cycles * (1 - WARM_UP), () => subscribeOnce(treeId));
const after = await rest();
const report = { runs, cycles, heapGrowth: after.heap - before.heap, handleGrowth: after.handles - before.handles };
process.stdout.write(`${JSON.stringify(report)}\n`);
await client.close();
await server.stop();
await rm(dir, { recursive: true, force: true });
