/** What can be watched while it happens (R-PR-01 to R-PR-10): subscriptions, progress, what runs now. */
import type { RunEvent } from '@coppice/core';
import type { Notification, NotificationParams } from '@coppice/protocol';
import { describe, expect, it } from 'vitest';
import { start, type Bench, type Tasks } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const members = (count: number): Tasks => [
  { name: 'root' },
  ...Array.from({ length: count }, (_, index) => ({ name: `t${index}`, parentId: 'root', executor: 'work' })),
];

type Notifications = { readonly [Name in Notification['method']]: NotificationParams<Name>[] };

/** Everything sent to the embedding program, by method, and a way to wait for the end of a subscription. */
function listen(bench: Bench): {
  readonly sent: Notifications;
  readonly ended: (subscriptionId: string) => Promise<void>;
} {
  const sent: Notifications = {
    'tasks.event': [],
    'tasks.progress': [],
    'tasks.deleted': [],
    'holds.changed': [],
    'limits.alert': [],
    'tasks.subscriptionEnded': [],
  };
  const waiting = new Map<string, () => void>();
  bench.local.onNotification(({ method, params }) => {
    (sent[method] as unknown[]).push(params);
    if (method === 'tasks.subscriptionEnded') waiting.get(params.subscriptionId)?.();
  });
  return {
    sent,
    ended: (subscriptionId) =>
      new Promise((resolve) => {
        if (sent['tasks.subscriptionEnded'].some((end) => end.subscriptionId === subscriptionId)) resolve();
        else waiting.set(subscriptionId, resolve);
      }),
  };
}

describe('subscriptions', () => {
  it('R-PR-02 R-PR-03 replay, then live, without gap or repetition, and end with the run', async () => {
    const bench = await start();
    const { sent, ended } = listen(bench);
    const tree = await bench.begin(members(5));
    (await bench.work.started('t0')).complete();
    await bench.event(tree, ({ type }) => type === 'TaskCompleted');
    const { subscriptionId } = await bench.call('tasks.subscribe', { treeId: tree.treeId, afterSeq: 2 });
    for (let n = 1; n < 5; n++) (await bench.work.started(`t${n}`)).complete();
    await ended(subscriptionId);
    const stored = await bench.call('tasks.events', { treeId: tree.treeId, afterSeq: 2 });
    expect(sent['tasks.event'].map(({ event }) => event)).toEqual(stored.items);
    expect(sent['tasks.subscriptionEnded']).toEqual([
      { subscriptionId, reason: 'runEnded', treeId: tree.treeId, lastSeq: stored.lastSeq },
    ]);
    expect(await bench.call('tasks.unsubscribe', { subscriptionId })).toEqual({ ended: false });
  });

  it('R-PR-02 of a run that has ended: replay and end at once; unknown trees are refused', async () => {
    const bench = await start();
    const { sent, ended } = listen(bench);
    const tree = await bench.run([{ name: 'root', executor: 'echo' }]);
    const { subscriptionId } = await bench.call('tasks.subscribe', { treeId: tree.treeId, afterSeq: 0 });
    await ended(subscriptionId);
    expect(sent['tasks.event'].map(({ event }) => event.type)).toEqual(
      (await bench.events(tree)).map(({ type }) => type),
    );
    expect((await bench.refusal('tasks.subscribe', { treeId: 'nobody' })).code).toBe(-32001);
  });

  it('R-PR-04 a slow subscriber delays neither the run nor others, and misses nothing', async () => {
    const bench = await start();
    bench.work.on(undefined, () => null);
    const slow: number[] = [];
    let go = (): void => {};
    const wait = new Promise<void>((resolve) => (go = resolve));
    const tree = await bench.create(members(1_500));
    const isDone = new Promise<void>((resolve) => {
      bench.engine.subscribe(
        { treeId: tree.treeId, afterSeq: 0 },
        {
          event: async (_treeId, { seq }) => {
            if (slow.length === 0) await wait;
            slow.push(seq);
          },
          end: () => resolve(),
        },
      );
    });
    const fast: number[] = [];
    bench.engine.subscribe({ treeId: tree.treeId, afterSeq: 0 }, { event: (_treeId, { seq }) => void fast.push(seq) });
    await bench.call('tasks.execute', { taskId: tree.treeId, wait: true });
    const seqs = (await bench.events(tree)).map(({ seq }) => seq);
    await bench.event(tree, ({ type }) => type === 'RunCompleted');
    expect(fast).toEqual(seqs);
    expect(slow).toEqual([]);
    go();
    await isDone;
    expect(slow).toEqual(seqs);
  });

  it('R-PR-04 one that throws, now or later, is let go and logged; the run and the others go on', async () => {
    const bench = await start();
    const tree = await bench.create([{ name: 'root', executor: 'echo' }]);
    const { treeId } = tree;
    const seen: string[] = [];
    const throws = (): never => {
      throw new Error('sync');
    };
    bench.engine.subscribe({ treeId, afterSeq: 0 }, { event: throws });
    bench.engine.subscribe({ treeId }, { event: () => Promise.reject(new Error('async')) });
    bench.engine.subscribe({ treeId }, { event: () => {}, progress: throws });
    bench.engine.subscribe({ treeId }, { event: () => {}, end: throws });
    bench.engine.subscribe({ treeId }, { event: (_id, { type }) => void seen.push(type) });
    const { status } = await bench.call('tasks.execute', { taskId: treeId, wait: true });
    expect(status).toBe('completed');
    expect(seen.at(-1)).toBe('RunCompleted');
    const failed = bench.log.filter(({ message }) => /^A subscri(ber|ption) failed/.test(message));
    expect(failed.map(({ fields }) => String(fields['error'])).sort()).toEqual(['async', 'sync', 'sync', 'sync']);
  });

  it('R-PR-04 after unsubscribe nothing more comes, and 1,000 cycles leave nothing behind', async () => {
    const bench = await start({ config: { limits: { subscriptionsPerConnection: 2 } } });
    const { sent } = listen(bench);
    const tree = await bench.begin(members(2));
    for (let cycle = 0; cycle < 1_000; cycle++) {
      const { subscriptionId } = await bench.call('tasks.subscribe', cycle % 2 === 0 ? {} : { treeId: tree.treeId });
      expect(await bench.call('tasks.unsubscribe', { subscriptionId })).toEqual({ ended: true });
    }
    (await bench.work.started('t0')).complete();
    (await bench.work.started('t1')).complete();
    expect(await bench.settled(tree)).toBe('completed');
    expect(sent['tasks.event']).toEqual([]);
    // The limit of open ones counts the open ones only.
    await bench.call('tasks.subscribe', {});
    await bench.call('tasks.subscribe', {});
    expect((await bench.refusal('tasks.subscribe', {})).code).toBe(-32013);
  });

  it('R-PR-02 to all trees, or those of a user', async () => {
    const bench = await start();
    const { sent } = listen(bench);
    const all = await bench.call('tasks.subscribe', {});
    const anna = await bench.call('tasks.subscribe', { userId: 'anna' });
    const trees = [];
    for (const userId of ['anna', 'bert'])
      trees.push(await bench.run([{ name: userId, executor: 'echo' }], { userId }));
    await new Promise((resolve) => setImmediate(resolve));
    const of = (id: string): Set<string> =>
      new Set(
        sent['tasks.event'].filter(({ subscriptionId }) => subscriptionId === id).map(({ event }) => event.treeId),
      );
    expect(of(all.subscriptionId)).toEqual(new Set(trees.map(({ treeId }) => treeId)));
    expect(of(anna.subscriptionId)).toEqual(new Set([trees[0]?.treeId]));
  });

  it('R-PR-02 tell that a tree was deleted, by whomever; what was about that tree alone ends', async () => {
    const bench = await start();
    const { sent, ended } = listen(bench);
    const all = await bench.call('tasks.subscribe', {});
    const { treeId } = await bench.call('tasks.create', { tasks: [{ name: 'once', executor: 'echo' }] });
    const one = await bench.call('tasks.subscribe', { treeId });
    await bench.call('tasks.delete', { taskId: treeId });
    await ended(one.subscriptionId);
    const told = sent['tasks.deleted'].map((params) => `${params.subscriptionId} ${params.treeId}`);
    expect(told.toSorted()).toEqual([one, all].map(({ subscriptionId }) => `${subscriptionId} ${treeId}`).toSorted());
    expect(sent['tasks.subscriptionEnded']).toMatchObject([
      { subscriptionId: one.subscriptionId, reason: 'deleted', treeId },
    ]);
  });

  it('R-CP-09 tell those that follow all trees what is held, when a hold is set and when it is released', async () => {
    const bench = await start();
    const { sent } = listen(bench);
    const { treeId } = await bench.call('tasks.create', { tasks: [{ name: 'once', executor: 'echo' }] });
    await bench.call('tasks.subscribe', { treeId });
    const { subscriptionId } = await bench.call('tasks.subscribe', {});
    const { items } = await bench.call('holds.set', { executor: 'echo', reason: 'moved' });
    await bench.call('holds.set', { executor: 'echo' });
    await bench.call('holds.release', { executor: 'echo' });
    await expect
      .poll(() => sent['holds.changed'])
      .toEqual([
        { subscriptionId, items },
        { subscriptionId, items: [] },
      ]);
    expect(items).toMatchObject([{ target: { of: 'executor', name: 'echo' }, reason: 'moved' }]);
  });

  it('R-LM-06 tell, once, of a line at a gate of which none has started for long, until one has', async () => {
    const bench = await start({ config: { engine: { limits: { executors: { work: 1 } }, starvingAfterMs: 40 } } });
    const { sent } = listen(bench);
    await bench.call('tasks.subscribe', {});
    await bench.begin(members(3));
    const first = await bench.work.started('t0');
    const alerts = () => sent['limits.alert'].map(({ alert }) => alert);
    await expect.poll(alerts).toMatchObject([
      {
        kind: 'starving',
        gate: 'executor:work',
        used: 1,
        limit: 1,
        waiting: 2,
        first: { name: 't1', treeName: 'root', place: 1 },
      },
    ]);
    expect(alerts()[0]?.waitedMs).toBeGreaterThanOrEqual(40);
    const [gate] = (await bench.call('limits.get', { gate: 'executor:work' })).items;
    expect(gate).toMatchObject({ starving: 1, stats: { starts: 1, waits: 0 } });
    first.complete();
    await bench.work.started('t1');
    await expect.poll(() => alerts().map((alert) => alert.first?.name)).toEqual(['t1', 't2']);
    const { stats } = (await bench.call('limits.get', { gate: 'executor:work' })).items[0] ?? {};
    expect(stats).toMatchObject({ starts: 2, waits: 1 });
    expect(stats?.longestMs).toBeGreaterThanOrEqual(40);
    expect(stats?.histogram.reduce((sum, { waits }) => sum + waits, 0)).toBe(1);
  });
});

describe('progress', () => {
  it('R-PR-06 R-PR-07 rises from 0 to 100 % without falling, once per change, with counts; also over failures and skips', async () => {
    const bench = await start();
    const { sent, ended } = listen(bench);
    bench.work.on('t1', () => {
      throw new Error('told to');
    });
    bench.work.on(undefined, () => null);
    const skipped = { name: 'skipped', parentId: 'root', executor: 'work', dependencies: ['t1'] };
    const tree = await bench.create([...members(20), skipped], { policies: { concurrency: 1 } });
    const { subscriptionId } = await bench.call('tasks.subscribe', { treeId: tree.treeId });
    await bench.call('tasks.execute', { taskId: tree.treeId });
    await ended(subscriptionId);
    const seen = sent['tasks.progress'].map(({ progress }) => progress);
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions[0]).toBe(0);
    expect(new Set(fractions).size).toBeGreaterThan(20);
    for (const { counts, total, fraction } of seen) {
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(total);
      const { completed, failed, skipped, cancelled } = counts;
      expect(fraction).toBeCloseTo((completed + failed + skipped + cancelled) / total, 10);
    }
    expect(seen.at(-1)?.counts).toMatchObject({ completed: 19, failed: 2, skipped: 1 });
    expect((await bench.get(tree.treeId)).tree?.fraction).toBe(1);
  });

  it('R-PR-08 the estimate is null until something has ended, and then follows durations and parallelism', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const tree = await bench.begin(members(4), { policies: { concurrency: 2 } });
    await bench.work.started('t1');
    expect((await bench.engine.progress(tree.treeId))?.etaMs).toBeNull();
    clock.advance(1_000);
    (await bench.work.started('t0')).complete();
    await bench.work.started('t2');
    // Three of about a second each are left, two at a time.
    expect(await bench.engine.progress(tree.treeId)).toMatchObject({ etaMs: 1_500, etaBasis: 'work' });
    for (const name of ['t1', 't2', 't3']) (await bench.work.started(name)).complete();
    await bench.settled(tree);
    expect(await bench.engine.progress(tree.treeId)).toMatchObject({ fraction: 1, etaMs: null });
  });

  it('R-PR-08 the estimate is never below the longest chain, and says which bound it is', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const [root, t0, side, t1, t2, t3] = members(5) as [object, object, object, object, object, object];
    const after = (task: object, name: string): object => ({ ...task, dependencies: [name] });
    const chain = [root, t0, after(side, 't0'), after(t1, 't0'), after(t2, 't2'), after(t3, 't3')];
    const tree = await bench.begin(chain);
    const first = await bench.work.started('t0');
    clock.advance(1_000);
    first.complete();
    await bench.work.started('t2');
    // Four of about a second each are left, two at a time; three of them one after the other.
    const progress = await bench.engine.progress(tree.treeId);
    expect(progress).toMatchObject({ etaMs: 3_000, etaBasis: 'criticalPath' });
    for (const name of ['t1', 't2', 't3', 't4']) (await bench.work.started(name)).complete();
    await bench.settled(tree);
  });
});

describe('what is', () => {
  it('R-PR-01 R-PR-05 tasks pass through legal statuses with start, end and error; events tell them in order', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const tree = await bench.begin([{ name: 'root', executor: 'work' }]);
    const held = await bench.work.started('root');
    expect(await bench.get(tree.treeId)).toMatchObject({
      status: 'running',
      startedAt: expect.any(String),
      endedAt: null,
    });
    clock.advance(1_500);
    held.fail(new Error('told to'));
    await bench.settled(tree);
    const { startedAt, endedAt, error } = await bench.get(tree.treeId);
    expect(Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')).toBe(1_500);
    expect(error).toMatchObject({ code: 'executor/failed', message: 'told to' });
    const { items } = await bench.call('tasks.events', { treeId: tree.treeId });
    expect(items.map(({ type, seq }) => [seq, type])).toEqual([
      [1, 'TreeCreated'],
      [2, 'RunStarted'],
      [3, 'TaskStarted'],
      [4, 'TaskFailed'],
      [5, 'RunFailed'],
    ]);
  });

  it('R-PR-09 running.list and running.count name what runs now, by tree and user', async () => {
    const bench = await start();
    const anna = await bench.begin(members(2), { userId: 'anna' });
    const bert = await bench.begin([{ name: 'solo', executor: 'work' }], { userId: 'bert' });
    await Promise.all(['t0', 't1', 'solo'].map((name) => bench.work.started(name)));
    const { items } = await bench.call('tasks.running.list', {});
    expect(items.map(({ name, userId, attempt }) => [name, userId, attempt])).toEqual([
      ['t0', 'anna', 1],
      ['t1', 'anna', 1],
      ['solo', 'bert', 1],
    ]);
    expect(await bench.call('tasks.running.count', { treeId: anna.treeId })).toEqual({ count: 2 });
    expect(await bench.call('tasks.running.count', { userId: 'bert' })).toEqual({ count: 1 });
    (await bench.work.started('solo')).complete();
    await bench.settled(bert);
    expect(await bench.call('tasks.running.count', {})).toEqual({ count: 2 });
    expect(await bench.call('system.health', {})).toMatchObject({ activeRuns: 1, runningTasks: 2, readyTasks: 0 });
  });

  it('R-PR-10 what queries show is never half an update: counts and statuses agree at every moment', async () => {
    const bench = await start();
    bench.work.on(undefined, async () => {
      await new Promise((resolve) => setImmediate(resolve));
    });
    const tree = await bench.begin(members(300), { policies: { concurrency: 7 } });
    let hasEnded = false;
    const settled = bench.settled(tree).then(() => (hasEnded = true));
    while (!hasEnded) {
      const top = await bench.call('tasks.get', { taskId: tree.treeId });
      const counts: Readonly<Record<string, number>> = top.tree?.counts ?? {};
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(301);
      expect(counts['running']).toBeLessThanOrEqual(8);
    }
    await settled;
    const events: readonly RunEvent[] = await bench.events(tree);
    expect(events.filter(({ type }) => type === 'TaskStarted')).toHaveLength(300);
  });
});
