import { readFileSync } from 'node:fs';
import { METHOD_NAMES } from '@coppice/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methodBench, stable } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

describe('reading', () => {
  it('shows a task with its copies, a tree, children', async () => {
    const { root, first } = await on.ran();
    const copy = await on.rpc.result('tasks.copy', { taskId: root!, mode: 'full' });
    expect(Array.isArray(copy)).toBe(false);
    const task = await on.rpc.result('tasks.get', { taskId: first! });
    expect(task).toMatchObject({ id: first, status: 'completed', output: { text: 'a' }, input: { text: 'a' } });
    expect(task.copiedBy).toHaveLength(1);
    expect(task.tree).toMatchObject({ treeId: root, status: 'completed', fraction: 1 });
    const children = await on.rpc.result('tasks.children', { taskId: root! });
    expect(children.items.map(({ name }) => name)).toEqual(['first', 'second']);
    expect((await on.rpc.result('tasks.tree', { taskId: first! })).id).toBe(root);
    expect(await on.rpc.result('tasks.tree', { taskId: first!, subtreeOnly: true })).toMatchObject({
      id: first,
      children: [],
    });
    expect(await on.rpc.result('tasks.tree', { taskId: root!, depth: 0 })).toMatchObject({
      childCount: 2,
      children: [],
      truncated: true,
    });
  });

  it('lists and counts page by page', async () => {
    for (const name of ['one', 'two', 'three']) {
      await on.rpc.result('tasks.create', { tasks: [{ name, executor: 'echo', tags: [name] }] });
    }
    const first = await on.rpc.result('tasks.list', { limit: 2 });
    expect(first.items.map(({ name, userId, runStatus }) => [name, userId, runStatus])).toEqual([
      ['three', 'local', 'created'],
      ['two', 'local', 'created'],
    ]);
    const second = await on.rpc.result('tasks.list', { limit: 2, cursor: first.nextCursor! });
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['one'], undefined]);
    expect((await on.rpc.result('tasks.list', { search: 'TW' })).items).toHaveLength(1);
    expect((await on.rpc.result('tasks.list', { tag: 'one', status: ['created', 'failed'] })).items).toHaveLength(1);
    expect((await on.rpc.result('tasks.list', { status: 'completed' })).items).toEqual([]);
    expect(await on.rpc.result('tasks.count', {})).toMatchObject({ total: 3, counts: { created: 3 } });
  });

  it('refuses a cursor that no page gave', async () => {
    expect(stable(await on.rpc.refusal('tasks.list', { cursor: 'made up' }))).toMatchInlineSnapshot(`
      {
        "code": -32602,
        "data": {
          "code": "rpc/invalid-params",
        },
        "errors": [
          {
            "actual": "made up",
            "expected": "nextCursor of the page before",
            "path": [
              "cursor",
            ],
            "reason": "no listing gave this cursor; start again without one",
          },
        ],
        "message": "The cursor can not be used: no listing gave this cursor; start again without one.",
      }
    `);
  });

  it.each(['tasks.get', 'tasks.tree', 'tasks.children', 'tasks.attempts', 'tasks.explain', 'tasks.delete'] as const)(
    '%s refuses an unknown task',
    async (name) => {
      expect(await on.rpc.refusal(name, { taskId: 'x' })).toEqual({
        code: -32001,
        message: 'There is no task "x".',
        data: { code: 'task/not-found' },
      });
    },
  );

  it('nests a tree that is deeper than the stack, cut at the limit', async () => {
    const tasks = Array.from({ length: 10_000 }, (_, level) => ({
      id: `t${level}`,
      executor: 'echo',
      ...(level === 0 ? {} : { parentId: `t${level - 1}` }),
    }));
    await on.rpc.result('tasks.create', { tasks });
    let depth = 0;
    let task = await on.rpc.result('tasks.tree', { taskId: 't9999' });
    for (; task.children[0] !== undefined; depth += 1) task = task.children[0];
    expect([depth, task.truncated, task.childCount]).toEqual([256, true, 1]);
    expect((await on.rpc.result('tasks.tree', { taskId: task.id, subtreeOnly: true })).id).toBe('t256');
  });
});

describe('the server itself', () => {
  it('lists executors and extensions', async () => {
    const { items } = await on.rpc.result('executors.list', {});
    expect(items.map(({ type }) => type)).toEqual(['echo', 'fail', 'hold']);
    expect(await on.rpc.result('executors.get', { type: 'echo' })).toMatchObject({
      input: { type: 'object' },
      output: null,
      example: { text: 'hello' },
    });
    expect(await on.rpc.refusal('executors.get', { type: 'ecko' })).toMatchInlineSnapshot(`
      {
        "code": -32003,
        "data": {
          "code": "executor/not-found",
          "suggestion": "echo",
        },
        "message": "There is no executor "ecko". Did you mean "echo"?",
      }
    `);
    expect(await on.rpc.result('extensions.list', {})).toMatchObject({
      items: [{ name: 'test-executors', status: 'loaded', contributions: { length: 3 } }],
    });
  });

  it('tells its health and describes itself', async () => {
    expect(await on.rpc.result('system.health', {})).toMatchObject({ status: 'ok', live: true, ready: true });
    expect(await on.rpc.result('system.info', {})).toMatchObject({ name: 'coppice', pid: process.pid, role: 'admin' });
  });

  it('discovers exactly the methods that it has', async () => {
    const document = await on.rpc.result('rpc.discover', {});
    expect((document['methods'] as { name: string }[]).map(({ name }) => name).sort()).toEqual(
      [...METHOD_NAMES].sort(),
    );
    const page = readFileSync(new URL('../../../../docs/reference/openrpc.json', import.meta.url), 'utf8');
    expect(document['info']).toEqual((JSON.parse(page) as { info: unknown }).info);
  });
});
