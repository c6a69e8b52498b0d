/** Limits of whole tasks and groups, of waits for a start, and errors that end the run (R-TO-01, R-TO-05, R-TO-07, R-RT-06). Time is moved by hand. */
import { FatalError } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { newDir, start, type Bench, type BenchOptions } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const task = (name: string, policies: object = {}, more: object = {}) => ({
  name,
  parentId: 'root',
  executor: 'work',
  policies,
  ...more,
});
const retry = { maxAttempts: 9, strategy: 'fixed', delayMs: 400, jitter: 'none' } as const;

async function timed(options: BenchOptions = {}): Promise<{ bench: Bench; clock: ManualClock }> {
  const clock = new ManualClock();
  return { bench: await start({ clock, ...options }), clock };
}

describe('the time of a whole task', () => {
  it('R-TO-05 ends exactly at its limit, in a back-off as in an attempt', async () => {
    const { bench, clock } = await timed();
    bench.work.on('backing', () => {
      throw new Error('again');
    });
    const tree = await bench.begin([
      { name: 'root' },
      task('running', { totalTimeoutMs: 1_000 }),
      task('backing', { totalTimeoutMs: 1_000, retry }),
    ]);
    const held = await bench.work.started('running');
    for (const number of [1, 2]) {
      await bench.event(tree, ({ type, attempt }) => type === 'RetryScheduled' && attempt === number);
      clock.advance(400);
    }
    await bench.event(tree, ({ type }) => type === 'TaskFailed');
    clock.advance(199);
    expect(held.ctx.signal.aborted).toBe(false);
    clock.advance(1);
    expect(await bench.settled(tree)).toBe('failed');
    expect(held.ctx.signal.reason).toMatchObject({ code: 'timeout' });
    const { error, startedAt, endedAt } = await bench.get(tree.ids['running']);
    expect(error).toMatchObject({ code: 'timeout/total', data: { limit: 'total', limitMs: 1_000, ranMs: 1_000 } });
    expect(Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')).toBe(1_000);
    expect((await bench.get(tree.ids['backing'])).error?.code).toBe('retry/exhausted');
  });

  it('R-TO-05 goes on over a restart, and what is over by then is not tried again', async () => {
    const dir = await newDir();
    const clock = new ManualClock();
    const first = await start({ dir, clock });
    const tree = await first.begin([
      { name: 'root' },
      task('short', { totalTimeoutMs: 1_000 }),
      task('long', { totalTimeoutMs: 60_000 }),
    ]);
    for (const name of ['short', 'long']) {
      const held = await first.work.started(name);
      void held.aborted.then(() => held.fail(new Error('stopped')));
    }
    clock.advance(500);
    const stopped = first.stop();
    clock.advance(0);
    await stopped;
    clock.advance(10_000);
    const second = await start({ dir, clock });
    const long = await second.work.started('long', 2);
    expect(second.work.starts).toEqual(['long/2']);
    expect((await second.get(tree.ids['short'])).error?.code).toBe('timeout/total');
    clock.advance(49_499);
    expect(long.ctx.signal.aborted).toBe(false);
    clock.advance(1);
    expect(await second.settled(tree)).toBe('failed');
    expect((await second.get(tree.ids['long'])).error).toMatchObject({ code: 'timeout/total' });
  });

  it('R-CP-08 stands still while it is paused', async () => {
    const { bench, clock } = await timed();
    const tree = await bench.begin([{ name: 'root' }, task('a', { totalTimeoutMs: 1_000 })]);
    const held = await bench.work.started('a');
    clock.advance(900);
    await bench.call('tasks.pause', { treeId: tree.treeId });
    clock.advance(50_000);
    expect(held.ctx.signal.aborted).toBe(false);
    await bench.call('tasks.resume', { treeId: tree.treeId });
    clock.advance(99);
    expect(held.ctx.signal.aborted).toBe(false);
    clock.advance(1);
    expect(await bench.settled(tree)).toBe('failed');
  });
});

describe('the time of a group', () => {
  it('R-TO-05 cancels what is open in it, and its clean-up runs; others go on', async () => {
    const { bench, clock } = await timed();
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'g', parentId: 'root', policies: { totalTimeoutMs: 1_000 }, allowFailure: true },
      task('slow', {}, { parentId: 'g' }),
      task('sweep', {}, { parentId: 'g', finally: true }),
      task('other'),
    ]);
    const [slow, other] = await Promise.all([bench.work.started('slow'), bench.work.started('other')]);
    clock.advance(1_000);
    await slow.aborted;
    (await bench.work.started('sweep')).complete();
    await bench.event(tree, ({ type, taskId }) => type === 'TaskFailed' && taskId === tree.ids['g']);
    expect((await bench.get(tree.ids['g'])).error).toMatchObject({ code: 'timeout/scope', data: { limit: 'scope' } });
    expect((await bench.get(tree.ids['slow'])).reason).toMatchObject({ code: 'timeout' });
    other.complete();
    expect(await bench.settled(tree)).toBe('completed');
  });
});

describe('the wait for a start', () => {
  it('R-TO-05 fails the task and names the gate that was full', async () => {
    const { bench, clock } = await timed({ config: { engine: { limits: { executors: { work: 1 } } } } });
    const tree = await bench.begin([{ name: 'root' }, task('first'), task('second', { queueTimeoutMs: 300 })]);
    const first = await bench.work.started('first');
    clock.advance(299);
    expect((await bench.get(tree.ids['second'])).status).toBe('ready');
    expect((await bench.call('tasks.explain', { taskId: tree.ids['second'] ?? '' })).summary).toMatch(
      /throttled: executor:work 1\/1; it fails unless it has started by /,
    );
    clock.advance(1);
    await bench.event(tree, ({ type }) => type === 'TaskFailed');
    expect((await bench.get(tree.ids['second'])).error).toMatchObject({
      code: 'timeout/queue',
      message: expect.stringContaining('executor:work was full'),
      data: { limit: 'queue', limitMs: 300, waitedMs: 300, gate: 'executor:work' },
    });
    first.complete();
    expect(await bench.settled(tree)).toBe('failed');
    expect(bench.work.starts).toEqual(['first/1']);
  });

  it('begins the fallback, which starts once, at the gates of its own executor', async () => {
    const { bench, clock } = await timed({ config: { engine: { limits: { executors: { work: 1 } } } } });
    const fallback = { executor: 'echo', inputs: { because: '${{ error.code }}' } };
    const tree = await bench.begin([
      { name: 'root' },
      task('first'),
      task('second', { queueTimeoutMs: 300 }, { fallback }),
    ]);
    const first = await bench.work.started('first');
    clock.advance(300);
    await bench.event(tree, ({ type }) => type === 'RetryScheduled');
    clock.advance(0);
    await bench.event(tree, ({ type, taskId }) => type === 'TaskCompleted' && taskId === tree.ids['second']);
    expect(await bench.get(tree.ids['second'])).toMatchObject({ attempt: 1, outputPort: 'fallback' });
    first.complete();
    expect(await bench.settled(tree)).toBe('completed');
    expect(bench.engine.gates().filter(({ used }) => used > 0)).toEqual([]);
  });
});

describe('an error that ends the run', () => {
  it('R-RT-06 cancels what runs, undoes, cleans up, and fails the run with its cause', async () => {
    const { bench } = await timed();
    const tree = await bench.begin([
      { name: 'root' },
      task('done', {}, { compensate: { executor: 'work' } }),
      task('a', { retry }, { dependencies: ['done'], fallback: { output: 1 } }),
      task('b', {}, { dependencies: ['done'] }),
      task('sweep', {}, { finally: true }),
    ]);
    (await bench.work.started('done')).complete();
    const [a, b] = await Promise.all([bench.work.started('a'), bench.work.started('b')]);
    a.fail(new FatalError('The key was taken back', { code: 'auth/revoked' }));
    await b.aborted;
    (await bench.work.started('Compensation of done')).complete();
    (await bench.work.started('sweep')).complete();
    expect(await bench.settled(tree)).toBe('failed');
    const { error } = (await bench.get(tree.treeId)).tree ?? {};
    expect(error).toMatchObject({ code: 'run/fatal', cause: { code: 'auth/revoked', fatal: true } });
    expect(error?.message).toContain(`a (${tree.ids['a']}) ended the run: The key was taken back.`);
    const failures = await bench.call('tasks.failures', { treeId: tree.treeId });
    expect(failures.items.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('limits by the real clock', () => {
  it('R-TO-01 fire never early, and at the limit within 10 ms', async () => {
    const bench = await start();
    const limits = Array.from({ length: 20 }, (_, at) => 100 + 15 * at);
    const policies = (at: number) => (at % 2 === 0 ? { timeoutMs: limits[at] } : { totalTimeoutMs: limits[at] });
    const tree = await bench.begin([{ name: 'root' }, ...limits.map((_, at) => task(`t${at}`, policies(at)))]);
    expect(await bench.settled(tree)).toBe('failed');
    const { items } = await bench.call('tasks.failures', { treeId: tree.treeId });
    const lateMs = items.map(({ error }) => {
      const { ranMs, limitMs } = error.data as { readonly ranMs: number; readonly limitMs: number };
      return ranMs - limitMs;
    });
    expect(lateMs).toHaveLength(limits.length);
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    // A busy machine wakes some late; the engine itself must not.
    expect(lateMs.toSorted((a, b) => a - b)[4]).toBeLessThanOrEqual(10);
  });
});
