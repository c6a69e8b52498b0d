/** Variables over RPC: patches of executors, contributed merges, and what the run shows at its end (R-SC-06, R-SC-07). */
import type { Task } from '@coppice/protocol';
import { outcome, type Json, type TreeId } from '@coppice/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { start, type Tasks } from './bench.fixture.ts';

const tasks: Tasks = [
  { name: 'root' },
  { name: 'a', parentId: 'root', executor: 'work' },
  { name: 'b', parentId: 'root', executor: 'work' },
  { name: 'c', parentId: 'root', executor: 'echo', dependencies: ['a', 'b'], inputs: { total: '${{ vars.total }}' } },
];
const variables = { total: { value: 0, merge: 'sum' }, stage: 'new' };

describe('variables', () => {
  it('are written by executors, and shown with the run and its row', async () => {
    const bench = await start();
    bench.work.on('a', () => outcome({ output: 1, patch: { total: 2 } }));
    bench.work.on('b', () => outcome({ output: 1, patch: { total: 3, stage: 'b' } }));
    const stored = await bench.run(tasks, { variables });
    expect(stored.status).toBe('completed');
    expect((await bench.get(stored.ids['c'])).output).toMatchObject({ total: 5 });
    const tree = await bench.store.findTree(stored.treeId);
    expect(tree).toMatchObject({
      variables: { total: 0, stage: 'new' },
      result: { variables: { total: 5, stage: 'b' } },
    });
  });

  it('R-RO-16: are written by an executor together with the tasks that it adds, which read them, also in a copy', async () => {
    const bench = await start();
    const added = { name: 'step', executor: 'echo', inputs: { total: '${{ vars.total }}' } };
    bench.work.on('a', () => outcome({ output: 1, patch: { total: 2 }, tasks: [added] }));
    bench.work.on('b', () => outcome({ output: 1, patch: { totl: 2 }, tasks: [added] }));
    const stored = await bench.run(tasks.slice(0, 2), { variables });
    expect(stored.status).toBe('completed');
    const step = `${stored.ids['a']}.0`;
    expect((await bench.get(step)).output).toMatchObject({ total: 2 });
    const copied = (await bench.call('tasks.copy', { taskId: step })) as Task;
    await bench.call('tasks.execute', { taskId: copied.id });
    await bench.engine.settled(copied.id as TreeId);
    expect(await bench.store.findTree(copied.id as TreeId)).toMatchObject({
      status: 'completed',
      result: { variables: { total: 2 } },
    });
    const refused = await bench.run([tasks[0], tasks[2]] as Tasks, { variables });
    expect((await bench.get(refused.ids['b'])).error).toMatchObject({ code: 'variables/undeclared' });
  });

  it('are no place for secrets, and patches are maps', async () => {
    vi.stubEnv('VARIABLES_TEST_TOKEN', 'hush-hush-42');
    onTestFinished(() => void vi.unstubAllEnvs());
    const bench = await start({ config: { secrets: { token: { env: 'VARIABLES_TEST_TOKEN' } } } });
    bench.work.on('a', () => outcome({ output: 1, patch: { stage: 'it is hush-hush-42' } }));
    bench.work.on('b', () => outcome({ output: 1, patch: ['x'] as never }));
    const stored = await bench.run(tasks, { variables });
    const errors = await Promise.all(['a', 'b'].map(async (name) => (await bench.get(stored.ids[name])).error));
    expect(errors.map((error) => error?.code)).toEqual(['variables/secret', 'executor/invalid-output']);
    expect(JSON.stringify(errors)).not.toContain('hush');
  });

  it('merge by what an extension contributes', async () => {
    const longest = (a: Json, b: Json): Json => (JSON.stringify(a).length >= JSON.stringify(b).length ? a : b);
    const bench = await start({ merges: [{ name: 'longest', merge: longest }] });
    bench.work.on('a', () => outcome({ output: 1, patch: { name: 'abc' } }));
    bench.work.on('b', () => outcome({ output: 1, patch: { name: 'ab' } }));
    const [root, a, b] = tasks;
    const stored = await bench.run([root, a, b] as Tasks, { variables: { name: { value: '', merge: 'longest' } } });
    const tree = await bench.store.findTree(stored.treeId);
    expect(tree?.result).toEqual({ variables: { name: 'abc' } });
  });

  it('of a merge that nobody contributes are refused', async () => {
    const bench = await start();
    const { data } = await bench.refusal('tasks.create', { tasks, variables: { x: { value: 0, merge: 'longest' } } });
    expect(JSON.stringify(data)).toContain('merges the variable');
  });
});
