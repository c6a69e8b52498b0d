/** Stops and kills in the middle of runs (R-CP-10 to R-CP-12, R-DR-12): what ran goes on, and every effect happens once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newDir, plant, start, unstarted, type Bench, type BenchOptions, type Tasks } from './bench.fixture.ts';
import { engineProcess } from './killed-process.fixture.ts';
import { ManualClock, START_MS } from './manual-clock.fixture.ts';

/** An extension as a third party would write it. `effect` records one effect; the task `hangs` then never ends, until the file `go` is there. */
const source = (dir: string): string => `
  import { appendFileSync, existsSync, writeSync } from 'node:fs';
  const executor = (type, onCrash) => ({
    type, onCrash, description: '', effects: 'recorded',
    async execute(input, ctx) {
      const by = await ctx.record('effect', () => {
        appendFileSync(${JSON.stringify(join(dir, 'effects'))}, ctx.idempotencyKey + '\\n');
        return ctx.attempt;
      });
      writeSync(1, 'recorded ' + ctx.taskName + ' ' + ctx.attempt + '\\n');
      if (input.hangs && !existsSync(${JSON.stringify(join(dir, 'go'))})) await new Promise(() => setInterval(() => {}, 1000));
      return { by, key: ctx.idempotencyKey };
    },
  });
  export const manifest = { name: 'effects', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
  export const module = { load({ bind }) {
    bind(Symbol.for('coppice.Executor')).toConstantValue(executor('effect', 'retry'));
    bind(Symbol.for('coppice.Executor')).toConstantValue(executor('careful', 'fail'));
  } };`;

const tasks: Tasks = [
  { name: 'root' },
  { name: 'before', parentId: 'root', executor: 'effect' },
  { name: 'hangs', parentId: 'root', executor: 'effect', inputs: { hangs: true }, dependencies: ['before'] },
  { name: 'after', parentId: 'root', executor: 'effect', dependencies: ['hangs'] },
];

/** An engine of this process on what the killed one left. */
async function survivor(dir: string, extension: string, more: BenchOptions = {}): Promise<Bench> {
  return unstarted({ dir: join(dir, 'data'), extensions: [{ source: extension }], ...more });
}

describe('after SIGKILL', () => {
  it('R-CP-10 R-CP-11 R-CP-12 every effect happens once, under the same key, however often the process dies', async () => {
    const dir = await newDir();
    const extension = await plant(dir, 'effects.mjs', source(dir));
    const first = engineProcess(dir, extension, tasks);
    const treeId = (await first.line('tree ')).slice('tree '.length);
    // Recorded, but not completed.
    await first.line('recorded hangs 1');
    await first.kill();
    for (let attempt = 2; attempt <= 3; attempt++) {
      const next = engineProcess(dir, extension);
      expect(await next.line('recovered')).toBe('recovered 1 1');
      await next.line(`recorded hangs ${attempt}`);
      await next.kill();
    }
    await plant(dir, 'go', '');
    const bench = await survivor(dir, extension);
    const recovered = await bench.local.start();
    expect(recovered).toEqual([{ treeId, interrupted: 1 }]);
    expect(await bench.local.start()).toEqual(recovered);
    const tree = await bench.stored(treeId as never);
    expect(await bench.settled(tree)).toBe('completed');

    const effects = (await readFile(join(dir, 'effects'), 'utf8')).trim().split('\n');
    expect(effects).toHaveLength(3);
    expect(new Set(effects).size).toBe(3);
    const { items } = await bench.call('tasks.attempts', { taskId: tree.ids['hangs'] ?? '' });
    expect(items.map(({ status }) => status)).toEqual(['interrupted', 'interrupted', 'interrupted', 'completed']);
    expect(items.at(-1)?.output).toEqual({ by: 1, key: `${treeId}/${tree.ids['hangs']}` });
    const seqs = (await bench.events(tree)).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect((await bench.get(tree.ids['before'])).attempt).toBe(1);
    await bench.stop();

    const nothingLeft = await survivor(dir, extension);
    expect(await nothingLeft.local.start()).toEqual([]);
  });

  it('R-CP-10 an executor that says so has its interrupted attempt failed, with what to do', async () => {
    const dir = await newDir();
    const extension = await plant(dir, 'effects.mjs', source(dir));
    const retry = { strategy: 'immediate' as const };
    const careful = { name: 'hangs', executor: 'careful', inputs: { hangs: true }, policies: { retry } };
    const child = engineProcess(dir, extension, [careful]);
    const treeId = (await child.line('tree ')).slice('tree '.length);
    await child.line('recorded hangs 1');
    await child.kill();
    const bench = await survivor(dir, extension);
    await bench.local.start();
    expect(await bench.settled({ treeId: treeId as never })).toBe('failed');
    expect((await bench.get(treeId)).error).toMatchObject({ code: 'executor/interrupted', retryable: false });
    expect(await readFile(join(dir, 'effects'), 'utf8')).toBe(`${treeId}/${treeId}\n`);
  });

  it('R-CP-11 a second writer is refused with the pid of the first; readers are welcome', async () => {
    const dir = await newDir();
    const extension = await plant(dir, 'effects.mjs', source(dir));
    const child = engineProcess(dir, extension, tasks);
    const treeId = (await child.line('tree ')).slice('tree '.length);
    await child.line('recorded hangs 1');
    const second = await survivor(dir, extension);
    await expect(second.local.start()).rejects.toThrow(String(child.child.pid));

    const reader = await survivor(dir, extension, { readOnly: true });
    await reader.store.open();
    const tree = await reader.stored(treeId as never);
    expect(await reader.statuses(tree)).toEqual({
      root: 'running',
      before: 'completed',
      hangs: 'running',
      after: 'pending',
    });
    const { items } = await reader.call('tasks.events', { treeId });
    expect(items.at(-1)).toMatchObject({ type: 'CallRecorded', taskId: tree.ids['hangs'] });
    expect(child.child.exitCode).toBeNull();
  });
});

describe('after a stop', () => {
  it('R-CP-12 what ends within the grace period is kept; the rest is issued again under the same key', async () => {
    const first = await start();
    const tree = await first.begin([
      { name: 'root' },
      ...['quick', 'slow'].map((name) => ({ name, parentId: 'root', executor: 'work' })),
      { name: 'after', parentId: 'root', executor: 'work', dependencies: ['quick'] },
    ]);
    const [quick, slow] = await Promise.all([first.work.started('quick'), first.work.started('slow')]);
    void slow.aborted.then(() => slow.fail(new Error('stopped')));
    quick.complete('kept');
    await first.event(tree, ({ type }) => type === 'TaskCompleted');
    const after = await first.work.started('after');
    void after.aborted.then(() => after.complete('too late'));
    await first.stop();
    expect(slow.ctx.signal.reason).toMatchObject({ code: 'shutdown' });

    const second = await unstarted({ dir: first.dir });
    second.work.on(undefined, ({ name, ctx }) => `${name} ${ctx.idempotencyKey}`);
    // What a stop has interrupted is ready, not running: there is nothing left to interrupt.
    expect(await second.local.start()).toEqual([{ treeId: tree.treeId, interrupted: 0 }]);
    expect(await second.settled(tree)).toBe('completed');
    expect(second.work.starts).toEqual(['slow/2', 'after/2']);
    expect((await second.get(tree.ids['slow'])).output).toBe(`slow ${slow.ctx.idempotencyKey}`);
    expect((await second.get(tree.ids['quick'])).output).toBe('kept');
  });

  it('an interruption does not use up the attempts of the retry policy', async () => {
    const first = await start();
    const policies = { retry: { maxAttempts: 2, strategy: 'immediate' as const } };
    const tree = await first.begin([{ name: 'root', executor: 'work', policies }]);
    const held = await first.work.started('root');
    void held.aborted.then(() => held.fail(new Error('stopped')));
    await first.stop();
    const second = await unstarted({ dir: first.dir });
    second.work.on(undefined, ({ attempt }) => {
      if (attempt === 2) throw new Error('first counted failure');
      return 'second counted attempt';
    });
    await second.local.start();
    expect(await second.settled(tree)).toBe('completed');
    expect(second.work.starts).toEqual(['root/2', 'root/3']);
  });

  it('R-SC-13 R-TO-10 due times that passed meanwhile fire at once, others when they are due', async () => {
    const clock = new ManualClock();
    const first = await start({ clock });
    first.work.on('retried', () => {
      throw new Error('later');
    });
    const retry = { maxAttempts: 2, strategy: 'fixed' as const, delayMs: 3_600_000, jitter: 'none' as const };
    const at = (hours: number): string => new Date(START_MS + hours * 3_600_000).toISOString();
    const child = (name: string, more: object) => ({ name, parentId: 'root', executor: 'work', ...more });
    const tree = await first.begin([
      { name: 'root' },
      child('retried', { policies: { retry } }),
      child('soon', { notBefore: at(1) }),
      child('late', { notBefore: at(5) }),
      { name: 'night', parentId: 'root', notBefore: at(6) },
      { name: 'inner', parentId: 'night', executor: 'work' },
    ]);
    await first.event(tree, ({ type }) => type === 'RetryScheduled');
    await first.stop();

    clock.advance(2 * 3_600_000);
    const second = await start({ dir: first.dir, clock });
    second.work.on('retried', () => 'done');
    second.work.on('soon', () => 'done');
    clock.advance(0);
    await second.event(tree, ({ type, taskId }) => type === 'TaskCompleted' && taskId === tree.ids['retried']);
    await second.event(tree, ({ type, taskId }) => type === 'TaskCompleted' && taskId === tree.ids['soon']);
    expect(await second.explain(tree.ids['late'])).toBe(`late waits: not before ${at(5)}`);
    clock.advance(3 * 3_600_000 - 1);
    expect((await second.get(tree.ids['late'])).status).toBe('waiting');
    clock.advance(1);
    (await second.work.started('late')).complete();
    expect(await second.explain(tree.ids['night'])).toBe(`night waits: not before ${at(6)}`);
    expect(await second.explain(tree.ids['inner'])).toContain('inner waits: its group night');
    clock.advance(3_600_000);
    (await second.work.started('inner')).complete();
    expect(await second.settled(tree)).toBe('completed');
  });

  it('R-LM-11 limits count what runs, also after a restart', async () => {
    const config = { engine: { limits: { global: 2 } } };
    const first = await start({ config });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const tree = await first.begin([
      { name: 'root' },
      ...names.map((name) => ({ name, parentId: 'root', executor: 'work' })),
    ]);
    for (const name of ['a', 'b']) {
      const held = await first.work.started(name);
      void held.aborted.then(() => held.fail(new Error('stopped')));
    }
    await first.stop();
    const second = await start({ dir: first.dir, config });
    const held = [await second.work.started('a', 2), await second.work.started('b', 2)];
    expect((await second.call('system.info', {})).gates).toEqual([{ gate: 'global', used: 2, limit: 2, waiting: 3 }]);
    second.work.on(undefined, () => null);
    for (const each of held) each.complete();
    expect(await second.settled(tree)).toBe('completed');
    expect(second.work.runningMax).toBe(2);
  });
});
