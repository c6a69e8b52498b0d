/**
 * A part of a tree fails; it is copied with better inputs and run again. What had completed is reused, not repeated.
 * Start it with: node main.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocal, parseConfig } from '@coppice/server';

const dataDir = await mkdtemp(join(tmpdir(), 'coppice-copy-'));
const config = parseConfig({ dataDir });
if (!config.ok) throw new Error(JSON.stringify(config.errors));
const coppice = await createLocal(config.config);
await coppice.start();

const print = async (treeId: string): Promise<void> => {
  const { children, tree } = await coppice.call('tasks.tree', { taskId: treeId });
  console.log(`${treeId}: ${tree?.status}`);
  for (const { key, status, reused } of children) console.log(`  ${key}: ${status}${reused ? ', reused' : ''}`);
};

const tasks = [
  { id: 'site' },
  { id: 'fetch', parentId: 'site', executor: 'delay', inputs: { ms: 50 } },
  {
    id: 'build',
    parentId: 'site',
    executor: 'command',
    dependencies: ['fetch'],
    inputs: { command: 'node', args: ['--eval', 'process.exit(1)'] },
  },
  {
    id: 'upload',
    parentId: 'site',
    executor: 'command',
    dependencies: ['build'],
    inputs: { command: 'node', args: ['--eval', 'console.log("uploaded")'] },
  },
];
const first = await coppice.call('tasks.execute', { tasks, wait: true });
await print(first.treeId);

const stored = await coppice.call('tasks.tree', { taskId: first.treeId });
const build = stored.children.find(({ key }) => key === 'build');
if (build === undefined) throw new Error('The tree has no task "build".');

// The failed task and what connects it to one root; the finished "fetch" comes along with its output, and "upload", which
// never started, stays out.
const copy = await coppice.call('tasks.execute', {
  taskId: build.id,
  copy: { overrides: { [build.id]: { inputs: { command: 'node', args: ['--eval', 'console.log("built")'] } } } },
  wait: true,
});
await print(copy.treeId);

await coppice.stop();
await rm(dataDir, { recursive: true });
if (first.status !== 'failed' || copy.status !== 'completed') process.exitCode = 1;
