/** Executing parts, copying, selecting, changing and deleting stored trees through the wire (R-TV-05 to R-TV-09). */
import type { NestedTask, TaskSubmission } from '@coppice/protocol';
import { TerminalError, type TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { start, type Bench, type StoredTree, type Tasks } from './bench.fixture.ts';

const child = (name: string, parentId: string, dependencies: readonly string[] = []): Tasks[number] => ({
  name,
  parentId,
  executor: 'work',
  dependencies: [...dependencies],
});

/** `left` and `right` are groups; `end` needs both, `odd` nothing. */
const tasks: Tasks = [
  { name: 'root' },
  { name: 'left', parentId: 'root' },
  child('l1', 'left'),
  child('l2', 'left', ['l1']),
  { name: 'right', parentId: 'root' },
  child('r1', 'right', ['l1']),
  child('r2', 'right', ['r1']),
  child('end', 'root', ['l2', 'right']),
  child('odd', 'root'),
];

async function ran(failing: readonly string[] = []): Promise<{ bench: Bench; tree: StoredTree }> {
  const bench = await start();
  bench.work.on(undefined, ({ name, input }) => ({ name, from: Object.keys(input) }));
  for (const name of failing) {
    bench.work.on(name, () => {
      throw new TerminalError(`${name} was told to fail`);
    });
  }
  const tree = await bench.run(tasks);
  bench.work.starts.length = 0;
  for (const name of failing) bench.work.on(name, () => `${name} works now`);
  return { bench, tree };
}

async function copied(bench: Bench, params: Parameters<typeof bench.call<'tasks.copy'>>[1]): Promise<StoredTree> {
  const copy = (await bench.call('tasks.copy', params)) as NestedTask;
  return bench.stored(copy.id as TreeId);
}

const id = (tree: StoredTree, name: string): string => tree.ids[name] as string;

describe('executing a part', () => {
  it('"Executing one sub-task runs the rest of the tree": it runs itself, its sub-tree and what they need', async () => {
    const bench = await start();
    bench.work.on(undefined, () => null);
    const tree = await bench.create(tasks);
    const { status } = await bench.call('tasks.execute', { taskId: id(tree, 'right'), wait: true });
    expect(status).toBe('completed');
    expect(bench.work.starts).toEqual(['l1/1', 'r1/1', 'r2/1']);
    expect(await bench.statuses(tree)).toMatchObject({
      l2: 'pending',
      end: 'pending',
      odd: 'pending',
      right: 'completed',
    });
    // The second copy continues: what is done is not done again.
    await bench.call('tasks.execute', { taskId: id(tree, 'end'), wait: true });
    expect(bench.work.starts.slice(3)).toEqual(['l2/1', 'end/1']);
    expect((await bench.refusal('tasks.execute', { taskId: id(tree, 'r1') })).code).toBe(-32006);
  });

  it('-32007 what a part needs has failed: it can not be executed, and the refusal names it', async () => {
    const bench = await start();
    bench.work.on('l1', () => {
      throw new TerminalError('told to');
    });
    const tree = await bench.create(tasks);
    await bench.call('tasks.execute', { taskId: id(tree, 'l1'), wait: true });
    const refusal = await bench.refusal('tasks.execute', { taskId: id(tree, 'r1') });
    expect(refusal).toMatchObject({ code: -32007, data: { unmet: [id(tree, 'l1')] } });
  });
});

describe('copy', () => {
  it('of a task below one that failed or never ran starts at the task: what is above it does not run', async () => {
    const bench = await start();
    bench.work.on('w', () => {
      throw new Error('No');
    });
    bench.work.on('x', () => 'done');
    bench.work.on('y', () => 'done');
    const tree = await bench.run([
      { name: 'root' },
      { name: 'w', parentId: 'root', executor: 'work' },
      { name: 'x', parentId: 'w', executor: 'work' },
      { name: 'y', parentId: 'x', executor: 'work', dependencies: ['x'] },
    ]);
    expect(tree.status).toBe('failed');
    const before = bench.work.starts.length;
    const copy = await copied(bench, { taskId: id(tree, 'x') });
    await bench.call('tasks.execute', { taskId: copy.treeId });
    expect(await bench.settled(copy)).toBe('completed');
    expect(await bench.statuses(copy)).toEqual({ x: 'completed', y: 'completed' });
    expect(bench.work.starts.slice(before)).toEqual(['x/1', 'y/1']);
  });

  it('R-TV-06 R-TV-07 minimal: sub-tree, dependents, ancestors; what these need is reused; it runs by itself', async () => {
    const { bench, tree } = await ran();
    const copy = await copied(bench, { taskId: id(tree, 'r1') });
    expect(Object.keys(copy.ids).toSorted()).toEqual(['end', 'l1', 'l2', 'left', 'r1', 'r2', 'right', 'root']);
    expect(await bench.statuses(copy)).toMatchObject({
      l1: 'completed',
      l2: 'completed',
      r1: 'pending',
      end: 'pending',
    });
    expect(await bench.get(copy.ids['l1'])).toMatchObject({ reused: true, originalTaskId: id(tree, 'l1') });
    expect(await bench.get(copy.ids['r1'])).toMatchObject({ attempt: 0, output: null, startedAt: null, error: null });
    await bench.call('tasks.execute', { taskId: copy.treeId, wait: true });
    expect(bench.work.starts).toEqual(['r1/1', 'r2/1', 'end/1']);
    expect((await bench.get(copy.ids['end'])).status).toBe('completed');
    // "A copy keeps depending on the original's tasks", "shares the original's tree id".
    const own = new Set(Object.values(copy.ids));
    for (const taskId of own) {
      const { dependencies, treeId, parentId } = await bench.get(taskId);
      expect(treeId).toBe(copy.treeId);
      expect(dependencies.every((dependency) => own.has(dependency.task))).toBe(true);
      expect(parentId === null || own.has(parentId)).toBe(true);
    }
    expect(Object.values(tree.ids).some((original) => own.has(original))).toBe(false);
    expect((await bench.get(tree.ids['r1'])).copiedBy).toEqual([copy.ids['r1']]);
    expect((await bench.get(tree.ids['odd'])).copiedBy).toEqual([]);
    expect((await bench.get(copy.treeId)).tree?.origin).toEqual({ treeId: tree.treeId, taskId: id(tree, 'r1') });
  });

  it('R-TV-08 of a failed leaf: it runs again; dependents that never started are left out', async () => {
    const { bench, tree } = await ran(['r1']);
    expect(await bench.statuses(tree)).toMatchObject({ r1: 'failed', r2: 'skipped', end: 'skipped' });
    const copy = await copied(bench, { taskId: id(tree, 'r1') });
    expect(Object.keys(copy.ids)).not.toContain('r2');
    const { status } = await bench.call('tasks.execute', { taskId: copy.treeId, wait: true });
    expect(status).toBe('completed');
    expect(bench.work.starts).toEqual(['r1/1']);
  });

  it('"full" copies turn failed tasks into completed ones: what is outside of the re-execution keeps its status', async () => {
    const { bench, tree } = await ran(['odd']);
    const copy = await copied(bench, { taskId: id(tree, 'r1'), mode: 'full' });
    expect(Object.keys(copy.ids).toSorted()).toEqual(Object.keys(tree.ids).toSorted());
    expect(await bench.statuses(copy)).toMatchObject({
      l1: 'completed',
      odd: 'failed',
      r1: 'pending',
      r2: 'pending',
      end: 'pending',
    });
    const [before, after] = [await bench.get(tree.ids['odd']), await bench.get(copy.ids['odd'])];
    expect(after).toMatchObject({ error: before.error, startedAt: before.startedAt, endedAt: before.endedAt });
    const { status } = await bench.call('tasks.execute', { taskId: copy.treeId, wait: true });
    // A root is never completed above an unhandled failure.
    expect(status).toBe('failed');
    expect(bench.work.starts).toEqual(['r1/1', 'r2/1', 'end/1']);
  });

  it('R-TV-05 custom: missing dependents are named one by one, or added', async () => {
    const { bench, tree } = await ran();
    const taskIds = [id(tree, 'r1')];
    const refusal = await bench.refusal('tasks.copy', {
      taskId: tree.treeId,
      mode: 'custom',
      taskIds,
      includeDependents: false,
    });
    expect(refusal.code).toBe(-32012);
    expect(JSON.stringify(refusal.data)).toContain(id(tree, 'r2'));
    expect(JSON.stringify(refusal.data)).toContain(id(tree, 'end'));
    const copy = await copied(bench, { taskId: tree.treeId, mode: 'custom', taskIds });
    await bench.call('tasks.execute', { taskId: copy.treeId, wait: true });
    expect(bench.work.starts).toEqual(['r1/1', 'r2/1', 'end/1']);
  });

  it('R-TV-05 "Dependent-inclusion is checked inside the submitted array only": it is checked against the stored tree', async () => {
    const { bench, tree } = await ran();
    const checked = await bench.call('tasks.validate', { rootId: tree.treeId, taskIds: [id(tree, 'l1')] });
    const missing = 'missing' in checked ? checked.missing : [];
    expect(new Set(missing.map(({ taskId }) => taskId))).toEqual(
      new Set(['l2', 'r1', 'r2', 'end'].map((name) => id(tree, name))),
    );
    const whole = await bench.call('tasks.validate', { rootId: tree.treeId, taskIds: Object.values(tree.ids) });
    expect(whole).toEqual({ valid: true, missing: [] });
  });

  it('R-TV-09 a preview stores nothing, and is what tasks.create accepts', async () => {
    const { bench, tree } = await ran();
    const preview = (await bench.call('tasks.copy', { taskId: id(tree, 'r1'), save: false })) as TaskSubmission[];
    expect((await bench.call('tasks.count', {})).total).toBe(1);
    const created = await bench.create(preview);
    const { status } = await bench.call('tasks.execute', { taskId: created.treeId, wait: true });
    expect(status).toBe('completed');
  });

  it('overrides replace inputs, executor, priority and policies of single tasks; unknown ones are refused', async () => {
    const { bench, tree } = await ran();
    const overrides = {
      [id(tree, 'r2')]: { inputs: { x: 1 }, executor: 'echo', priority: 0, policies: { timeoutMs: 5_000 } },
    };
    const copy = await copied(bench, { taskId: id(tree, 'r1'), overrides });
    expect(await bench.get(copy.ids['r2'])).toMatchObject({
      inputs: { x: 1 },
      executor: 'echo',
      priority: 0,
      policies: { timeoutMs: 5_000 },
    });
    const wrong = { nobody: { priority: 0 }, [id(tree, 'r2')]: { executor: 'nobody' } };
    const { data } = await bench.refusal('tasks.copy', { taskId: id(tree, 'r1'), overrides: wrong });
    expect(data.errors).toHaveLength(2);
  });

  it('a copy of a copy, and execute with copy, lead back to what they were made from', async () => {
    const { bench, tree } = await ran();
    const first = await bench.call('tasks.execute', { taskId: id(tree, 'odd'), copy: {}, wait: true });
    const copy = await bench.stored(first.treeId as TreeId);
    const second = await copied(bench, { taskId: id(copy, 'odd') });
    expect((await bench.get(second.ids['odd'])).originalTaskId).toBe(id(copy, 'odd'));
    expect(bench.work.starts).toEqual(['odd/1']);
    // The original may go; its copies stay.
    await bench.call('tasks.delete', { taskId: tree.treeId });
    expect((await bench.get(copy.ids['odd'])).output).toMatchObject({ name: 'odd' });
  });
});

describe('changing what is stored', () => {
  it('-32009 a refused delete lists every reason, and nothing is gone', async () => {
    const bench = await start();
    const tree = await bench.create(tasks);
    const refusal = await bench.refusal('tasks.delete', { taskId: id(tree, 'left') });
    expect(refusal.code).toBe(-32009);
    expect(
      (refusal.data.errors as { reason: string }[]).map(({ reason }) => String(reason.split(' ')[0])).toSorted(),
    ).toEqual(['end', 'r1']);
    await bench.call('tasks.execute', { taskId: tree.treeId });
    const held = await bench.work.started('l1');
    expect((await bench.refusal('tasks.delete', { taskId: tree.treeId })).code).toBe(-32009);
    const running = await bench.refusal('tasks.delete', { taskId: id(tree, 'right') });
    expect((running.data.errors as unknown[]).length).toBeGreaterThanOrEqual(3);
    expect((await bench.call('tasks.count', { rootOnly: false })).total).toBe(9);
    void held.aborted.then(() => held.fail(new Error('stopped')));
    await bench.call('tasks.cancel', { taskId: tree.treeId, force: true });
    expect(await bench.call('tasks.delete', { taskId: tree.treeId })).toEqual({ deleted: 9 });
    expect((await bench.refusal('tasks.get', { taskId: id(tree, 'l1') })).code).toBe(-32001);
  });

  it('tasks.update answers all violations at once and applies nothing', async () => {
    const bench = await start();
    const tree = await bench.create(tasks);
    const patch = {
      name: '',
      priority: 9,
      inputs: { x: '${{ nonsense( }}' },
      policies: { timeoutMs: -1, retry: { maxAttempts: 99 } },
      dependencies: ['nobody', id(tree, 'r2')],
    };
    const { data } = await bench.refusal('tasks.update', { taskId: id(tree, 'r1'), patch });
    const paths = (data.errors as { path: (string | number)[] }[]).map(({ path }) => path.join('.'));
    for (const part of ['name', 'priority', 'inputs', 'timeoutMs', 'maxAttempts', 'dependencies'])
      expect(
        paths.some((path) => path.includes(part)),
        part,
      ).toBe(true);
    expect(await bench.get(tree.ids['r1'])).toMatchObject({ name: 'r1', priority: 2, inputs: {}, policies: {} });
    const cycle = await bench.refusal('tasks.update', {
      taskId: id(tree, 'l1'),
      patch: { dependencies: [id(tree, 'end')] },
    });
    expect(cycle.code).toBe(-32002);
  });
});
