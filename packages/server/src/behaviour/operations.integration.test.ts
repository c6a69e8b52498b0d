/** What the person who runs a server sees: health, use of gates, log lines of a recovery, and a full house. */
import { describe, expect, it } from 'vitest';
import { newDir, start } from './bench.fixture.ts';

const three = [{ name: 'root' }, ...['a', 'b', 'c'].map((name) => ({ name, parentId: 'root', executor: 'work' }))];

describe('system.health', () => {
  it('R-OB-12 R-LM-12 says what runs, what is ready, and how every limited gate is used', async () => {
    const bench = await start({ config: { engine: { limits: { global: 2, executors: { work: 1 } } } } });
    await bench.begin(three);
    await bench.work.started('a');
    expect(await bench.call('system.health', {})).toMatchObject({
      status: 'ok',
      ready: true,
      activeRuns: 1,
      runningTasks: 1,
      readyTasks: 2,
      storeError: null,
    });
    expect((await bench.call('system.info', {})).gates).toEqual([
      { gate: 'global', used: 1, limit: 2, waiting: 0 },
      { gate: 'executor:work', used: 1, limit: 1, waiting: 2 },
    ]);
  });
});

describe('a full house', () => {
  it('R-SC-09 refuses further runs with when to try again, and takes them once there is room', async () => {
    const bench = await start({ config: { engine: { limits: { maxOpenTasks: 4 } } } });
    const first = await bench.begin(three);
    const second = await bench.create(three);
    const refused = await bench.refusal('tasks.execute', { taskId: second.treeId });
    expect(refused).toMatchObject({ code: -32013, data: { code: 'limit/refused', limit: 4, actual: 4 } });
    expect(refused.data.retryAfterMs).toBeGreaterThan(0);
    bench.work.on(undefined, () => null);
    await bench.call('tasks.cancel', { taskId: first.treeId, force: true });
    await bench.call('tasks.execute', { taskId: second.treeId });
    expect(await bench.settled(second)).toBe('completed');
  });
});

describe('a recovery', () => {
  it('R-CP-14 R-OB-11 writes one line per run, with its tree and how many attempts were cut off', async () => {
    const dir = await newDir();
    const before = await start({ dir });
    const { treeId } = await before.begin(three);
    await before.work.started('c');
    await before.stop();
    const after = await start({ dir });
    const lines = after.log.filter(({ message }) => message === 'Recovered a run');
    expect(lines).toEqual([{ level: 'info', fields: { treeId, interrupted: 0 }, message: 'Recovered a run' }]);
    after.work.on(undefined, () => null);
    await after.work.started('a', 2);
  });
});
