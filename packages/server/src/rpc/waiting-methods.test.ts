import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { methodBench, type MethodBench } from './method-bench.fixture.ts';

const user = (userId: string): Caller => ({ principal: { userId, role: 'user' } });
const [ann, bob, eve] = [user('ann'), user('bob'), user('eve')] as const;
const admin: Caller = { principal: { userId: 'root', role: 'admin' } };

let on: MethodBench;

beforeAll(async () => {
  on = await methodBench();
});
afterAll(() => on.real.engine.stop({ graceMs: 0 }));

/** A tree of ann that asks bob, and waits for a signal; ids by name. */
async function asking(approvers: readonly string[] | null = ['bob']): Promise<Record<string, string>> {
  const approval = { title: 'Ship it?', ...(approvers === null ? {} : { approvers: [...approvers] }) };
  const { treeId } = await on.rpc.result('tasks.execute', {
    userId: 'ann',
    tasks: [
      { name: 'root' },
      { name: 'ask', parentId: 'root', approval },
      { name: 'go', parentId: 'root', wait: { signal: 'go', schema: { type: 'object', required: ['n'] } } },
    ],
  });
  const tasks = await on.real.engine.index.listTasks(treeId as never);
  return Object.fromEntries(tasks.map(({ name, id }) => [name, id]));
}

const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
  ((await call) as { error?: { data: { code: string } } }).error?.data.code;

const seenBy = async (caller: Caller, treeId: string | undefined, mine = false): Promise<unknown> => {
  const { items } = await on.rpc.result('waits.list', { treeId: treeId!, mine }, caller);
  return items.map(({ name, mayAnswer }) => `${name}${mayAnswer ? ' may' : ''}`);
};

describe('waits.list', () => {
  it('shows what one may see or answer, and which of them one may answer', async () => {
    const { root } = await asking();
    expect(await seenBy(ann, root)).toEqual(['ask', 'go may']);
    expect(await seenBy(ann, root, true)).toEqual(['go may']);
    expect(await seenBy(bob, root)).toEqual(['ask may']);
    expect(await seenBy(eve, root)).toEqual([]);
    expect(await seenBy(admin, root)).toEqual(['ask may', 'go may']);
  });

  it('finds that of one task, by the same rules', async () => {
    const { ask, root } = await asking();
    const of = async (taskId: string | undefined, caller: Caller): Promise<unknown> => {
      const { items, total } = await on.rpc.result('waits.list', { taskId: taskId! }, caller);
      return [total, ...items.map(({ mayAnswer }) => mayAnswer)];
    };
    expect(await of(ask, ann)).toEqual([1, false]);
    expect(await of(ask, bob)).toEqual([1, true]);
    expect(await of(ask, eve)).toEqual([0]);
    expect(await of(root, ann)).toEqual([0]);
    expect(await of('nobody', admin)).toEqual([0]);
    await on.rpc.result('waits.answer', { taskId: ask!, approved: true }, bob);
    expect(await of(ask, ann)).toEqual([0]);
  });

  it('says what is asked, of whom, and until when', async () => {
    const { root } = await asking();
    const { items } = await on.rpc.result('waits.list', { treeId: root!, limit: 1 }, bob);
    expect(items).toMatchObject([
      {
        kind: 'approval',
        title: 'Ship it?',
        approvers: ['bob'],
        form: null,
        dueAt: null,
        treeName: 'root',
        userId: 'ann',
      },
    ]);
  });
});

describe('waits.answer', () => {
  it('takes the answer of those that the approval names, and of an admin', async () => {
    const one = await asking();
    expect(await codeOf(on.rpc.call('waits.answer', { taskId: one['ask'], approved: true }, ann))).toBe(
      'auth/unauthorized',
    );
    expect(await codeOf(on.rpc.call('waits.answer', { taskId: one['ask'], approved: true }, eve))).toBe(
      'task/not-found',
    );
    await on.rpc.result('waits.answer', { taskId: one['ask']!, approved: false, comment: 'no' }, bob);
    expect(await on.rpc.result('tasks.get', { taskId: one['ask']! }, ann)).toMatchObject({
      output: { approved: false, by: { userId: 'bob' }, comment: 'no' },
      outputPort: 'rejected',
    });
    expect(await codeOf(on.rpc.call('waits.answer', { taskId: one['ask'], approved: true }, bob))).toBe(
      'task/invalid-transition',
    );
    const other = await asking();
    await on.rpc.result('waits.answer', { taskId: other['ask']!, approved: true }, admin);
  });

  it('takes that of the owner where nobody is named', async () => {
    const { ask } = await asking(null);
    expect(await codeOf(on.rpc.call('waits.answer', { taskId: ask, approved: true }, bob))).toBe('task/not-found');
    await on.rpc.result('waits.answer', { taskId: ask!, approved: true }, ann);
  });
});

describe('tasks.signal', () => {
  it('is for those who may change the tree, and says all that is wrong with a payload', async () => {
    const { root, go } = await asking();
    const send = (payload: unknown, caller: Caller) =>
      on.rpc.call('tasks.signal', { treeId: root, name: 'go', payload }, caller);
    expect(await codeOf(send({ n: 1 }, bob))).toBe('task/not-found');
    expect(await send({}, ann)).toMatchObject({
      error: { code: -32005, data: { errors: [{ path: ['payload', 'n'], reason: "'n' is required" }] } },
    });
    expect(await send({ n: 1 }, ann)).toMatchObject({ result: { taskId: go } });
  });
});

describe('tasks.create', () => {
  it('refuses a pattern that could take for ever, because RE2 does not know it, and takes one that is slow elsewhere', async () => {
    const form = (pattern: string) => ({
      tasks: [{ name: 'ask', wait: { signal: 's', schema: { type: 'string', pattern } } }],
    });
    expect(await codeOf(on.rpc.call('tasks.create', form('(?=a)b'), ann))).toBe('tree/invalid');
    const { treeId } = await on.rpc.result('tasks.create', form('^(a+)+$'), ann);
    await on.rpc.result('tasks.execute', { taskId: treeId }, ann);
    const payload = `${'a'.repeat(50_000)}b`;
    expect(await codeOf(on.rpc.call('tasks.signal', { treeId, name: 's', payload }, ann))).toBe('task/invalid-inputs');
  });
});
