/** Cancelling over RPC (R-TO-06): what reaches executors, in which order, and what is left afterwards. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const work = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });

describe('cancelling a run', () => {
  it('R-TO-06 aborts every running executor, cancels what waits, and ends the run cancelled', async () => {
    const bench = await start();
    const tree = await bench.begin([
      { name: 'root' },
      work('a'),
      work('b'),
      { name: 'group', parentId: 'root' },
      { name: 'inner', parentId: 'group', executor: 'work' },
      work('after', { dependencies: ['a'] }),
    ]);
    const held = await Promise.all(['a', 'b', 'inner'].map((name) => bench.work.started(name)));
    // The answer waits for the executors to let go: each lets go only once its signal has fired.
    const reasons = held.map(async (each) => {
      const { code, message } = await each.aborted;
      each.fail(new Error('stopped'));
      return { code, message };
    });
    const { items } = await bench.call('tasks.cancel', { taskId: tree.treeId, reason: 'enough' });
    expect(items).toEqual([{ taskId: tree.treeId, ok: true, status: 'cancelled' }]);
    expect(bench.work.running).toBe(0);
    expect(await Promise.all(reasons)).toEqual(Array(3).fill({ code: 'cancelled', message: 'enough' }));
    expect(new Set(Object.values(await bench.statuses(tree)))).toEqual(new Set(['cancelled']));
    const last = (await bench.events(tree)).at(-1);
    expect(last).toMatchObject({ type: 'RunCancelled', data: { reason: { code: 'user', message: 'enough' } } });
    expect((await bench.get(tree.treeId)).tree).toMatchObject({ status: 'cancelled', fraction: 1 });
    expect(await bench.call('tasks.running.count', {})).toEqual({ count: 0 });
    expect(bench.work.starts).not.toContain('after/1');
  });

  it('a run whose required task a person cancelled ends cancelled, and says which; a retry from failure completes it', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a'), work('b', { dependencies: ['a'] }), work('c')]);
    const [, c] = await Promise.all([bench.work.started('a'), bench.work.started('c')]);
    await bench.call('tasks.cancel', { taskId: tree.ids['a'] ?? '', reason: 'wrong branch', force: true });
    c.complete(1);
    expect(await bench.settled(tree)).toBe('cancelled');
    expect(await bench.statuses(tree)).toEqual({ root: 'cancelled', a: 'cancelled', b: 'skipped', c: 'completed' });
    expect((await bench.get(tree.treeId)).tree?.reason).toEqual({
      code: 'user',
      message: 'a was cancelled: wrong branch',
    });
    bench.work.on('a', () => 1);
    bench.work.on('b', () => 1);
    await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'failure' });
    expect(await bench.settled(tree)).toBe('completed');
  });

  it('R-TO-06 the signal fires after the cancellation is durable, and the abort listener may ask for it', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root', executor: 'work' }]);
    const held = await bench.work.started('root');
    const seen = held.aborted.then(async () => {
      const { status } = await bench.get(tree.treeId);
      held.complete('too late');
      return status;
    });
    await bench.call('tasks.cancel', { taskId: tree.treeId });
    expect(await seen).toBe('cancelled');
  });

  it('a late result, a late failure and late calls of the context change nothing', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a'), work('b')]);
    const [a, b] = await Promise.all([bench.work.started('a'), bench.work.started('b')]);
    await bench.call('tasks.cancel', { taskId: tree.treeId, reason: 'enough', force: true });
    const before = await bench.events(tree);
    a.ctx.progress(0.9);
    a.ctx.heartbeat();
    await expect(a.ctx.record('late', () => 1)).rejects.toThrow('enough');
    a.complete('late');
    b.fail(new Error('late'));
    // A durable round trip through the same queue: whatever the late calls decided would be stored by then.
    await bench.run([{ name: 'root', executor: 'echo' }]);
    expect(await bench.events(tree)).toEqual(before);
  });

  it('a task in back-off is cancelled at once, not after the back-off', async () => {
    const bench = await start({ clock: new ManualClock() });
    bench.work.on('a', () => {
      throw new Error('again');
    });
    const retry = { maxAttempts: 3, delayMs: 3_600_000 };
    const tree = await bench.begin([{ name: 'root' }, work('a', { policies: { retry } })]);
    await bench.event(tree, ({ type }) => type === 'RetryScheduled');
    await bench.call('tasks.cancel', { taskId: tree.treeId });
    expect(await bench.settled(tree)).toBe('cancelled');
    expect(bench.work.starts).toEqual(['a/1']);
  });

  it('force answers although an executor ignores its signal; without it the grace period ends the wait', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock, config: { engine: { cancelGraceMs: 5_000 } } });
    const forced = await bench.begin([{ name: 'root', executor: 'work' }]);
    await bench.work.started('root');
    await bench.call('tasks.cancel', { taskId: forced.treeId, force: true });
    expect(bench.work.running).toBe(1);

    const patient = await bench.begin([{ name: 'stubborn', executor: 'work' }]);
    const held = await bench.work.started('stubborn');
    const cancelled = bench.call('tasks.cancel', { taskId: patient.treeId });
    await held.aborted;
    await bench.event(patient, ({ type }) => type === 'RunCancelled');
    // The wait begins right after the commit; time moves until it is over.
    let answered = false;
    void cancelled.then(() => (answered = true));
    while (!answered) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(clock.nowMs()).toBeGreaterThanOrEqual(new ManualClock().nowMs() + 5_000);
    expect(bench.work.running).toBe(2);
  });

  it('frees the places of what it cancelled', async () => {
    const bench = await start({ config: { engine: { limits: { global: 1 } } } });
    const first = await bench.begin([{ name: 'first', executor: 'work' }]);
    await bench.work.started('first');
    const second = await bench.begin([{ name: 'second', executor: 'work' }]);
    await bench.call('tasks.cancel', { taskId: first.treeId, force: true });
    (await bench.work.started('second')).complete();
    expect(await bench.settled(second)).toBe('completed');
  });
});

describe('cancelling a part', () => {
  it('R-TO-06 a sub-tree only: its dependents are skipped with the reason, the rest goes on', async () => {
    const bench = await start();
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'group', parentId: 'root' },
      { name: 'inner', parentId: 'group', executor: 'work' },
      work('free'),
      work('after', { dependencies: ['group'] }),
    ]);
    const inner = await bench.work.started('inner');
    const free = await bench.work.started('free');
    void inner.aborted.then(() => inner.fail(new Error('stopped')));
    await bench.call('tasks.cancel', { taskId: tree.ids['group'] ?? '' });
    expect(free.ctx.signal.aborted).toBe(false);
    free.complete(1);
    expect(await bench.settled(tree)).toBe('cancelled');
    expect(await bench.statuses(tree)).toMatchObject({ inner: 'cancelled', free: 'completed', after: 'skipped' });
    expect((await bench.get(tree.ids['after'])).reason?.message).toContain('group');
  });

  it('-32006 for what has ended; one answer per id', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a'), work('b')]);
    (await bench.work.started('a')).complete();
    await bench.event(tree, ({ type }) => type === 'TaskCompleted');
    expect(await bench.refusal('tasks.cancel', { taskId: tree.ids['a'] ?? '' })).toMatchObject({
      code: -32006,
      data: { code: 'task/invalid-transition', status: 'completed' },
    });
    const taskIds = [tree.ids['a'] ?? '', 'nobody', tree.ids['b'] ?? ''];
    const { items } = await bench.call('tasks.cancel', { taskIds, force: true });
    expect(items.map((item) => (item.ok ? item.status : item.error.code))).toEqual([
      'task/invalid-transition',
      'task/not-found',
      'cancelled',
    ]);
    await bench.settled(tree);
    expect(await bench.refusal('tasks.cancel', { taskId: tree.treeId })).toMatchObject({ code: -32006 });
  });
});

describe('cancelling programs', () => {
  it('R-TO-06 leaves no process of the command executor behind, nor of its children', async () => {
    const bench = await start({ builtIns: true });
    const mark = `coppice-behaviour-${process.pid}`;
    const child = `require('node:child_process').spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)', '${mark}'], { stdio: 'inherit' })`;
    const inputs = { command: process.execPath, args: ['-e', child, mark] };
    const tree = await bench.begin([{ name: 'root', executor: 'command', inputs }]);
    await bench.event(tree, ({ type, data }) => type === 'TaskProgressed' && 'message' in data);
    expect(processesWith(mark)).toHaveLength(2);
    await bench.call('tasks.cancel', { taskId: tree.treeId });
    expect(processesWith(mark)).toEqual([]);
    expect(await bench.settled(tree)).toBe('cancelled');
  });
});

/** Command lines that hold the mark; zombies have ended. */
function processesWith(mark: string): readonly string[] {
  return execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark) && !line.startsWith('Z'));
}
