/** What an executor adds is asked as if the owner of the tree had submitted it. */
import { outcome, type Executor } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';

const shell: Executor = {
  type: 'shell',
  description: 'Stands for one that acts with the rights of the server.',
  effects: 'external',
  actsAsServer: true,
  execute: () => 'done',
};
const planner: Executor = {
  type: 'planner',
  description: 'Adds a task.',
  effects: 'pure',
  execute: () => outcome({ output: null, tasks: [{ name: 'sh', executor: 'shell' }] }),
};
const users = [{ userId: 'ann', token: { env: 'ANN_TOKEN' }, role: 'user' as const }];
const options = {
  executors: [shell, planner],
  config: { auth: { users }, roles: { user: { executors: ['planner'] } } },
  environment: { ANN_TOKEN: 'token-of-ann-in-the-tests' },
};

describe('tasks that an executor adds', () => {
  it('are refused to the owner of the tree who may not have them, whoever runs it', async () => {
    const bench = await start(options);
    const tree = await bench.create([{ name: 'root' }, { name: 'p', parentId: 'root', executor: 'planner' }], {
      userId: 'ann',
    });
    await bench.call('tasks.execute', { taskId: tree.treeId });
    expect(await bench.settled(tree)).toBe('failed');
    expect((await bench.get(tree.ids['p'])).error).toMatchObject({
      code: 'auth/unauthorized',
      message: expect.stringContaining('the role "user" may not use the executor "shell"') as string,
    });
  });

  it('are there for the owner of the server', async () => {
    const bench = await start(options);
    const { status } = await bench.run([{ name: 'root' }, { name: 'p', parentId: 'root', executor: 'planner' }]);
    expect(status).toBe('completed');
  });
});
