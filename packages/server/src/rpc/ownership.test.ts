import { METHOD_NAMES, methods } from '@coppice/protocol';
import type { MethodSpec } from '@coppice/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { methodBench } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';
import { Subscriptions } from './subscriptions.ts';

/** Params by which a method could name a task or tree of somebody else, by the method. */
const named: Readonly<Record<string, (id: string) => object>> = {
  'tasks.validate': (id) => ({ rootId: id, taskIds: [] }),
  'tasks.get': (id) => ({ taskId: id }),
  'tasks.tree': (id) => ({ taskId: id }),
  'tasks.children': (id) => ({ taskId: id }),
  'tasks.update': (id) => ({ taskId: id, patch: { name: 'mine' } }),
  'tasks.delete': (id) => ({ taskId: id }),
  'tasks.execute': (id) => ({ taskId: id }),
  'tasks.copy': (id) => ({ taskId: id }),
  'tasks.cancel': (id) => ({ taskId: id }),
  'tasks.retry': (id) => ({ taskId: id }),
  'tasks.events': (id) => ({ treeId: id }),
  'tasks.subscribe': (id) => ({ treeId: id }),
  'tasks.attempts': (id) => ({ taskId: id }),
  'tasks.explain': (id) => ({ taskId: id }),
};

/** Methods that can name another user. */
const naming = [
  'tasks.create',
  'tasks.list',
  'tasks.count',
  'tasks.running.list',
  'tasks.running.count',
  'tasks.subscribe',
];

describe('a user without the role admin', () => {
  let on: MethodBench;
  let ann: Caller;
  let theirs = '';
  beforeAll(async () => {
    on = await methodBench();
    const { engine } = on.real;
    const subscriptions = new Subscriptions({ engine, max: 9, send: () => {}, stopping: on.rpc.stop.signal });
    ann = { principal: { userId: 'ann', role: 'user' }, subscriptions };
    theirs = (await on.stored())['root']!;
  });
  afterAll(() => on.real.engine.stop({ graceMs: 0 }));

  it('is tried with every method that takes an id', () => {
    const taking = METHOD_NAMES.filter((name) => {
      const spec: MethodSpec = methods[name];
      return spec.errors.includes('task/not-found');
    });
    expect(Object.keys(named).sort()).toEqual([...taking].sort());
  });

  it.each(Object.keys(named))('%s answers about a task of somebody else as about none', async (name) => {
    const about = async (id: string): Promise<unknown> => {
      const text = JSON.stringify(await on.rpc.call(name, named[name]!(id), ann));
      return JSON.parse(text.replaceAll(id, 'ID'));
    };
    expect(await about(theirs)).toMatchObject({ error: { code: -32001 } });
    expect(await about(theirs)).toEqual(await about('none'));
  });

  it.each(naming)('%s refuses the name of another user', async (name) => {
    const params = { userId: 'local', ...(name === 'tasks.create' ? { tasks: [{ name: 'x' }] } : {}) };
    expect(await on.rpc.call(name, params, ann)).toMatchObject({ error: { code: -32004 } });
    expect(await on.rpc.call(name, { ...params, userId: 'ann' }, ann)).toMatchObject({
      result: expect.anything() as object,
    });
  });

  it('sees and owns what is created for it, and counts nothing else', async () => {
    await on.rpc.result('tasks.create', { tasks: [{ name: 'for ann' }], userId: 'ann' });
    await on.rpc.result('tasks.execute', { tasks: [{ name: 'by ann', executor: 'echo' }], wait: true }, ann);
    const { items } = await on.rpc.result('tasks.list', {}, ann);
    expect(items.map(({ name }) => name)).toEqual(['by ann', 'for ann', 'x']);
    expect(await on.rpc.result('tasks.count', {}, ann)).toMatchObject({ total: 3 });
    const [own] = items;
    expect(await on.rpc.result('tasks.get', { taskId: own!.id }, ann)).toMatchObject({ status: 'completed' });
  });
});
