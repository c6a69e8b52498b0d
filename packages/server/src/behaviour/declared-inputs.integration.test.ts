/** Declared inputs and outputs over RPC: what does not fit is refused before anything is stored. */
import { expect, it } from 'vitest';
import { start, type Tasks } from './bench.fixture.ts';

const tasks: Tasks = [
  { name: 'root' },
  { name: 'a', parentId: 'root', executor: 'echo', inputs: { at: '${{ inputs.region }}' } },
];
const declares = {
  inputs: { region: { type: 'string' as const, enum: ['eu', 'us'], required: true } },
  outputs: { where: { value: '${{ deps.a.at }}' } },
};

it('tasks.execute refuses inputs that are missing or do not fit, and stores nothing', async () => {
  const bench = await start();
  const missing = await bench.refusal('tasks.execute', { tasks, declares });
  expect(JSON.stringify(missing.data)).toContain("the input 'region' is required and was not given");
  const unfit = await bench.refusal('tasks.execute', { tasks, declares, inputs: { region: 'eus' } });
  expect(JSON.stringify(unfit.data)).toContain("did you mean 'eu'?");
  expect((await bench.call('tasks.list', {})).items).toEqual([]);
});

it('a tree may be stored without them, and begins with them; its outputs are in its result', async () => {
  const bench = await start();
  const stored = await bench.create(tasks, { declares });
  expect((await bench.refusal('tasks.execute', { taskId: stored.treeId })).message).toContain('can not begin');
  await bench.call('tasks.execute', { taskId: stored.treeId, inputs: { region: 'us' } });
  expect(await bench.settled(stored)).toBe('completed');
  expect((await bench.store.findTree(stored.treeId))?.result).toEqual({ outputs: { where: 'us' } });
});
