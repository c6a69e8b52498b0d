/** Holding the engine over RPC, for maintenance: what starts, what is told, and what a restart leaves. */
import { describe, expect, it } from 'vitest';
import { start, unstarted } from './bench.fixture.ts';

const work = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });

const LOCAL = { userId: 'local', face: 'rpc' };

describe('a hold', () => {
  it('of everything lets what runs go on and nothing else start, says why, and ends by its release', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a'), work('b', { dependencies: ['a'] })]);
    const a = await bench.work.started('a');
    const set = await bench.call('holds.set', { reason: 'the disk is changed' });
    expect(set).toMatchObject({
      changed: true,
      items: [{ target: { of: 'everything' }, by: LOCAL, reason: 'the disk is changed' }],
    });
    expect(await bench.call('holds.set', { reason: 'again' })).toMatchObject({ changed: false });
    a.complete(1);
    await bench.event(tree, ({ type }) => type === 'TaskCompleted');
    expect(await bench.explain(tree.ids['b'])).toMatch(
      /^b waits: local \(rpc\) holds everything since .* \(the disk is changed\)$/,
    );
    expect(await bench.call('tasks.explain', { taskId: tree.ids['b'] ?? '' })).toMatchObject({
      blockedBy: [{ kind: 'hold', target: { of: 'everything' }, by: LOCAL, reason: 'the disk is changed' }],
    });
    expect(await bench.call('system.health', {})).toMatchObject({ holdCount: 1, activeRuns: 1, readyTasks: 1 });
    const { gates } = await bench.call('system.info', {});
    expect(gates).toContainEqual({ gate: 'hold', used: 0, limit: 0, waiting: 1 });
    bench.work.on('b', () => 2);
    expect(await bench.call('holds.release', {})).toEqual({ changed: true, items: [] });
    expect(await bench.settled(tree)).toBe('completed');
    expect(bench.work.starts).toEqual(['a/1', 'b/1']);
    expect((await bench.call('holds.history', {})).items).toMatchObject([
      { seq: 1, type: 'HoldSet', by: LOCAL, reason: 'the disk is changed' },
      { seq: 2, type: 'HoldReleased', by: LOCAL, reason: null },
    ]);
    expect((await bench.call('holds.history', { afterSeq: 1 })).items).toHaveLength(1);
  });

  it('of an executor type, or of a tag with all below it, leaves the rest alone', async () => {
    const bench = await start();
    await bench.call('holds.set', { tag: 'nightly' });
    await bench.call('holds.set', { executor: 'echo' });
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'group', parentId: 'root', tags: ['nightly'] },
      { name: 'inner', parentId: 'group', executor: 'work' },
      { name: 'echoed', parentId: 'root', executor: 'echo' },
      work('free'),
    ]);
    (await bench.work.started('free')).complete(1);
    await bench.event(tree, ({ type }) => type === 'TaskCompleted');
    expect(await bench.statuses(tree)).toMatchObject({ inner: 'ready', echoed: 'ready', free: 'completed' });
    expect(await bench.explain(tree.ids['inner'])).toMatch(/holds tag nightly since/);
    expect(await bench.explain(tree.ids['echoed'])).toMatch(/holds executor echo since/);
    bench.work.on('inner', () => 1);
    await bench.call('holds.release', { tag: 'nightly' });
    await bench.event(tree, ({ type, taskId }) => type === 'TaskCompleted' && taskId === tree.ids['inner']);
    expect(await bench.statuses(tree)).toMatchObject({ echoed: 'ready' });
    await bench.call('holds.release', { executor: 'echo' });
    expect(await bench.settled(tree)).toBe('completed');
  });

  it('R-CP-10 outlives a restart: nothing that the former process left starts before its release', async () => {
    const first = await start();
    const tree = await first.begin([{ name: 'root' }, work('a'), work('b', { dependencies: ['a'] })]);
    const a = await first.work.started('a');
    await first.call('holds.set', { reason: 'over night' });
    a.complete(1);
    await first.event(tree, ({ type }) => type === 'TaskCompleted');
    await first.stop();

    const second = await unstarted({ dir: first.dir });
    second.work.on(undefined, () => 1);
    await second.local.start();
    expect((await second.call('holds.list', {})).items).toMatchObject([{ reason: 'over night' }]);
    expect(await second.explain(tree.ids['b'])).toMatch(/over night/);
    const other = await second.begin([{ name: 'root', executor: 'work' }]);
    expect(await second.explain(other.treeId)).toMatch(/over night/);
    expect(second.work.starts).toEqual([]);
    await second.call('holds.release', {});
    expect(await Promise.all([second.settled(tree), second.settled(other)])).toEqual(['completed', 'completed']);
  });

  it('refuses an executor that nobody has contributed, and a hold of two things at once', async () => {
    const bench = await start();
    const unknown = await bench.refusal('holds.set', { executor: 'wrk' });
    expect(unknown).toMatchObject({ data: { code: 'executor/not-found' } });
    expect(unknown.message).toContain('Did you mean "work"?');
    const two: object = { executor: 'work', tag: 'nightly' };
    const both = await bench.refusal('holds.set', two);
    expect(both.data?.code).toBe('rpc/invalid-params');
    expect((await bench.call('holds.list', {})).items).toEqual([]);
    expect(await bench.call('holds.release', { executor: 'wrk' })).toEqual({ changed: false, items: [] });
  });
});
