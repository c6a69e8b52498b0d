/** What earlier systems of this kind got wrong (see the model), as a client meets it: one test for each that is not tested nearer to its rule. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { start, type Tasks } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const child = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });

describe('submissions', () => {
  it.each<[string, Tasks, number]>([
    [
      'a dependency cycle',
      [{ name: 'root' }, child('a', { dependencies: ['b'] }), child('b', { dependencies: ['a'] })],
      -32002,
    ],
    [
      '"parent cycles are accepted beside a valid root"',
      [{ name: 'root' }, child('a', { parentId: 'b' }), child('b', { parentId: 'a' })],
      -32002,
    ],
    ['an unknown dependency', [{ name: 'root' }, child('a', { dependencies: ['nobody'] })], -32011],
    ['an unknown parent', [{ name: 'root' }, child('a', { parentId: 'nobody' })], -32010],
    ['"an unknown executor marks its task completed"', [{ name: 'root' }, child('a', { executor: 'nobody' })], -32003],
    ['an empty list', [], -32012],
  ])('"Rows are stored before validation, so a refused tree leaves orphans": %s', async (_, tasks, code) => {
    const bench = await start();
    expect((await bench.refusal('tasks.create', { tasks })).code).toBe(code);
    expect((await bench.refusal('tasks.execute', { tasks })).code).toBe(code);
    expect((await bench.call('tasks.count', { rootOnly: false })).total).toBe(0);
    await bench.stop();
    const again = await start({ dir: bench.dir });
    expect((await again.call('tasks.count', { rootOnly: false })).total).toBe(0);
  });

  it('"A bounded queue filled by the run’s own expansion deadlocks": only outside submissions are bounded', async () => {
    const bench = await start({ config: { engine: { limits: { maxOpenTasks: 2, global: 1 } } } });
    const names = Array.from({ length: 50 }, (_, index) => `t${index}`);
    const tree = await bench.begin([{ name: 'root' }, ...names.map((name) => child(name))]);
    const other = await bench.create([{ name: 'other', executor: 'echo' }]);
    const refusal = await bench.refusal('tasks.execute', { taskId: other.treeId });
    expect(refusal).toMatchObject({ code: -32013, data: { limit: 2, retryAfterMs: expect.any(Number) } });
    for (const name of names) (await bench.work.started(name)).complete();
    expect(await bench.settled(tree)).toBe('completed');
    expect(await bench.call('tasks.execute', { taskId: other.treeId, wait: true })).toMatchObject({
      status: 'completed',
    });
  });
});

describe('executors', () => {
  it('"an unknown executor marks its task completed": one whose extension is gone fails its task, and a retry mends it', async () => {
    const gone = { type: 'gone', description: '', effects: 'pure' as const, execute: () => 'here again' };
    const first = await start({ executors: [gone] });
    const tree = await first.create([{ name: 'root', executor: 'gone' }]);
    await first.stop();
    const second = await start({ dir: first.dir });
    expect(await second.call('tasks.execute', { taskId: tree.treeId, wait: true })).toMatchObject({ status: 'failed' });
    expect((await second.get(tree.treeId)).error).toMatchObject({ code: 'executor/not-found', retryable: false });
    await second.stop();
    const third = await start({ dir: first.dir, executors: [gone] });
    await third.call('tasks.retry', { taskId: tree.treeId });
    expect(await third.settled(tree)).toBe('completed');
    expect((await third.get(tree.treeId)).error).toBeNull();
  });

  it('"a downstream task reads its source’s input instead of its output"', async () => {
    const bench = await start();
    bench.work.on('source', ({ input }) => ({ doubled: Number(input['n']) * 2 }));
    const tree = await bench.run([
      { name: 'root' },
      child('source', { inputs: { n: 21 } }),
      {
        name: 'reads',
        parentId: 'root',
        executor: 'echo',
        dependencies: ['source'],
        inputs: { n: '${{ deps.source.doubled }}' },
      },
    ]);
    expect((await bench.get(tree.ids['reads'])).output).toEqual({ source: { doubled: 42 }, n: 42 });
  });

  it('"A completed dependency with a null result blocks its dependents for ever"', async () => {
    const bench = await start();
    bench.work.on(undefined, () => undefined);
    const tree = await bench.run([{ name: 'root' }, child('nothing'), child('after', { dependencies: ['nothing'] })]);
    expect(tree.status).toBe('completed');
    expect((await bench.get(tree.ids['after'])).input).toEqual({ nothing: null });
  });

  it('"a timeout that does not kill the process"', async () => {
    const clock = new ManualClock();
    const bench = await start({ builtIns: true, clock });
    const mark = `coppice-timeout-${process.pid}`;
    const inputs = { command: process.execPath, args: ['-e', 'console.log("up"); setInterval(() => {}, 1000)', mark] };
    const tree = await bench.begin([{ name: 'root', executor: 'command', inputs, policies: { timeoutMs: 1_000 } }]);
    const listed = (): readonly string[] =>
      execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes(mark) && !line.startsWith('Z'));
    await bench.event(tree, ({ type, data }) => type === 'TaskProgressed' && 'message' in data);
    expect(listed()).toHaveLength(1);
    clock.advance(1_000);
    expect(await bench.settled(tree)).toBe('failed');
    // A stop waits until the executor has let go; the grace period can not pass, because time stands still.
    await bench.stop(60_000);
    expect(listed()).toEqual([]);
  });
});

describe('runs', () => {
  it('"dependents of a failed task stay pending without a reason; a root completes above a failed child"', async () => {
    const bench = await start();
    bench.work.on('bad', () => {
      throw new Error('told to');
    });
    const tree = await bench.run([
      { name: 'root' },
      { name: 'group', parentId: 'root' },
      child('bad', { parentId: 'group' }),
      child('after', { dependencies: ['bad'] }),
      child('last', { dependencies: ['after'] }),
    ]);
    expect(tree.status).toBe('failed');
    expect(await bench.statuses(tree)).toEqual({
      root: 'failed',
      group: 'failed',
      bad: 'failed',
      after: 'skipped',
      last: 'skipped',
    });
    expect((await bench.get(tree.ids['last'])).reason?.message).toContain('after');
    expect(await bench.explain(tree.ids['after'])).toContain('bad');
    expect((await bench.get(tree.treeId)).tree).toMatchObject({ fraction: 1, error: { code: 'run/failed' } });
  });

  it('"optional dependencies never waited for": they are, whatever their outcome', async () => {
    const bench = await start();
    const tree = await bench.begin([
      { name: 'root' },
      child('slow'),
      child('after', { dependencies: [{ task: 'slow', required: false }] }),
    ]);
    const slow = await bench.work.started('slow');
    expect(await bench.explain(tree.ids['after'])).toBe('after waits: slow is running');
    expect(bench.work.starts).toEqual(['slow/1']);
    slow.fail(new Error('told to'));
    (await bench.work.started('after')).complete();
    expect(await bench.settled(tree)).toBe('failed');
    expect((await bench.get(tree.ids['after'])).status).toBe('completed');
  });

  it('"every ready task started one by one after each completion": all of them start in one commit', async () => {
    const bench = await start();
    const names = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const tree = await bench.begin([
      { name: 'root' },
      child('first'),
      ...names.map((name) => child(name, { dependencies: ['first'] })),
    ]);
    const commits: number[] = [];
    bench.engine.subscribe(
      { treeId: tree.treeId },
      { event: () => {}, progress: ({ counts }) => void commits.push(counts.running) },
    );
    (await bench.work.started('first')).complete();
    await bench.work.started('t99');
    // The root is open, too.
    expect(commits[0]).toBe(101);
    bench.work.on(undefined, () => null);
    for (const name of names) (await bench.work.started(name)).complete();
    expect(await bench.settled(tree)).toBe('completed');
  });
});
