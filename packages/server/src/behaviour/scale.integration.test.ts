/** Deep and wide trees through the wire (R-TV-12, R-SC-11): created, run, listed, shown, copied, retried, cancelled, deleted. */
import type { NestedTask } from '@coppice/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer } from '../composition/create-server.ts';
import { parseConfig } from '../config.ts';
import { newDir, plant, start, type Bench, type Tasks } from './bench.fixture.ts';

const SIZE = 10_000;

/** Groups inside groups; one task that does something at the bottom. */
function nestedGroups(): Tasks {
  return Array.from({ length: SIZE }, (_, depth) => ({
    name: `g${depth}`,
    ...(depth === 0 ? {} : { parentId: `g${depth - 1}` }),
    ...(depth === SIZE - 1 ? { executor: 'echo' } : {}),
  }));
}

/** One root; each member waits for the one before. */
function chain(): Tasks {
  return [
    { name: 'root' },
    ...Array.from({ length: SIZE - 1 }, (_, index) => ({
      name: `c${index}`,
      parentId: 'root',
      executor: 'count',
      inputs: { index },
      ...(index === 0
        ? {}
        : { dependencies: [{ task: `c${index - 1}`, into: 'before', condition: 'output != null' }] }),
    })),
  ];
}

function fan(): Tasks {
  const names = Array.from({ length: SIZE - 2 }, (_, index) => `w${index}`);
  return [
    { name: 'root' },
    ...names.map((name, index) => ({ name, parentId: 'root', executor: 'echo', inputs: { index } })),
    { name: 'join', parentId: 'root', executor: 'count', dependencies: names },
  ];
}

const count = {
  type: 'count',
  description: 'Answers how many inputs it got.',
  effects: 'pure' as const,
  execute: (input: object) => Object.keys(input).length,
};

const echoSource = `
  export const manifest = { name: 'echo', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
  export const module = { load({ bind }) {
    bind(Symbol.for('coppice.Executor')).toConstantValue({ type: 'echo', description: '', effects: 'pure', execute: (input) => input });
  } };`;

/** Levels of one answer, without recursion. */
function levelsOf(top: NestedTask): number {
  let levels = 0;
  for (let level = [top]; level.length > 0; level = level.flatMap(({ children }) => children)) levels++;
  return levels;
}

async function bench(): Promise<Bench> {
  return start({ executors: [count], config: { engine: { snapshotEvery: 5_000 } } });
}

describe.each([
  ['10,000 nested groups', nestedGroups],
  ['a chain of 10,000', chain],
  ['10,000 members and a fan-in', fan],
])('%s', (_, make) => {
  it('is created, run, listed, shown, copied, opened again and deleted', async () => {
    const b = await bench();
    const tasks = make();
    expect(await b.call('tasks.validate', { tasks })).toEqual({ valid: true, errors: [] });
    const tree = await b.create(tasks);
    const { status } = await b.call('tasks.execute', { taskId: tree.treeId, wait: true });
    expect(status).toBe('completed');
    expect((await b.call('tasks.count', { rootOnly: false })).counts).toEqual({ completed: SIZE });
    const { items } = await b.call('tasks.list', { rootOnly: false, limit: 1_000 });
    expect(items).toHaveLength(1_000);
    const shown = await b.call('tasks.tree', { taskId: tree.treeId });
    expect(levelsOf(shown)).toBe(Math.min(make === nestedGroups ? SIZE : 2, 257));
    expect(shown.tree).toMatchObject({ status: 'completed', fraction: 1, taskCount: SIZE });
    const events = await b.call('tasks.events', { treeId: tree.treeId, limit: 10_000 });
    expect(events.lastSeq).toBeGreaterThanOrEqual(SIZE);

    const preview = await b.call('tasks.copy', { taskId: tree.treeId, mode: 'minimal', save: false });
    expect(preview).toHaveLength(SIZE);
    const copy = (await b.call('tasks.copy', { taskId: tree.treeId, mode: 'full' })) as NestedTask;
    expect(copy.tree?.taskCount).toBe(SIZE);

    await b.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    expect(await b.settled(tree)).toBe('completed');
    expect(await b.call('tasks.delete', { taskId: tree.treeId })).toEqual({ deleted: SIZE });
    expect((await b.call('tasks.count', { rootOnly: false })).total).toBe(SIZE);
  });
});

describe('deep and wide', () => {
  it.each([nestedGroups, fan])('%o is cancelled before and while it runs, and recovered', async (make) => {
    const b = await bench();
    const tasks = make().map((task, index, all) => (index === all.length - 1 ? { ...task, executor: 'work' } : task));
    const created = await b.create(tasks);
    await b.call('tasks.cancel', { taskId: created.treeId });
    expect((await b.get(created.treeId)).tree?.status).toBe('cancelled');

    const running = await b.begin(tasks);
    const last = tasks.at(-1)?.name ?? '';
    await b.work.started(last);
    await b.stop();
    const again = await start({ executors: [count], dir: b.dir });
    const held = await again.work.started(last, 2);
    void held.aborted.then(() => held.fail(new Error('stopped')));
    await again.call('tasks.cancel', { taskId: running.treeId });
    expect(await again.settled(running)).toBe('cancelled');
    const { tree } = await again.get(running.treeId);
    expect((tree?.counts['completed'] ?? 0) + (tree?.counts['cancelled'] ?? 0)).toBe(SIZE);
  });
});

describe('flat submissions', () => {
  it('R-SE-01 10,000 tasks fit into one HTTP request under the default limits, however deep the tree is', async () => {
    const parsed = parseConfig({ dataDir: await newDir(), listen: { port: 0 }, auth: { noAuth: true } });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    const extension = await plant(parsed.config.dataDir, 'echo.mjs', echoSource);
    const server = await createServer(parsed.config, {
      builtIns: false,
      logLevel: 'silent',
      extensions: [{ source: extension }],
    });
    onTestFinished(() => server.stop());
    await server.start();
    const request = (method: string, params: object): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const url = `${server.address?.url}/rpc`;
    const answer = await fetch(url, request('tasks.execute', { tasks: nestedGroups(), wait: true }));
    const { result } = (await answer.json()) as { result: { treeId: string } };
    expect(result).toMatchObject({ status: 'completed' });
    const shown = await fetch(url, request('tasks.tree', { taskId: result.treeId }));
    expect(levelsOf(((await shown.json()) as { result: NestedTask }).result)).toBe(257);
  });
});
