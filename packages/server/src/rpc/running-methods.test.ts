import { EVENT_VERSION } from '@coppice/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methodBench, stable, twoInOrder } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

describe('tasks.execute', () => {
  it('runs a tree, waits for its end, and shows its events', async () => {
    const { root } = await on.stored();
    expect(await on.rpc.result('tasks.execute', { taskId: root!, wait: true })).toEqual({
      treeId: root,
      status: 'completed',
    });
    const all = await on.rpc.result('tasks.events', { treeId: root! });
    expect(all.items.map(({ seq }) => seq)).toEqual(all.items.map((_, index) => index + 1));
    expect(all.lastSeq).toBe(all.items.length);
    expect(all.items.at(-1)).toMatchObject({
      type: 'RunCompleted',
      v: EVENT_VERSION,
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const page = await on.rpc.result('tasks.events', { treeId: root!, afterSeq: 2, limit: 2 });
    expect(page.items.map(({ seq }) => seq)).toEqual([3, 4]);
  });

  it('creates and runs, or copies and runs', async () => {
    const created = await on.rpc.result('tasks.execute', { tasks: twoInOrder, wait: true });
    const copied = await on.rpc.result('tasks.execute', {
      taskId: created.treeId,
      copy: { mode: 'minimal' },
      wait: true,
    });
    expect(copied.status).toBe('completed');
    expect(copied.treeId).not.toBe(created.treeId);
    expect((await on.rpc.result('tasks.get', { taskId: copied.treeId })).originalTaskId).toBe(created.treeId);
  });

  it('runs only the named tasks of a new tree, and what they need', async () => {
    const tasks = [
      { name: 'root' },
      { name: 'a', parentId: 'root', executor: 'echo' },
      { name: 'b', parentId: 'root', executor: 'echo', dependencies: ['a'] },
      { name: 'c', parentId: 'root', executor: 'echo' },
      { name: 'd', parentId: 'root', executor: 'echo' },
    ];
    const before = await on.rpc.result('tasks.count', {});
    const refusal = await on.rpc.refusal('tasks.execute', { tasks, only: ['b', 'e', 'f'] });
    expect(refusal.data).toMatchObject({ errors: [{ path: ['only', 1] }, { path: ['only', 2] }] });
    expect(await on.rpc.result('tasks.count', {})).toEqual(before);
    const { treeId } = await on.rpc.result('tasks.execute', { tasks, only: ['b', 'd'], wait: true });
    const { items } = await on.rpc.result('tasks.children', { taskId: treeId });
    expect(items.map(({ name, status }) => [name, status])).toEqual([
      ['a', 'completed'],
      ['b', 'completed'],
      ['c', 'pending'],
      ['d', 'completed'],
    ]);
  });

  it('R-TV-05: runs several tasks of one tree, and what they need', async () => {
    const { id, children } = await on.rpc.result('tasks.create', {
      tasks: [
        { name: 'root' },
        ...['a', 'b', 'c', 'd'].map((name) => ({
          name,
          parentId: 'root',
          executor: 'echo',
          ...(name === 'b' ? { dependencies: ['a'] } : {}),
        })),
      ],
    });
    const [a, b, , d] = (children ?? []).map((child) => child.id);
    const done = { treeId: id, status: 'completed' };
    expect(await on.rpc.result('tasks.execute', { taskIds: [b!, d!], wait: true })).toEqual(done);
    const { items } = await on.rpc.result('tasks.children', { taskId: id });
    expect(items.map(({ status }) => status)).toEqual(['completed', 'completed', 'pending', 'completed']);
    const again = await on.rpc.refusal('tasks.execute', { taskIds: [a!, d!] });
    expect(again.message).toMatch(new RegExp(`a \\(${a}\\) .*, d \\(${d}\\) .*tasks\\.retry`));
  });

  it('refuses tasks that are not in one tree, and names them', async () => {
    const [one, two] = [await on.stored(), await on.stored()];
    const { message, data } = await on.rpc.refusal('tasks.execute', { taskIds: [one.first!, 'x', two.first!] });
    expect(message).toContain(
      `there is no task "x"; the task "${two.first}" is in tree "${two.root}", not in "${one.root}"`,
    );
    expect(data).toMatchObject({
      code: 'task/not-found',
      errors: [{ path: ['taskIds', 1] }, { path: ['taskIds', 2] }],
    });
    expect(await on.rpc.result('tasks.get', { taskId: one.first! })).toMatchObject({ status: 'pending' });
  });

  it('refuses what can not run', async () => {
    const { root } = await on.ran();
    expect(stable(await on.rpc.refusal('tasks.execute', { taskId: root! })) as object).toMatchObject({ code: -32006 });
    const held = await on.rpc.result('tasks.execute', { tasks: [{ name: 'root', executor: 'hold' }] });
    expect((await on.rpc.refusal('tasks.execute', { taskId: held.treeId })).code).toBe(-32008);
    on.real.release();
  });
});

describe('tasks.cancel', () => {
  it('answers once per id', async () => {
    const { treeId } = await on.rpc.result('tasks.execute', { tasks: [{ name: 'root', executor: 'hold' }] });
    const { items } = await on.rpc.result('tasks.cancel', { taskIds: [treeId, 'x'], reason: 'enough' });
    expect(items).toEqual([
      { taskId: treeId, ok: true, status: 'cancelled' },
      { taskId: 'x', ok: false, error: { code: 'task/not-found', message: 'There is no task "x".' } },
    ]);
    expect(await on.real.engine.settled(treeId as never)).toBe('cancelled');
    expect(await on.rpc.result('tasks.get', { taskId: treeId })).toMatchObject({ reason: { code: 'user' } });
  });

  it('refuses a single one that has ended', async () => {
    const { root } = await on.ran();
    expect(stable(await on.rpc.refusal('tasks.cancel', { taskId: root! }))).toMatchObject({ code: -32006 });
  });
});

describe('tasks.retry', () => {
  it('opens a run again that has ended', async () => {
    const { treeId, status } = await on.rpc.result('tasks.execute', {
      tasks: [{ name: 'r', executor: 'fail' }],
      wait: true,
    });
    expect(status).toBe('failed');
    expect(await on.rpc.result('tasks.retry', { taskId: treeId })).toMatchObject({ treeId });
    expect(await on.real.engine.settled(treeId as never)).toBe('failed');
    const { items } = await on.rpc.result('tasks.attempts', { taskId: treeId });
    expect(items).toMatchObject([
      { status: 'failed', error: { code: 'test/told', retryable: false } },
      { attempt: 2, status: 'failed' },
    ]);
  });

  it('refuses a run that is active', async () => {
    const { treeId } = await on.rpc.result('tasks.execute', { tasks: [{ name: 'r', executor: 'hold' }] });
    expect((await on.rpc.refusal('tasks.retry', { taskId: treeId })).data.code).toMatchInlineSnapshot(
      `"run/already-running"`,
    );
    on.real.release();
  });
});

describe('what runs now', () => {
  it('is listed, counted and explained', async () => {
    const tasks = [
      { name: 'root' },
      { name: 'a', parentId: 'root', executor: 'hold' },
      { name: 'b', parentId: 'root', executor: 'echo', dependencies: ['a'] },
    ];
    const { root, a, b } = await on.stored(tasks);
    await on.rpc.result('tasks.execute', { taskId: root! });
    await expect.poll(() => on.rpc.result('tasks.running.count', {})).toEqual({ count: 1 });
    const { items } = await on.rpc.result('tasks.running.list', { treeId: root! });
    expect(items).toMatchObject([{ taskId: a, executor: 'hold', userId: 'local', attempt: 1 }]);
    expect(await on.rpc.result('tasks.running.list', { treeId: 'x' })).toEqual({ items: [] });
    expect(await on.rpc.result('tasks.explain', { taskId: b! })).toMatchObject({
      status: 'pending',
      blockedBy: [{ kind: 'dependency', taskId: a, name: 'a', status: 'running' }],
    });
    on.real.release();
    expect(await on.real.engine.settled(root as never)).toBe('completed');
    expect(await on.rpc.result('tasks.running.count', {})).toEqual({ count: 0 });
  });
});

describe('what a task needs', () => {
  it('is refused with its reason when it can not be met', async () => {
    const tasks = [
      { name: 'root' },
      { name: 'a', parentId: 'root', executor: 'fail' },
      { name: 'b', parentId: 'root', executor: 'echo', dependencies: ['a'] },
    ];
    const { root, b } = await on.ran(tasks);
    expect((await on.rpc.result('tasks.get', { taskId: root! })).tree?.status).toBe('failed');
    expect((await on.rpc.refusal('tasks.execute', { taskId: b! })).data.code).toMatchInlineSnapshot(
      `"task/invalid-transition"`,
    );
    expect((await on.rpc.refusal('tasks.retry', { taskId: b!, mode: 'task' })).data.code).toMatchInlineSnapshot(
      `"task/dependencies-unsatisfied"`,
    );
  });
});
