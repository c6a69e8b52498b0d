/** Who caused an event: the user who was authenticated, and the face that the request names. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { methodBench } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';

const MIA: Caller = { principal: { userId: 'mia', role: 'admin' } };

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

const request = (method: string, params: object, more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...more });

async function actorsOf(treeId: string): Promise<readonly unknown[]> {
  const { items } = await on.rpc.result('tasks.events', { treeId });
  return items.flatMap(({ type, actor }) => (actor === undefined ? [] : [[type, actor.userId, actor.face]]));
}

describe('the actor of a request', () => {
  it('is the user who asks and the face that the request names, on all that the request caused itself', async () => {
    const { root, second } = await on.stored();
    const call = (method: string, params: object, face: string) => on.rpc.send(request(method, params, { face }), MIA);
    await call('tasks.update', { taskId: second, patch: { name: 'other' } }, 'editor');
    await call('tasks.execute', { taskId: root, wait: true }, 'page');
    await call('tasks.retry', { taskId: root, mode: 'start' }, 'agent');
    await on.real.engine.settled(root as never);
    expect(await actorsOf(root!)).toEqual([
      ['TreeCreated', 'local', 'rpc'],
      ['TaskUpdated', 'mia', 'editor'],
      ['RunStarted', 'mia', 'page'],
      ['RunReopened', 'mia', 'agent'],
    ]);
  });

  it('stands in the reason of what was cancelled, and tasks.explain says it', async () => {
    const { root, first } = await on.stored();
    await on.rpc.send(request('tasks.cancel', { taskId: root, reason: 'Too slow' }, { face: 'cli' }), MIA);
    expect((await actorsOf(root!)).at(-1)).toEqual(['RunCancelled', 'mia', 'cli']);
    const { summary } = await on.rpc.result('tasks.explain', { taskId: first! });
    expect(summary).toBe('first was cancelled: Too slow (mia, cli)');
  });

  it('is the same user whatever the request says of itself', async () => {
    const { root } = await on.stored();
    const forged = { actor: { userId: 'ann', face: 'page' }, userId: 'ann' };
    await on.rpc.send(request('tasks.cancel', { taskId: root }, forged), MIA);
    expect((await actorsOf(root!)).at(-1)).toEqual(['RunCancelled', 'mia', 'rpc']);
    const copied = (await on.rpc.send(request('tasks.copy', { taskId: root, userId: 'ann' }), MIA)) as {
      readonly result: { readonly id: string };
    };
    expect(await actorsOf(copied.result.id)).toEqual([['TreeCreated', 'mia', 'rpc']]);
  });

  it.each(['schedule', 'Page', '', 7, null, {}])('refuses the face %j', async (face) => {
    const { root } = await on.stored();
    expect(await on.rpc.send(request('tasks.cancel', { taskId: root }, { face }))).toMatchObject({
      id: 1,
      error: { code: -32600, message: '"face" must be one of cli, rpc, page, editor, agent.' },
    });
    expect(await actorsOf(root!)).toHaveLength(1);
  });

  it('is told for each request of a batch', async () => {
    const { root } = await on.stored();
    const batch = [
      { jsonrpc: '2.0', id: 1, method: 'tasks.update', params: { taskId: root, patch: { name: 'x' } }, face: 'page' },
      { jsonrpc: '2.0', id: 2, method: 'tasks.cancel', params: { taskId: root }, face: 'agent' },
    ];
    await on.rpc.send(JSON.stringify(batch), MIA);
    const actors = await actorsOf(root!);
    expect(actors).toContainEqual(['TaskUpdated', 'mia', 'page']);
    expect(actors.at(-1)).toEqual(['RunCancelled', 'mia', 'agent']);
  });
});
