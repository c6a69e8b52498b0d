/** Waits over a real store (R-SN-01): across restarts and kills each wait gets exactly its answer, and nothing runs again. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Executor, TreeId } from '@coppice/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newDir, plant, start, unstarted, type Tasks } from './bench.fixture.ts';
import { ManualClock, START_MS } from './manual-clock.fixture.ts';

const HOUR_MS = 3_600_000;

describe('a wait for a time', () => {
  it('goes on at its time, also when that passed while nothing ran', async () => {
    const dir = await newDir();
    const tasks: Tasks = [
      { name: 'root' },
      { name: 'hour', parentId: 'root', wait: { forMs: HOUR_MS } },
      { name: 'after', parentId: 'root', executor: 'echo', dependencies: ['hour'] },
    ];
    const clock = new ManualClock();
    const first = await start({ dir, clock });
    const tree = await first.begin(tasks);
    expect(await first.explain(tree.ids['hour'])).toBe('hour waits: until 2026-11-20T13:00:00.000Z');
    await first.stop();
    const clockLater = new ManualClock(START_MS + 2 * HOUR_MS);
    const later = await start({ dir, clock: clockLater });
    clockLater.advance(0);
    expect(await later.settled(tree)).toBe('completed');
    expect(await later.statuses(tree)).toEqual({ root: 'completed', hour: 'completed', after: 'completed' });
  });

  it('holds no gate', async () => {
    const bench = await start({ config: { engine: { limits: { global: 1 } } } });
    const tree = await bench.begin([
      { name: 'root' },
      ...[1, 2, 3].map((at) => ({ name: `wait ${at}`, parentId: 'root', wait: { signal: 'go' } })),
      { name: 'other', parentId: 'root', executor: 'echo' },
    ]);
    await bench.event(tree, ({ type, taskId }) => type === 'TaskCompleted' && taskId === tree.ids['other']);
    expect(bench.engine.gates()).toMatchObject([{ gate: 'global', used: 0 }]);
    for (const at of [1, 2, 3]) await bench.call('tasks.signal', { treeId: tree.treeId, name: 'go', payload: at });
    expect(await bench.settled(tree)).toBe('completed');
  });
});

describe('approvals side by side', () => {
  const count = 6;
  const names = Array.from({ length: count }, (_, at) => `ask ${at}`);
  const tasks: Tasks = [
    { name: 'root' },
    { name: 'before', parentId: 'root', executor: 'work' },
    ...names.map((name) => ({ name, parentId: 'root', approval: { title: name }, dependencies: ['before'] })),
    { name: 'after', parentId: 'root', executor: 'echo', dependencies: names },
  ];

  it('each get their own answer, in any order, twice, by the wrong id and across restarts', async () => {
    const dir = await newDir();
    let bench = await start({ dir });
    const { treeId, ids } = await bench.begin(tasks);
    (await bench.work.started('before')).complete('once');
    await bench.event({ treeId }, ({ type, taskId }) => type === 'WaitStarted' && taskId === ids[names.at(-1)!]);
    for (const at of [4, 0, 5, 2, 1, 3]) {
      const taskId = ids[names[at]!]!;
      const wrong = await bench.refusal('waits.answer', { taskId: `${taskId}x`, approved: true });
      expect(wrong.data.code).toBe('task/not-found');
      expect((await bench.refusal('waits.answer', { taskId: ids['before']!, approved: true })).data.code).toBe(
        'task/invalid-transition',
      );
      const delivered = await bench.call('waits.answer', { taskId, approved: true, comment: `comment ${at}` });
      expect(delivered.taskId).toBe(taskId);
      expect((await bench.refusal('waits.answer', { taskId, approved: false })).data.code).toBe(
        'task/invalid-transition',
      );
      if (at % 2 === 0) {
        await bench.stop();
        bench = await start({ dir });
      }
      const open = await bench.call('waits.list', { treeId });
      expect(open.items.map((wait) => wait.taskId)).not.toContain(taskId);
    }
    expect(await bench.settled({ treeId })).toBe('completed');
    for (const [at, name] of names.entries())
      expect((await bench.get(ids[name])).output).toMatchObject({ approved: true, comment: `comment ${at}` });
    const starts = (await bench.events({ treeId })).filter(({ type }) => type === 'TaskStarted');
    expect(starts.map(({ taskId }) => taskId)).toEqual([ids['before'], ids['after']]);
  });

  it('are listed in processes that execute nothing, too', async () => {
    const dir = await newDir();
    const first = await start({ dir });
    const { ids } = await first.begin([{ name: 'root' }, { name: 'ask', parentId: 'root', approval: {} }]);
    await first.stop();
    const reader = await unstarted({ dir });
    await reader.store.open();
    expect((await reader.call('waits.list', {})).items).toMatchObject([{ taskId: ids['ask'], mayAnswer: true }]);
  });
});

/** An executor that never ends until the file `go` is there. */
const source = (dir: string): string => `
  import { existsSync, writeSync } from 'node:fs';
  export const manifest = { name: 'hanging', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
  export const module = { load({ bind }) {
    bind(Symbol.for('coppice.Executor')).toConstantValue({
      type: 'hang', description: '', effects: 'pure',
      async execute() {
        writeSync(1, 'hangs\\n');
        if (!existsSync(${JSON.stringify(join(dir, 'go'))})) await new Promise(() => setInterval(() => {}, 1000));
        return null;
      },
    });
  } };`;

describe('who only reads the store', () => {
  it('lists what waits, and loads no run in which nothing does', async () => {
    const dir = await newDir();
    const hang: Executor = {
      type: 'hang',
      description: 'Ends when it is stopped',
      effects: 'pure',
      execute: (_input, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    };
    const first = await start({ dir, executors: [hang] });
    const asking = await first.begin([{ name: 'root' }, { name: 'ask', parentId: 'root', approval: {} }]);
    const idle = await first.begin([{ name: 'root' }, { name: 'hangs', parentId: 'root', executor: 'hang' }]);
    await first.event(idle, ({ type }) => type === 'TaskStarted');
    await first.stop();
    const reader = await unstarted({ dir });
    await reader.store.open();
    const read = vi.spyOn(reader.store, 'readEvents');
    const { items } = await reader.call('waits.list', {});
    expect(items.map(({ taskId }) => taskId)).toEqual([asking.ids['ask']]);
    expect(read.mock.calls.map(([treeId]) => treeId)).not.toContain(idle.treeId);
  });
});

describe('a signal that came early', () => {
  it('is there after SIGKILL, and is consumed once', async () => {
    const dir = await newDir();
    const extension = await plant(dir, 'hanging.mjs', source(dir));
    const tasks: Tasks = [
      { name: 'root' },
      { name: 'hangs', parentId: 'root', executor: 'hang' },
      { name: 'first', parentId: 'root', wait: { signal: 'go' }, dependencies: ['hangs'] },
      {
        name: 'second',
        parentId: 'root',
        wait: { signal: 'go', timeoutMs: 1 },
        dependencies: ['first'],
        allowFailure: true,
      },
    ];
    const program = fileURLToPath(new URL('./engine-process.fixture.ts', import.meta.url));
    const args = ['--conditions=coppice-source', program, join(dir, 'data'), extension, JSON.stringify(tasks)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    onTestFinished(() => void child.kill('SIGKILL'));
    let treeId = '';
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('tree ')) treeId = line.slice('tree '.length);
      if (line === 'hangs') child.stdin.write(`${JSON.stringify({ name: 'go', payload: 7, id: 'once' })}\n`);
      if (line === 'signalled') break;
    }
    child.kill('SIGKILL');
    await exited;
    await plant(dir, 'go', '');
    const bench = await unstarted({ dir: join(dir, 'data'), extensions: [{ source: extension }] });
    await bench.local.start();
    const again = await bench.call('tasks.signal', { treeId, name: 'go', payload: 7, id: 'once' });
    expect(again).toEqual({ signal: null, taskId: null, commands: null, rejected: null });
    expect(await bench.engine.settled(treeId as TreeId)).toBe('completed');
    const { ids } = await bench.stored(treeId as TreeId);
    expect((await bench.get(ids['first'])).output).toBe(7);
    expect((await bench.get(ids['second'])).error?.code).toBe('wait/timeout');
  });
});
