/** The bound of submissions: who waits for room, what becomes of whom there is none for, and what is told. */
import { describe, expect, it } from 'vitest';
import { newDir, start } from './bench.fixture.ts';

const one = (name: string) => ({ tasks: [{ name, executor: 'work' }] });

/** One attempt at a time, so that later runs wait to begin. */
const limitsWith = (submissions: object) => ({ engine: { limits: { global: 1, submissions } } });

describe('R-SC-09 a bounded queue of runs that wait to begin', () => {
  it('lets a request for one more wait until a run has begun, and stores nothing before', async () => {
    const bench = await start({ config: limitsWith({ max: 2 }) });
    await bench.call('tasks.execute', one('running'));
    const running = await bench.work.started('running');
    for (const name of ['first', 'second']) await bench.call('tasks.execute', one(name));
    const third = bench.call('tasks.execute', one('third'));
    const gate = async () => (await bench.call('limits.get', { gate: 'submissions' })).items[0];
    await expect.poll(gate).toMatchObject({ used: 2, limit: 2, configured: 2, waiting: 1 });
    expect((await bench.call('tasks.list', { rootOnly: true })).items).toHaveLength(3);
    running.complete();
    expect((await third).status).toBe('running');
    const now = await gate();
    expect(now).toMatchObject({ used: 2, waiting: 0, stats: { starts: 4, waits: 1, refused: 0 } });
  });

  it('R-SC-10 R-TO-09 refuses it after the time: nothing is stored, and the same request goes through later, once', async () => {
    const bench = await start({ config: limitsWith({ max: 1, waitMs: 20 }) });
    await bench.call('tasks.execute', one('running'));
    const running = await bench.work.started('running');
    await bench.call('tasks.execute', one('waiting'));
    const again = () => bench.call('tasks.execute', { ...one('late'), idempotencyKey: 'k' });
    await expect(again()).rejects.toThrow(/1 runs wait to begin, the limit is 1.*Nothing was stored/);
    expect((await bench.call('tasks.list', { rootOnly: true })).items).toHaveLength(2);
    running.complete();
    const waiting = await bench.work.started('waiting');
    await again();
    waiting.complete();
    await bench.work.started('late');
    expect(bench.work.starts).toEqual(['running/1', 'waiting/1', 'late/1']);
    const [gate] = (await bench.call('limits.get', { gate: 'submissions' })).items;
    expect(gate?.stats).toMatchObject({ refused: 1 });
  });

  it('R-SC-10 R-TO-09 or begins its run paused, in the same commit; resumed, it waits for room as well', async () => {
    const bench = await start({ config: limitsWith({ max: 1, waitMs: 20, onTimeout: 'pause' }) });
    await bench.call('tasks.execute', one('running'));
    const running = await bench.work.started('running');
    await bench.call('tasks.execute', one('waiting'));
    const { treeId } = await bench.call('tasks.execute', one('late'));
    expect(await bench.explain(treeId)).toMatch(/^late waits: late is paused by local .*backpressure: too many runs/);
    await expect(bench.call('tasks.resume', { treeId })).rejects.toThrow(/stays paused/);
    running.complete();
    const waiting = await bench.work.started('waiting');
    waiting.complete();
    await bench.call('tasks.resume', { treeId });
    await bench.work.started('late');
    expect(bench.work.starts).toEqual(['running/1', 'waiting/1', 'late/1']);
  });

  it('counts a copy that begins with results, which are not starts of its own', async () => {
    const bench = await start({ config: limitsWith({ max: 1, waitMs: 0 }) });
    const below = (name: string) => ({ name, executor: 'work', parentId: 'first' });
    const first = await bench.begin([{ name: 'first' }, below('done'), { ...below('broken'), dependencies: ['done'] }]);
    (await bench.work.started('done')).complete();
    (await bench.work.started('broken')).fail(new Error('broken'));
    expect(await bench.settled(first)).toBe('failed');
    await bench.call('tasks.execute', one('running'));
    await bench.work.started('running');
    const copy = () => bench.call('tasks.execute', { taskId: first.ids['broken'] ?? '', copy: { mode: 'full' } });
    await copy();
    expect((await bench.call('limits.get', { gate: 'submissions' })).items[0]).toMatchObject({ used: 1, limit: 1 });
    await expect(copy()).rejects.toThrow(/1 runs wait to begin, the limit is 1/);
  });

  it('tells within 100 ms when it is full, and when it is half empty again', async () => {
    const bench = await start({ config: limitsWith({ max: 2 }) });
    const told: (readonly [kind: string, used: number, at: string])[] = [];
    bench.local.onNotification((notification) => {
      if (notification.method !== 'limits.alert') return;
      const { kind, used, at } = notification.params.alert;
      told.push([kind, used, at]);
    });
    await bench.call('tasks.subscribe', {});
    await bench.call('tasks.execute', one('running'));
    const running = await bench.work.started('running');
    await bench.call('tasks.execute', one('first'));
    const { treeId } = await bench.call('tasks.execute', one('second'));
    await expect.poll(() => told.map(([kind, used]) => [kind, used])).toEqual([['saturated', 2]]);
    const { items } = await bench.call('tasks.events', { treeId });
    const begunAt = items.find(({ type }) => type === 'RunStarted')?.at ?? '';
    expect(Date.parse(told[0]?.[2] ?? '') - Date.parse(begunAt)).toBeLessThan(100);
    running.complete();
    await bench.work.started('first');
    await expect
      .poll(() => told.map(([kind, used]) => [kind, used]))
      .toEqual([
        ['saturated', 2],
        ['relieved', 1],
      ]);
  });

  it('counts what waited before a restart, may be changed while the server runs, and is none unless it is configured', async () => {
    const dir = await newDir();
    const bench = await start({ dir, config: { engine: { limits: { global: 1 } } } });
    await bench.call('tasks.execute', one('running'));
    await bench.work.started('running');
    for (const name of ['a', 'b', 'c']) await bench.call('tasks.execute', one(name));
    expect((await bench.call('limits.get', { gate: 'submissions' })).items).toEqual([]);
    await bench.stop();

    const again = await start({ dir, config: limitsWith({ max: 3 }) });
    await again.work.started('running', 2);
    const waiting = async () => (await again.call('limits.get', { gate: 'submissions' })).items[0]?.waiting;
    const [fourth, fifth] = ['d', 'e'].map((name) => again.call('tasks.execute', one(name)));
    await expect.poll(waiting).toBe(2);
    await again.call('limits.set', { gate: 'submissions', limit: 4 });
    await fourth;
    expect(await waiting()).toBe(1);
    await again.call('limits.set', { gate: 'submissions', limit: 'unlimited' });
    expect(await fifth).toMatchObject({ status: 'running' });
    expect((await again.call('limits.get', { gate: 'submissions' })).items).toMatchObject([{ limit: null }]);
  });

  it('holds however many requests come together', async () => {
    const bench = await start({ config: limitsWith({ max: 5, waitMs: 20 }) });
    await bench.call('tasks.execute', one('running'));
    await bench.work.started('running');
    const requests = Array.from({ length: 30 }, (_, at) => bench.call('tasks.execute', one(`t${at}`)));
    const answers = await Promise.allSettled(requests);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect((await bench.call('limits.get', { gate: 'submissions' })).items[0]).toMatchObject({ used: 5, waiting: 0 });
  });
});
