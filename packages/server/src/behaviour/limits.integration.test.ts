/** Limits that are changed over RPC while tasks run: what starts, what is told, and what a restart leaves. */
import { describe, expect, it } from 'vitest';
import { newDir, start } from './bench.fixture.ts';

const members = (count: number) => [
  { name: 'root' },
  ...Array.from({ length: count }, (_, at) => ({ name: `t${at}`, parentId: 'root', executor: 'work' })),
];

const LOCAL = { userId: 'local', face: 'rpc' };

describe('limits.set', () => {
  it('holds from the next admission on, ends nothing, is told with who and why, and outlives a restart', async () => {
    const dir = await newDir();
    const bench = await start({ dir, config: { engine: { limits: { executors: { work: 2 } } } } });
    const tree = await bench.begin(members(6));
    const [first, second] = [await bench.work.started('t0'), await bench.work.started('t1')];
    expect(await bench.call('limits.set', { gate: 'executor:work', limit: 1, reason: 'slow' })).toMatchObject({
      changed: true,
      items: [
        { gate: 'executor:work', used: 2, limit: 1, waiting: 4, configured: 2, set: { by: LOCAL, reason: 'slow' } },
      ],
    });
    expect(await bench.call('limits.set', { gate: 'executor:work', limit: 1 })).toMatchObject({ changed: false });
    first.complete();
    await bench.event(tree, ({ type }) => type === 'TaskCompleted');
    expect(bench.work.starts).toEqual(['t0/1', 't1/1']);
    second.complete();
    const third = await bench.work.started('t2');
    expect(await bench.call('tasks.explain', { taskId: tree.ids['t5'] ?? '' })).toMatchObject({
      summary: 't5 waits: throttled: executor:work 1/1',
      blockedBy: [{ gate: 'executor:work', demand: 1, place: 3, waiting: 3 }],
    });
    // Who waits, in order, with the tree it belongs to (R-LM-12).
    expect((await bench.call('limits.get', { gate: 'executor:work' })).items[0]?.waiters).toMatchObject(
      ['t3', 't4', 't5'].map((name, at) => ({ name, treeName: 'root', treeId: tree.treeId, place: at + 1 })),
    );
    third.complete();
    await bench.work.started('t3');
    await bench.stop();

    const again = await start({ dir, config: { engine: { limits: { executors: { work: 2 } } } } });
    await again.work.started('t3', 2);
    expect((await again.call('limits.get', { gate: 'executor:' })).items).toMatchObject([{ used: 1, limit: 1 }]);
    await again.call('limits.set', { gate: 'executor:work', limit: 'configured' });
    await again.work.started('t4');
    expect(await again.call('limits.history', {})).toMatchObject({
      items: [
        { seq: 1, gate: 'executor:work', limit: 1, by: LOCAL, reason: 'slow' },
        { seq: 2, gate: 'executor:work', limit: 'configured', by: LOCAL, reason: null },
      ],
    });
    expect(await again.call('holds.history', {})).toEqual({ items: [] });
  });

  it('limits what was unlimited, from what runs already; 0 lets nothing start', async () => {
    const bench = await start();
    await bench.begin(members(3));
    const held = await Promise.all(['t0', 't1', 't2'].map((name) => bench.work.started(name)));
    await bench.call('limits.set', { gate: 'global', limit: 0 });
    const later = await bench.begin([{ name: 'later', executor: 'work' }]);
    expect((await bench.call('limits.get', {})).items).toMatchObject([
      { gate: 'global', used: 3, limit: 0, waiting: 1, configured: null },
    ]);
    for (const each of held) each.complete();
    expect(await bench.explain(later.treeId)).toBe('later waits: throttled: global 0/0');
    await bench.call('limits.set', { gate: 'global', limit: 'unlimited' });
    (await bench.work.started('later')).complete();
    expect(await bench.settled(later)).toBe('completed');
  });

  it('sets rates and limits of tags, which outlive a restart (R-LM-02)', async () => {
    const dir = await newDir();
    const bench = await start({ dir });
    await bench.call('limits.set', { gate: 'rate:api', limit: { count: 1, perMs: 3_600_000 } });
    const rates = ['${{ task.key.startsWith("t") ? "api" : "none" }}'];
    const tree = await bench.begin(members(2).map((task) => ('executor' in task ? { ...task, rates } : task)));
    await bench.work.started('t0');
    expect(await bench.explain(tree.ids['t1'] ?? '')).toBe('t1 waits: throttled: rate:api 1/1');
    const [gate] = (await bench.call('limits.get', { gate: 'rate:api' })).items;
    expect(gate).toMatchObject({
      limit: 1,
      rate: { count: 1, perMs: 3_600_000, burst: 1 },
      configured: null,
      configuredRate: null,
      waiting: 1,
    });
    expect(Date.parse(gate?.freeAt ?? '')).toBeGreaterThan(Date.now());
    await bench.call('limits.set', { gate: 'rate:api', limit: { count: 1_000, burst: 5 } });
    await bench.work.started('t1');

    // Running attempts count where their tag is limited now.
    const tagged = await bench.begin([
      { name: 'group', tags: ['night'] },
      ...['g0', 'g1'].map((name) => ({ name, parentId: 'group', executor: 'work' })),
    ]);
    const held = await Promise.all(['g0', 'g1'].map((name) => bench.work.started(name)));
    const set = await bench.call('limits.set', { gate: 'tag:night', limit: 1 });
    expect(set.items).toMatchObject([{ gate: 'tag:night', used: 2, limit: 1 }]);
    const other = await bench.begin([{ name: 'other', executor: 'work', tags: ['night'] }]);
    held[0]?.complete();
    await bench.event(tagged, ({ type }) => type === 'TaskCompleted');
    expect(await bench.explain(other.treeId)).toBe('other waits: throttled: tag:night 1/1');
    held[1]?.complete();
    await bench.work.started('other');
    await bench.stop();

    const again = await start({ dir });
    await again.work.started('other', 2);
    expect((await again.call('limits.get', { gate: 'tag:' })).items).toMatchObject([{ used: 1, limit: 1 }]);
    expect((await again.call('limits.get', { gate: 'rate:' })).items).toMatchObject([
      { rate: { count: 1_000, burst: 5 }, set: { by: LOCAL } },
    ]);
    await expect(again.call('limits.set', { gate: 'rate:api', limit: 3 })).rejects.toThrow(/must be a rate/);
  });

  it('is refused for what is no gate or no capacity, and creates nothing above a capacity that was set', async () => {
    const bench = await start();
    const set = (gate: string, limit: number) => bench.call('limits.set', { gate, limit });
    await expect(set('tree:x', 1)).rejects.toThrow(/no gate whose limit can be set/);
    await expect(set('executor:work', 0.5)).rejects.toThrow(/must be a whole number/);
    await set('resource:gpu', 0.5);
    await expect(bench.begin([{ name: 'a', executor: 'work', resources: { gpu: 1 } }])).rejects.toThrow(
      /resource:gpu, whose capacity is 0.5/,
    );
  });
});
