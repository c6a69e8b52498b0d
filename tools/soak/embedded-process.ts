/** A program that embeds the engine: `embedded-process.ts DATADIR`. Each line of its input is a tree to run; it prints `answer <tree>`, `ready` first. */
import { createInterface } from 'node:readline';
import { createLocal, parseConfig } from '@coppice/server';

const [dataDir = ''] = process.argv.slice(2);
const parsed = parseConfig({ dataDir });
if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
const local = await createLocal(parsed.config);
await local.start();
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { treeId } = await local.call('tasks.execute', { tasks: JSON.parse(line) as [] });
  process.stdout.write(`answer ${treeId}\n`);
}
await local.stop();
