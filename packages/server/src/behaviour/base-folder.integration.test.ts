/** Where relative paths of tasks start: declared once, stored with the tree, the same for every later run of it. */
import { join, resolve } from 'node:path';
import type { Executor, TreeId } from '@coppice/core';
import { expect, it } from 'vitest';
import { start } from './bench.fixture.ts';

const where: Executor = {
  type: 'where',
  description: 'Tells the folder that relative paths start from.',
  effects: 'pure',
  execute: (_, { baseDir }) => baseDir,
};
const executors = [where];
const tasks = [{ name: 'root', executor: 'where' }];

it('is the folder of the configuration, and below it what a submission says', async () => {
  const bench = await start({ executors, config: { baseDir: '/srv/jobs' } });
  const outputOf = async (more: { readonly baseDir?: string }): Promise<unknown> =>
    (await bench.get((await bench.run(tasks, more)).treeId)).output;
  expect(await outputOf({})).toBe('/srv/jobs');
  expect(await outputOf({ baseDir: 'reports/../daily' })).toBe('/srv/jobs/daily');
  expect(await outputOf({ baseDir: '/home/ann' })).toBe('/home/ann');
});

it('is the working directory without a configuration', async () => {
  const bench = await start({ executors });
  const tree = await bench.run(tasks);
  expect((await bench.get(tree.treeId)).output).toBe(process.cwd());
});

it('stays with a tree that another process runs again, with its copies, and in its log', async () => {
  const first = await start({ executors, config: { baseDir: '/srv/first', engine: { snapshotEvery: 1 } } });
  const tree = await first.run(tasks, { baseDir: 'mine' });
  const mine = join('/srv/first', 'mine');
  expect((await first.events(tree))[0]).toMatchObject({ data: { definition: { baseDir: mine } } });
  expect((await first.call('tasks.events', { treeId: tree.treeId })).items[0]).toMatchObject({
    data: { definition: { baseDir: mine } },
  });
  await first.stop();
  const second = await start({ executors, dir: first.dir, config: { baseDir: resolve('/srv/second') } });
  await second.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
  await second.settled(tree);
  expect(await second.get(tree.treeId)).toMatchObject({ output: mine, status: 'completed' });
  const { treeId } = await second.call('tasks.execute', { taskId: tree.treeId, copy: { mode: 'full' } });
  await second.engine.settled(treeId as TreeId);
  expect(await second.get(treeId)).toMatchObject({ output: mine });
});
