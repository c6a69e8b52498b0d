/** Pausing and resuming over RPC (R-CP-08, R-CP-09): what runs, what waits, and what a restart leaves. */
import { describe, expect, it } from 'vitest';
import { start, unstarted } from './bench.fixture.ts';
import { ManualClock, START_MS } from './manual-clock.fixture.ts';

const work = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });
const retry = { strategy: 'fixed' as const, delayMs: 1_000, jitter: 'none' as const, maxAttempts: 5 };

describe('pausing a run', () => {
  it('R-CP-08 lets what runs end, starts nothing else, and says why; resume goes on from there', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a'), work('b', { dependencies: ['a'] })]);
    const a = await bench.work.started('a');
    const { treeId } = tree;
    const pausing = await bench.call('tasks.pause', { treeId, reason: 'the database moves' });
    expect(pausing).toEqual({ treeId, status: 'pausing', paused: 'pausing' });
    a.complete(1);
    await bench.event(tree, ({ type }) => type === 'TaskPaused');
    expect((await bench.get(treeId)).tree).toMatchObject({
      status: 'paused',
      pauses: [{ taskId: treeId, status: 'paused', reason: 'the database moves', drainUntil: null }],
    });
    expect(await bench.explain(tree.ids['b'])).toMatch(
      /^b waits: root is paused by local \(rpc\) since .* \(the database moves\)$/,
    );
    expect(await bench.call('tasks.explain', { taskId: tree.ids['b'] ?? '' })).toMatchObject({
      status: 'ready',
      blockedBy: [{ kind: 'pause', taskId: treeId, name: 'root', status: 'paused', reason: 'the database moves' }],
    });
    expect(await bench.call('system.health', {})).toMatchObject({ activeRuns: 0, pausedRuns: 1, readyTasks: 1 });
    const { gates } = await bench.call('system.info', {});
    expect(gates).toContainEqual({ gate: `paused:${treeId}`, used: 0, limit: 0, waiting: 1 });
    expect((await bench.call('tasks.list', { status: ['paused'] })).items).toMatchObject([
      { id: treeId, runStatus: 'paused' },
    ]);
    expect(await bench.call('tasks.pause', { taskId: treeId })).toMatchObject({ paused: 'paused' });
    expect((await bench.refusal('tasks.retry', { taskId: treeId })).data?.code).toBe('run/already-running');
    bench.work.on('b', () => 2);
    expect(await bench.call('tasks.resume', { treeId })).toEqual({ treeId, status: 'running', paused: null });
    expect(await bench.settled(tree)).toBe('completed');
    expect(await bench.call('tasks.resume', { treeId })).toEqual({ treeId, status: 'completed', paused: null });
    expect((await bench.refusal('tasks.pause', { taskId: treeId })).data?.code).toBe('task/invalid-transition');
    expect((await bench.refusal('tasks.resume', { taskId: 'nobody' })).data?.code).toBe('task/not-found');
  });

  it('with force releases attempts at once; the same key runs again, and no retry is used up', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a', { policies: { retry: { maxAttempts: 1 } } })]);
    const held = await bench.work.started('a');
    void held.aborted.then(() => held.fail(new Error('let go')));
    expect(await bench.call('tasks.pause', { taskId: tree.treeId, force: true })).toMatchObject({ paused: 'paused' });
    expect(await held.aborted).toMatchObject({ code: 'paused' });
    expect(await bench.statuses(tree)).toMatchObject({ a: 'ready' });
    bench.work.on('a', ({ ctx }) => ctx.idempotencyKey);
    await bench.call('tasks.resume', { taskId: tree.treeId });
    expect(await bench.settled(tree)).toBe('completed');
    expect((await bench.get(tree.ids['a'])).output).toBe(held.ctx.idempotencyKey);
    expect(bench.work.starts).toEqual(['a/1', 'a/2']);
  });

  it('with a drain time releases them after it, by a timer', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const tree = await bench.begin([{ name: 'root' }, work('a')]);
    const held = await bench.work.started('a');
    void held.aborted.then(() => held.fail(new Error('let go')));
    await bench.call('tasks.pause', { taskId: tree.treeId, drainTimeoutMs: 5_000 });
    clock.advance(4_999);
    expect((await bench.get(tree.treeId)).tree?.pauses).toMatchObject([{ status: 'pausing' }]);
    clock.advance(1);
    await bench.event(tree, ({ type }) => type === 'TaskPaused');
    expect(held.ctx.signal.aborted).toBe(true);
  });

  it('R-CP-09 a back-off and the budget go on after it where they were', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const tree = await bench.begin([{ name: 'root' }, work('a', { policies: { retry } })], {
      policies: { runTimeoutMs: 1_500 },
    });
    (await bench.work.started('a')).fail(new Error('not yet'));
    await bench.event(tree, ({ type }) => type === 'RetryScheduled');
    clock.advance(400);
    await bench.call('tasks.pause', { taskId: tree.treeId });
    clock.advance(3_600_000);
    await bench.call('tasks.resume', { taskId: tree.treeId });
    const movedMs = START_MS + 3_600_000;
    expect((await bench.get(tree.ids['a'])).dueAt).toBe(new Date(movedMs + 1_000).toISOString());
    expect((await bench.get(tree.treeId)).tree?.deadlineAt).toBe(new Date(movedMs + 1_500).toISOString());
    clock.advance(599);
    expect(bench.work.starts).toEqual(['a/1']);
    clock.advance(1);
    await bench.work.started('a', 2);
    clock.advance(500);
    expect(await bench.settled(tree)).toBe('failed');
  });

  it('is ended by a cancellation; no timer starts anything afterwards', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const tree = await bench.begin([{ name: 'root' }, work('a', { policies: { retry } }), work('b')]);
    (await bench.work.started('a')).fail(new Error('not yet'));
    await bench.work.started('b');
    await bench.event(tree, ({ type }) => type === 'RetryScheduled');
    await bench.call('tasks.pause', { taskId: tree.treeId, drainTimeoutMs: 10_000 });
    await bench.call('tasks.cancel', { taskId: tree.treeId, force: true });
    expect(await bench.settled(tree)).toBe('cancelled');
    clock.advance(100_000);
    expect(await bench.call('tasks.resume', { taskId: tree.treeId })).toMatchObject({ status: 'cancelled' });
    expect(bench.work.starts).toEqual(['a/1', 'b/1']);
    expect((await bench.get(tree.treeId)).tree?.pauses).toEqual([]);
  });

  it('R-CP-10 stays paused over a restart, with its clocks', async () => {
    const clock = new ManualClock();
    const first = await start({ clock });
    const tree = await first.begin([
      { name: 'root' },
      work('a', { policies: { retry } }),
      work('b'),
      work('c', { dependencies: ['b'] }),
    ]);
    (await first.work.started('a')).fail(new Error('not yet'));
    await first.event(tree, ({ type }) => type === 'RetryScheduled');
    const b = await first.work.started('b');
    await first.call('tasks.pause', { taskId: tree.treeId, reason: 'over night' });
    b.complete(1);
    await first.event(tree, ({ type }) => type === 'TaskPaused');
    await first.stop();

    const second = await unstarted({ dir: first.dir, clock: new ManualClock(START_MS + 10_000_000) });
    second.work.on(undefined, ({ name }) => name);
    await second.local.start();
    expect((await second.get(tree.treeId)).tree).toMatchObject({
      status: 'paused',
      pauses: [{ reason: 'over night' }],
    });
    expect(await second.statuses(tree)).toEqual({ root: 'running', a: 'waiting', b: 'completed', c: 'ready' });
    expect(second.work.starts).toEqual([]);
    await second.call('tasks.resume', { taskId: tree.treeId });
    await second.event(tree, ({ type, taskId }) => type === 'TaskCompleted' && taskId === tree.ids['c']);
    expect((await second.get(tree.ids['a'])).dueAt).toBe(new Date(START_MS + 10_001_000).toISOString());
  });

  it('of a sub-tree leaves the run as it is', async () => {
    const bench = await start();
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'group', parentId: 'root' },
      { name: 'a', parentId: 'group', executor: 'work' },
      { name: 'b', parentId: 'group', executor: 'work', dependencies: ['a'] },
      work('other'),
    ]);
    const [a, other] = await Promise.all([bench.work.started('a'), bench.work.started('other')]);
    const group = tree.ids['group'] ?? '';
    expect(await bench.call('tasks.pause', { taskId: group })).toMatchObject({ status: 'running', paused: 'pausing' });
    a.complete(1);
    await bench.event(tree, ({ type }) => type === 'TaskPaused');
    other.complete(1);
    expect(await bench.statuses(tree)).toMatchObject({ b: 'ready', group: 'running' });
    expect(await bench.explain(tree.ids['b'])).toMatch(/group is paused by local \(rpc\) since/);
    expect((await bench.get(tree.treeId)).tree).toMatchObject({ status: 'running', pauses: [{ taskId: group }] });
    bench.work.on('b', () => 1);
    await bench.call('tasks.resume', { taskId: group });
    expect(await bench.settled(tree)).toBe('completed');
  });
});
