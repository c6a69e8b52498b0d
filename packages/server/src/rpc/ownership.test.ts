import { METHOD_NAMES, methods } from '@coppice/protocol';
import type { MethodName, MethodSpec, Result } from '@coppice/protocol';
import { createEngine, createExtensionRegistry } from '@coppice/engine';
import { MemoryStore } from '@coppice/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { bench } from './dispatcher.fixture.ts';
import { testExtension } from './real-engine.fixture.ts';
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
  'tasks.complete': (taskId) => ({ taskId }),
  'tasks.skip': (taskId) => ({ taskId }),
  'tasks.pause': (taskId) => ({ taskId }),
  'tasks.resume': (treeId) => ({ treeId }),
  'tasks.retry': (id) => ({ taskId: id }),
  'tasks.signal': (id) => ({ treeId: id, name: 'go' }),
  'waits.answer': (id) => ({ taskId: id, approved: true }),
  'waits.link': (id) => ({ taskId: id }),
  'tasks.events': (id) => ({ treeId: id }),
  'tasks.subscribe': (id) => ({ treeId: id }),
  'tasks.attempts': (id) => ({ taskId: id }),
  'tasks.logs': (id) => ({ taskId: id }),
  'tasks.failures': (id) => ({ treeId: id }),
  'tasks.explain': (id) => ({ taskId: id }),
  'tasks.status': (id) => ({ treeId: id }),
  'tasks.graph': (id) => ({ treeId: id }),
  'tasks.times': (id) => ({ treeId: id }),
  'tasks.diff': (id) => ({ treeId: id, from: 1 }),
};

/** The root of the tree that `tasks.copy` stored. */
function idOf(copy: Result<'tasks.copy'>): string {
  return 'id' in copy ? copy.id : '';
}

/** Methods that can name another user. */
const naming = [
  'tasks.create',
  'tasks.list',
  'tasks.count',
  'tasks.running.list',
  'tasks.running.count',
  'tasks.subscribe',
];

/** Methods that are for admins alone. */
const admins: readonly MethodName[] = METHOD_NAMES.filter(
  (name) => name.startsWith('archives.') || name === 'retention.apply' || name === 'tasks.import',
);

describe('a user without the role admin', () => {
  let on: MethodBench;
  let ann: Caller;
  let theirs = '';
  beforeAll(async () => {
    on = await methodBench();
    const { engine } = on.real;
    const subscriptions = new Subscriptions({ engine, max: 9, send: () => {} });
    ann = { principal: { userId: 'ann', role: 'user' }, subscriptions };
    theirs = (await on.stored())['root']!;
  });
  afterAll(() => on.real.engine.stop({ graceMs: 0 }));

  it('is tried with every method that takes an id', () => {
    const taking = METHOD_NAMES.filter((name) => {
      const spec: MethodSpec = methods[name];
      return spec.errors.includes('task/not-found') && !admins.includes(name);
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

  it.each(admins)('%s is refused, whatever it names', async (name) => {
    const params =
      name === 'tasks.import'
        ? { data: '' }
        : name === 'archives.list' || name === 'retention.apply'
          ? {}
          : { treeId: theirs };
    expect(await on.rpc.call(name, params, ann)).toMatchObject({ error: { code: -32004 } });
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

  it.each(['tasks.create', 'tasks.execute', 'tasks.validate'] as const)(
    '%s answers about an id that somebody else uses as about a free one',
    async (method) => {
      await on.rpc.result('tasks.create', { tasks: [{ id: `taken-${method}`, name: 'theirs', executor: 'echo' }] });
      const answers = [];
      for (const id of [`taken-${method}`, `free-${method}`]) {
        const answered = await on.rpc.call(method, { tasks: [{ id, name: 'mine', executor: 'echo' }] }, ann);
        const { id: stored, treeId = stored } = (answered as { result: { id?: string; treeId?: string } }).result;
        expect(treeId).not.toBe(id);
        const text = JSON.stringify(answered)
          .replaceAll(treeId ?? 'no id', 'ID')
          .replaceAll(id, 'GIVEN');
        // These parts follow from the time and the given id alone.
        answers.push(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|[\da-f]{64}/g, 'DERIVED'));
      }
      expect(answers[0]).toBe(answers[1]);
    },
  );

  it('executes no task of somebody else beside its own, and learns nothing of it', async () => {
    const own = await on.rpc.result('tasks.create', { tasks: [{ name: 'own', executor: 'echo' }] }, ann);
    const theirs = await on.rpc.result('tasks.create', { tasks: [{ name: 'theirs', executor: 'echo' }] });
    const { message } = await on.rpc.refusal('tasks.execute', { taskIds: [own.id, theirs.id] }, ann);
    expect(message).toContain(`there is no task "${theirs.id}"`);
    expect(await on.rpc.result('tasks.get', { taskId: own.id }, ann)).toMatchObject({ status: 'pending' });
  });

  it('learns nothing of a task by the copies that an admin made of it for others', async () => {
    const { id } = await on.rpc.result('tasks.create', { tasks: [{ name: 'ann', executor: 'echo' }], userId: 'ann' });
    const bob = idOf(await on.rpc.result('tasks.copy', { taskId: id, userId: 'bob' }));
    const own = idOf(await on.rpc.result('tasks.copy', { taskId: id }, ann));
    expect(await on.rpc.result('tasks.get', { taskId: id }, ann)).toMatchObject({ copiedBy: [own] });
    const { copiedBy = [] } = await on.rpc.result('tasks.get', { taskId: id });
    expect(copiedBy.toSorted()).toEqual([own, bob].toSorted());
  });
});

describe('the gates that system.info shows', () => {
  it("are named to a user only where they are its own, or nobody's", async () => {
    const { module, release } = testExtension();
    const registry = createExtensionRegistry();
    await registry.load(module);
    const limits = { global: 9, perTree: 1, perUser: 2, executors: { hold: 9 } };
    const engine = createEngine({ store: new MemoryStore(), registry, limits });
    await engine.start();
    const rpc = bench(engine);
    const held = { tasks: [{ name: 'held', executor: 'hold' }] };
    await rpc.result('tasks.execute', held);
    const user: Caller = { principal: { userId: 'ann', role: 'user' } };
    await rpc.result('tasks.execute', held, user);
    const gatesOf = async (caller?: Caller): Promise<string[]> =>
      (await rpc.result('system.info', {}, caller)).gates.map(({ gate }) => gate.replace(/^tree:.*/, 'tree:')).sort();
    expect(await gatesOf()).toEqual(['executor:hold', 'global', 'tree:', 'tree:', 'user:ann', 'user:local']);
    expect(await gatesOf(user)).toEqual(['executor:hold', 'global', 'user:ann']);
    release();
    await engine.stop();
  });
});

describe('a copy', () => {
  it('keeps the owner of the original, or has the one that an admin names', async () => {
    const on = await methodBench();
    const ownerOf = async (taskId: string): Promise<string> =>
      (await on.rpc.result('tasks.get', { taskId })).tree?.userId ?? '';
    const { id } = await on.rpc.result('tasks.create', { tasks: [{ name: 'a', executor: 'echo' }], userId: 'ann' });
    const ann: Caller = { principal: { userId: 'ann', role: 'user' } };
    for (const [params, owner] of [
      [{}, 'ann'],
      [{ userId: 'bob' }, 'bob'],
      [{ userId: 'local' }, 'local'],
    ] as const) {
      const copy = idOf(await on.rpc.result('tasks.copy', { taskId: id, ...params }));
      expect(await ownerOf(copy)).toBe(owner);
      const run = await on.rpc.result('tasks.execute', { taskId: id, copy: params, wait: true });
      expect(await ownerOf(run.treeId)).toBe(owner);
    }
    const own = idOf(await on.rpc.result('tasks.copy', { taskId: id, userId: 'ann' }, ann));
    expect(await ownerOf(own)).toBe('ann');
    expect(await on.rpc.refusal('tasks.copy', { taskId: id, userId: 'bob' }, ann)).toMatchObject({ code: -32004 });
    const copying = { taskId: id, copy: { userId: 'bob' } };
    expect(await on.rpc.refusal('tasks.execute', copying, ann)).toMatchObject({ code: -32004 });
    await on.real.engine.stop({ graceMs: 0 });
  });
});
