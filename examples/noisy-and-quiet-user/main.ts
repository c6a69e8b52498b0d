/**
 * Two users share four places. The noisy one has two hundred tasks to do, the quiet one three. The three do not wait for the two hundred.
 * Start it with: node main.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocal, parseConfig } from '@coppice/server';

const dataDir = await mkdtemp(join(tmpdir(), 'coppice-users-'));
const config = parseConfig({ dataDir, engine: { limits: { global: 4, weights: { quiet: 2 } } } });
if (!config.ok) throw new Error(JSON.stringify(config.errors));
const coppice = await createLocal(config.config);
await coppice.start();

/** Runs so many short tasks for a user. `wait`: until all of them have ended. */
async function run(userId: string, count: number, wait: boolean): Promise<string> {
  const members = Array.from({ length: count }, (_, at) => ({
    name: `${userId}-${at}`,
    parentId: userId,
    executor: 'delay',
    inputs: { ms: 20 },
  }));
  const { treeId } = await coppice.call('tasks.execute', { tasks: [{ name: userId }, ...members], userId, wait });
  return treeId;
}

const noisy = await run('noisy', 200, false);
await run('quiet', 3, true);
const { tree } = await coppice.call('tasks.tree', { taskId: noisy });
console.log(`quiet has done 3 of 3; noisy has done ${tree?.counts.completed} of 200`);

await coppice.stop({ graceMs: 0 });
await rm(dataDir, { recursive: true });
