/** `tasks.times` and `tasks.diff`: where the time of a run went, and how two moments of it differ. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { methodBench, type MethodBench } from './method-bench.fixture.ts';

let on: MethodBench;
let treeId = '';
let ids: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  on = await methodBench();
  const started = await on.rpc.result('tasks.execute', {
    tasks: [
      { name: 'root' },
      { name: 'nap', parentId: 'root', wait: { forMs: 20 } },
      { name: 'ask', parentId: 'root', dependencies: ['nap'], approval: {} },
    ],
  });
  treeId = started.treeId;
  await vi.waitUntil(async () => (await on.rpc.result('waits.list', { treeId })).total === 1, 20_000);
  const tasks = await on.real.engine.index.listTasks(treeId as never);
  ids = Object.fromEntries(tasks.map(({ name, id }) => [name, id]));
});
afterAll(() => on.real.engine.stop({ graceMs: 0 }));

const lastSeq = async (): Promise<number> => (await on.rpc.result('tasks.events', { treeId })).lastSeq;

describe('tasks.times', () => {
  it('says of each task how long it was what, most first, and of all together', async () => {
    const times = await on.rpc.result('tasks.times', { treeId });
    const [first, second] = times.items;
    expect(times).toMatchObject({ treeId, status: 'running', total: 2 });
    const byName = Object.fromEntries(times.items.map(({ name, spent }) => [name, spent]));
    expect(byName['nap']?.waiting).toBeGreaterThanOrEqual(20);
    expect(byName['ask']?.dependencies).toBeGreaterThanOrEqual(20);
    expect(times.spent.waiting).toBe((first?.spent.waiting ?? 0) + (second?.spent.waiting ?? 0));
    expect(times.items.map(({ executor }) => executor)).toEqual([null, null]);
  });

  it('of a moment ends there, and takes what comes first and how many', async () => {
    const seq = (await lastSeq()) - 1;
    const past = await on.rpc.result('tasks.times', { treeId, seq, by: 'dependencies', limit: 1 });
    expect(past).toMatchObject({ seq, total: 2, items: [{ name: 'ask', spent: { waiting: 0 } }] });
    expect(await on.rpc.result('tasks.times', { treeId, seq: 1 })).toMatchObject({ tookMs: null, items: [], total: 0 });
  });

  it('knows no moment after the end of the log', async () => {
    const last = await lastSeq();
    expect(await on.rpc.refusal('tasks.times', { treeId, seq: last + 1 })).toMatchObject({
      code: -32602,
      message: `There is no event ${last + 1}: the last event of the tree is ${last}.`,
    });
  });
});

describe('tasks.events with a filter', () => {
  it('finds the events of a task, and those with a text in them', async () => {
    const last = await lastSeq();
    const of = await on.rpc.result('tasks.events', { treeId, taskId: ids['nap']! });
    expect(of.items.map(({ type }) => type)).toEqual(['WaitStarted', 'TaskCompleted']);
    expect(of).toMatchObject({ lastSeq: last, seenSeq: last });
    const found = await on.rpc.result('tasks.events', { treeId, search: 'WAITstarted' });
    expect(found.items.map((event) => 'taskId' in event && event.taskId)).toEqual([ids['nap'], ids['ask']]);
    const both = await on.rpc.result('tasks.events', { treeId, taskId: ids['ask']!, search: 'waitstarted' });
    expect(both.items).toHaveLength(1);
    expect((await on.rpc.result('tasks.events', { treeId, search: 'nowhere' })).items).toEqual([]);
  });

  it('goes on where it has stopped looking', async () => {
    const first = await on.rpc.result('tasks.events', { treeId, search: 'waitstarted', limit: 1 });
    const { seenSeq = 0 } = first;
    expect(first.items.map(({ seq }) => seq)).toEqual([seenSeq]);
    const rest = await on.rpc.result('tasks.events', { treeId, search: 'waitstarted', afterSeq: seenSeq });
    expect(rest.items.map((event) => 'taskId' in event && event.taskId)).toEqual([ids['ask']]);
  });

  it('says nothing of what was looked at where all is asked for, and takes no empty text', async () => {
    expect(await on.rpc.result('tasks.events', { treeId, limit: 1 })).not.toHaveProperty('seenSeq');
    expect(await on.rpc.refusal('tasks.events', { treeId, search: '' })).toMatchObject({ code: -32602 });
  });
});

describe('tasks.diff', () => {
  it('lists the tasks that differ, with what is another', async () => {
    const diff = await on.rpc.result('tasks.diff', { treeId, from: 2 });
    expect(diff).toMatchObject({
      from: { seq: 2, status: 'running' },
      to: { seq: await lastSeq(), status: 'running' },
      total: 3,
    });
    const nap = diff.items.find(({ taskId }) => taskId === ids['nap']);
    expect(nap).toMatchObject({ before: { status: 'pending' }, after: { status: 'completed', attempt: 0 } });
    expect(nap?.changed).toEqual(expect.arrayContaining(['status', 'input']));
    expect((await on.rpc.result('tasks.diff', { treeId, from: 2, limit: 1 })).items).toHaveLength(1);
  });

  it('of one moment with itself is empty', async () => {
    expect(await on.rpc.result('tasks.diff', { treeId, from: 2, to: 2 })).toMatchObject({ items: [], total: 0 });
  });

  it('refuses moments that are not there, or the wrong way round', async () => {
    const last = await lastSeq();
    expect(await on.rpc.refusal('tasks.diff', { treeId, from: last + 1 })).toMatchObject({ code: -32602 });
    expect(await on.rpc.refusal('tasks.diff', { treeId, from: 3, to: 2 })).toMatchObject({
      code: -32602,
      message: 'Event 2 can not be the later moment: it is before event 3, from which is compared.',
      data: { errors: [{ path: ['to'], expected: `3 to ${last}`, actual: 2 }] },
    });
  });
});
