/**
 * Creates a tree on a server, runs it and follows its events over a WebSocket.
 * With a server of your own: COPPICE_SERVER=http://127.0.0.1:7420 COPPICE_TOKEN=… node main.ts; without one, it starts one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, webSocketTransport } from '@coppice/client';
import { createLogger, createServer, parseConfig } from '@coppice/server';

const own = process.env['COPPICE_SERVER'] === undefined ? await startServer() : undefined;
const client = createClient({
  transport: webSocketTransport({
    url: process.env['COPPICE_SERVER'] ?? own?.url ?? '',
    token: process.env['COPPICE_TOKEN'],
  }),
  // Events that this program causes say so. The default is 'rpc'.
  face: 'agent',
});

const tree = await client.tasks.create({
  reidentify: true,
  tasks: [
    { id: 'forecast', name: 'Forecast' },
    { id: 'north', parentId: 'forecast', executor: 'delay', inputs: { ms: 100 } },
    { id: 'south', parentId: 'forecast', executor: 'delay', inputs: { ms: 200 } },
    {
      id: 'news',
      parentId: 'forecast',
      executor: 'command',
      inputs: { command: 'node', args: ['-e', 'console.log("rain in the north")'] },
    },
    { id: 'both', parentId: 'forecast', executor: 'aggregate', dependencies: ['north', 'south'] },
  ],
});
await client.tasks.execute({ taskId: tree.id });

// Ends with the run; a lost connection on the way loses and doubles nothing.
for await (const event of client.follow(tree.id)) {
  console.log(event.seq, event.type, 'taskId' in event ? event.taskId : '');
}
// What its tasks write. Of a run that goes on, the lines come as they are written.
for await (const lines of client.followLogs({ taskId: tree.id, last: 100, follow: true })) {
  for (const { text } of lines) console.log(text);
}
const { items } = await client.tasks.children({ taskId: tree.id });
console.log(items.map(({ key, status, output }) => `${key} ${status} ${JSON.stringify(output)}`).join('\n'));

await client.close();
await own?.stop();

async function startServer() {
  const dataDir = await mkdtemp(join(tmpdir(), 'coppice-rpc-'));
  const config = parseConfig({ dataDir, listen: { port: 0 }, auth: { noAuth: true } });
  if (!config.ok) throw new Error(JSON.stringify(config.errors));
  const server = await createServer(config.config, { logger: createLogger({ level: 'error' }) });
  await server.start();
  return {
    url: server.address?.url ?? '',
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
