/** Parallelism up to exact limits (R-SC-01, R-SC-02, R-LM-01, R-LM-07, R-LM-09, R-LM-10), priorities (R-SC-20), parity (R-SC-19). */
import { createHash } from 'node:crypto';
import { isTerminal, type Json } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { start, type Bench, type Tasks } from './bench.fixture.ts';

const members = (count: number, more: object = {}): Tasks => [
  { name: 'root' },
  ...Array.from({ length: count }, (_, index) => ({ name: `t${index}`, parentId: 'root', executor: 'work', ...more })),
];

/** Attempts hold their place over a few turns of the event loop, so that any start above a limit would be seen. */
function dawdle(bench: Bench): void {
  bench.work.on(undefined, async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  });
}

describe('limits', () => {
  it('R-SC-01 without limits everything independent is in hand at the same time', async () => {
    const bench = await start();
    const tree = await bench.begin(members(50));
    const held = await Promise.all(Array.from({ length: 50 }, (_, index) => bench.work.started(`t${index}`)));
    expect(bench.work.running).toBe(50);
    for (const each of held) each.complete();
    expect(await bench.settled(tree)).toBe('completed');
  });

  it.each([
    ['of the run', { limits: {}, policies: { concurrency: 5 } }, 5],
    ['of each tree', { limits: { perTree: 4 }, policies: {} }, 4],
    ['of the engine', { limits: { global: 3 }, policies: {} }, 3],
    ['of the executor', { limits: { executors: { work: 2 } }, policies: {} }, 2],
    ['sequential', { limits: {}, policies: { concurrency: 1 } }, 1],
    [
      'the tightest of all',
      { limits: { global: 9, perTree: 6, executors: { work: 7 } }, policies: { concurrency: 8 } },
      6,
    ],
  ])('R-SC-02 %s: reached, and never exceeded by one', async (_, { limits, policies }, expected) => {
    const bench = await start({ config: { engine: { limits } } });
    dawdle(bench);
    const tree = await bench.run(members(100), { policies });
    expect(tree.status).toBe('completed');
    expect(bench.work.starts).toHaveLength(100);
    expect(bench.work.runningMax).toBe(expected);
    const { gates } = await bench.call('system.info', {});
    expect(gates.map(({ used, waiting }) => [used, waiting])).toEqual(gates.map(() => [0, 0]));
  });

  it('R-LM-09 the limit of the engine holds over trees and users, that of a tree for each alone', async () => {
    const bench = await start({ config: { engine: { limits: { global: 5, perTree: 3 } } } });
    dawdle(bench);
    const perTree = new Map<string, number>();
    let perTreeMax = 0;
    const count = (treeId: string, by: number): void => {
      perTree.set(treeId, (perTree.get(treeId) ?? 0) + by);
      perTreeMax = Math.max(perTreeMax, perTree.get(treeId) ?? 0);
    };
    bench.work.on(undefined, async ({ ctx }) => {
      count(ctx.treeId, 1);
      await new Promise((resolve) => setImmediate(resolve));
      count(ctx.treeId, -1);
    });
    await Promise.all(['anna', 'anna', 'bert', 'carl'].map((userId) => bench.run(members(20), { userId })));
    expect({ all: bench.work.runningMax, perTree: perTreeMax }).toEqual({ all: 5, perTree: 3 });
  });

  it('R-LM-01 the executor declares its own limit; configuration wins, and 0 lifts it', async () => {
    for (const [executors, expected] of [
      [{}, 2],
      [{ work: 4 }, 4],
      [{ work: 0 }, 10],
    ] as const) {
      const bench = await start({ config: { engine: { limits: { executors } } }, work: { concurrency: 2 } });
      dawdle(bench);
      await bench.run(members(10));
      expect(bench.work.runningMax).toBe(expected);
      await bench.stop();
    }
  });

  it('R-LM-07 runs of one user wait for each other; other users go on; single users have limits of their own', async () => {
    const bench = await start({ config: { engine: { limits: { perUser: 1, users: { bert: 2, carl: 0 } } } } });
    const begin = (userId: string, name: string) => bench.begin([{ name, executor: 'work' }], { userId });
    const [, anna2] = [await begin('anna', 'anna1'), await begin('anna', 'anna2')];
    for (let n = 1; n <= 3; n++) await begin('bert', `bert${n}`);
    for (let n = 1; n <= 3; n++) await begin('carl', `carl${n}`);
    const last = await bench.work.started('carl3');
    expect(bench.work.starts).toEqual(['anna1/1', 'bert1/1', 'bert2/1', 'carl1/1', 'carl2/1', 'carl3/1']);
    expect(await bench.explain(anna2.treeId)).toBe('anna2 waits: throttled: user:anna 1/1');
    last.complete();
    (await bench.work.started('anna1')).complete();
    (await bench.work.started('bert2')).complete();
    await Promise.all([bench.work.started('anna2'), bench.work.started('bert3')]);
  });

  it('R-LM-07 a run that is retried, and a copy with results, wait for their place like any other run of the user', async () => {
    const bench = await start({ config: { engine: { limits: { perUser: 1 } } } });
    const work = (name: string) => ({ name, executor: 'work' });
    const below = (name: string) => ({ ...work(name), parentId: 'first' });
    const first = await bench.begin([{ name: 'first' }, below('done'), { ...below('broken'), dependencies: ['done'] }]);
    (await bench.work.started('done')).complete();
    (await bench.work.started('broken')).fail(new Error('broken'));
    expect(await bench.settled(first)).toBe('failed');
    await bench.begin([work('other')]);
    const other = await bench.work.started('other');
    await bench.call('tasks.execute', { taskId: first.ids['broken'] ?? '', copy: { mode: 'full' } });
    await bench.call('tasks.retry', { taskId: first.treeId, mode: 'failure' });
    const place = async () => (await bench.call('limits.get', { gate: 'user:local' })).items[0];
    await expect.poll(place).toMatchObject({ used: 1, waiting: 2 });
    other.complete();
    await expect.poll(() => bench.work.starts).toHaveLength(4);
    expect(await place()).toMatchObject({ used: 1, waiting: 1 });
  });

  it('R-LM-10 a lock is held by one attempt of all runs at a time, whoever waits for it says so', async () => {
    const config = { engine: { limits: { locks: { 'db-*': 2 }, resources: { gpu: 1 } } } };
    const bench = await start({ config });
    const begin = (name: string, more: object) =>
      bench.begin([{ name, executor: 'work', ...more }], { inputs: { at: 'eu' } });
    await begin('a', { locks: ['deploy', 'db-${{ inputs.at }}'] });
    const a = await bench.work.started('a');
    const b = await begin('b', { locks: ['deploy'] });
    await begin('c', { locks: ['db-eu'], resources: { gpu: 0.5 } });
    const d = await begin('d', { locks: ['db-eu'], resources: { gpu: 0.75 } });
    const c = await bench.work.started('c');
    expect(await bench.explain(b.treeId)).toBe('b waits: throttled: lock:deploy 1/1');
    expect(await bench.explain(d.treeId)).toBe(
      'd waits: throttled: lock:db-eu 2/2; throttled: resource:gpu 0.5/1, needs 0.75',
    );
    expect((await bench.call('system.info', {})).gates).toContainEqual({
      gate: 'lock:db-eu',
      used: 2,
      limit: 2,
      waiting: 1,
    });
    c.complete();
    (await bench.work.started('d')).complete();
    a.complete();
    (await bench.work.started('b')).complete();
    await expect(begin('e', { resources: { gpu: 2 } })).rejects.toThrow(/resource:gpu, whose capacity is 1/);
  });

  it('R-LM-10 what is over a limit is ready, never refused, and says which gates are full', async () => {
    const bench = await start({ config: { engine: { limits: { global: 1, executors: { work: 1 } } } } });
    const tree = await bench.begin(members(3), { policies: { concurrency: 1 } });
    const first = await bench.work.started('t0');
    const { status, blockedBy, summary } = await bench.call('tasks.explain', { taskId: tree.ids['t2'] ?? '' });
    expect(status).toBe('ready');
    const wait = { demand: 1, place: 2, waiting: 2, oldestWaitMs: expect.any(Number) as number };
    expect(blockedBy).toEqual([
      { kind: 'gate', gate: 'global', used: 1, limit: 1, ...wait },
      { kind: 'gate', gate: `tree:${tree.treeId}`, used: 1, limit: 1, ...wait },
      { kind: 'gate', gate: 'executor:work', used: 1, limit: 1, ...wait },
    ]);
    expect(summary).toMatch(
      /^t2 waits: throttled: global 1\/1; throttled: tree:.* 1\/1; throttled: executor:work 1\/1$/,
    );
    expect(await bench.explain(tree.ids['t0'])).toBe('t0 is running, attempt 1');
    first.complete();
    (await bench.work.started('t1')).complete();
    (await bench.work.started('t2')).complete();
    expect(await bench.settled(tree)).toBe('completed');
  });

  it.each([
    [{ global: -1 }, 'global'],
    [{ perTree: 1.5 }, 'perTree'],
    [{ executors: { work: -2 } }, 'work'],
  ])('R-LM-01 R-SC-02 a limit of %o is refused', async (limits, field) => {
    await expect(start({ config: { engine: { limits } } })).rejects.toThrow(field);
  });

  it('R-SC-02 a negative concurrency of a run is refused, 0 and absent mean unlimited', async () => {
    const bench = await start();
    const { data } = await bench.refusal('tasks.create', { tasks: members(2), policies: { concurrency: -1 } });
    expect(JSON.stringify(data)).toContain('concurrency');
    dawdle(bench);
    await bench.run(members(12), { policies: { concurrency: 0 } });
    expect(bench.work.runningMax).toBe(12);
  });
});

describe('order', () => {
  it('R-SC-04 R-SC-20 urgent first, low last but never starved; within a class the declared order', async () => {
    const bench = await start();
    bench.work.on(undefined, () => null);
    const classes = [3, 2, 1, 0].flatMap((priority) =>
      Array.from({ length: 20 }, (_, index) => ({
        name: `p${priority}-${index}`,
        parentId: 'root',
        executor: 'work',
        priority,
      })),
    );
    await bench.run([{ name: 'root' }, ...classes], { policies: { concurrency: 1 } });
    const order = bench.work.starts.map((start) => start.replace(/\/1$/, ''));
    expect(order[0]).toBe('p0-0');
    for (const priority of [0, 1, 2, 3]) {
      const own = order.filter((name) => name.startsWith(`p${priority}-`));
      expect(own).toEqual(Array.from({ length: 20 }, (_, index) => `p${priority}-${index}`));
    }
    // Weighted, not a barrier: the lowest class has its turn while higher ones still wait, and higher ones are done earlier.
    expect(order.indexOf('p3-0')).toBeLessThan(order.indexOf('p0-19'));
    const places = [0, 1, 2, 3].map((priority) => order.indexOf(`p${priority}-19`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('R-SC-19 concurrency 1, 2 and 16 end in the same state', async () => {
    const tasks: Tasks = [
      { name: 'root' },
      ...Array.from({ length: 30 }, (_, index) => ({
        name: `t${index}`,
        parentId: 'root',
        executor: 'work',
        dependencies: [index - 3, index - 7].filter((on) => on >= 0).map((on) => `t${on}`),
        policies: { retry: { maxAttempts: 2, strategy: 'immediate' as const } },
        ...(index % 11 === 5 ? { allowFailure: true } : {}),
      })),
      { name: 'any', parentId: 'root', executor: 'work', join: 'settled' as const, dependencies: ['t5', 't16', 't29'] },
    ];
    const hashes: string[] = [];
    for (const concurrency of [1, 2, 16]) {
      const bench = await start();
      bench.work.on(undefined, async ({ name, attempt, input }) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (name === 't5' || (name === 't9' && attempt === 1)) throw new Error(`${name} fails`);
        return { name, input };
      });
      const tree = await bench.run(tasks, { policies: { concurrency } });
      const records = await bench.store.listTasks(tree.treeId);
      const state = records.map(({ name, status, attempt, output, error, reason }): Json => {
        expect(isTerminal(status)).toBe(true);
        return { name, status, attempt, output, error: error?.code ?? null, reason: reason?.code ?? null };
      });
      hashes.push(`${tree.status} ${createHash('sha256').update(JSON.stringify(state)).digest('hex')}`);
      await bench.stop();
    }
    expect(new Set(hashes).size).toBe(1);
  });
});
