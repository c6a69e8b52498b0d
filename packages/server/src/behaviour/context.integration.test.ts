/** What executors get (R-DR-02, R-DR-09, R-DR-12): every field of the context, seeded numbers, recorded calls, progress, logs. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createSeededRandom,
  RetryableError,
  type EventOf,
  type ExecutorContext,
  type SeededRandom,
} from '@coppice/core';
import { MemoryStore } from '@coppice/storage';
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';
import { ManualClock, START_MS } from './manual-clock.fixture.ts';

const child = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });

describe('the context of an attempt', () => {
  it('R-DR-09 has every field', async () => {
    const bench = await start({ clock: new ManualClock() });
    bench.work.on('source', () => ({ n: 1 }));
    const tree = await bench.begin([
      { name: 'root' },
      child('source'),
      { name: 'group', parentId: 'root' },
      { name: 'inner', parentId: 'group', executor: 'work', dependencies: [{ task: 'source', into: 'data' }] },
    ]);
    const { ctx, input } = await bench.work.started('inner');
    expect({ ...pick(ctx), input }).toEqual({
      treeId: tree.treeId,
      taskId: tree.ids['inner'],
      taskName: 'inner',
      attempt: 1,
      orderKey: '0.1.0',
      idempotencyKey: `${tree.treeId}/${tree.ids['inner']}`,
      dependencies: { source: { n: 1 } },
      input: { data: { n: 1 } },
    });
    expect(ctx.nowMs()).toBe(START_MS);
    expect(ctx.signal).toBeInstanceOf(AbortSignal);
    expect(ctx.signal.aborted).toBe(false);
    for (const key of ['progress', 'heartbeat', 'record'] as const) expect(ctx[key]).toBeTypeOf('function');
  });

  function pick(ctx: ExecutorContext): object {
    const { treeId, taskId, taskName, attempt, orderKey, idempotencyKey, dependencies } = ctx;
    return { treeId, taskId, taskName, attempt, orderKey, idempotencyKey, dependencies };
  }

  it('R-SC-05 inputs and dependencies are the executor’s own: changing them changes nothing for others', async () => {
    const bench = await start();
    bench.work.on('source', () => ({ list: [1] }));
    const spoil = (value: unknown): void => void (value as { list: number[] }).list.push(2);
    bench.work.on('spoils', ({ input, ctx }) => {
      spoil(input['source']);
      spoil(ctx.dependencies['source']);
    });
    bench.work.on('reads', ({ input, ctx }) => [input['source'], ctx.dependencies['source']] as never);
    const dependencies = ['source'];
    const tree = await bench.run([
      { name: 'root' },
      child('source'),
      child('spoils', { dependencies }),
      child('reads', { dependencies: ['source', 'spoils'] }),
    ]);
    expect((await bench.get(tree.ids['reads'])).output).toEqual([{ list: [1] }, { list: [1] }]);
    expect((await bench.get(tree.ids['spoils'])).input).toEqual({ source: { list: [1] } });
  });

  it('R-DR-02 the same run, task and attempt give the same numbers; others give others; sequences do not interact', async () => {
    const bench = await start();
    const drawn = new Map<string, number[]>();
    bench.work.on(undefined, async ({ name, attempt, ctx }) => {
      const numbers: number[] = [];
      for (let n = 0; n < 20; n++) {
        numbers.push(ctx.random.next());
        await Promise.resolve();
      }
      drawn.set(`${name}/${attempt}`, numbers);
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      if (attempt === 1) throw new RetryableError('again');
    });
    const policies = { retry: { strategy: 'immediate' as const } };
    await bench.run([{ name: 'root' }, child('a', { policies }), child('b', { policies })]);
    const sequences = [...drawn.values()].map((numbers) => numbers.join());
    expect(new Set(sequences).size).toBe(4);
  });

  it('R-DR-02 the numbers follow from what the log holds: seed, task and attempt', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root', executor: 'work' }]);
    const held = await bench.work.started('root');
    const { ctx } = held;
    const [created] = await bench.events(tree);
    const { seed } = (created as EventOf<'TreeCreated'>).data;
    const same = createSeededRandom({ seed, taskId: tree.treeId, attempt: 1, purpose: 'executor' });
    const draw = (random: SeededRandom): number[] => [random.next(), random.integer(1_000), random.next()];
    expect(draw(ctx.random)).toEqual(draw(same));
    held.complete();
    await bench.settled(tree);
  });
});

describe('ctx.record', () => {
  it('calls the function once over all attempts, in order of occurrence, and keeps null', async () => {
    const bench = await start();
    const calls: string[] = [];
    const results: unknown[] = [];
    bench.work.on('root', async ({ ctx, attempt }) => {
      const record = (key: string, value: unknown) =>
        ctx.record(key, () => {
          calls.push(`${key} by ${attempt}`);
          return value as never;
        });
      results.push([
        await record('a', { n: attempt }),
        await record('a', `second ${attempt}`),
        await record('nothing', null),
      ]);
      if (attempt < 3) throw new Error('again');
    });
    const retry = { strategy: 'immediate' as const };
    await bench.run([{ name: 'root', executor: 'work', policies: { retry } }]);
    expect(calls).toEqual(['a by 1', 'a by 1', 'nothing by 1']);
    expect(results).toEqual(Array(3).fill([{ n: 1 }, 'second 1', null]));
  });

  it('a function that throws records nothing: the next attempt calls it again', async () => {
    const bench = await start();
    let calls = 0;
    bench.work.on('root', ({ ctx }) =>
      ctx.record('fragile', () => {
        if (++calls === 1) throw new Error('first');
        return calls;
      }),
    );
    const retry = { strategy: 'immediate' as const };
    const tree = await bench.run([{ name: 'root', executor: 'work', policies: { retry } }]);
    expect((await bench.get(tree.treeId)).output).toBe(2);
  });

  it('the value is durable before the executor goes on, and forgotten when the task is re-opened', async () => {
    const bench = await start();
    const seen: unknown[] = [];
    bench.work.on('root', async ({ ctx, attempt }) => {
      await ctx.record('key', () => attempt);
      const events = await bench.store.readEvents(ctx.treeId, 0, 100);
      seen.push(events.filter(({ type }) => type === 'CallRecorded').at(-1)?.data);
    });
    const tree = await bench.run([{ name: 'root', executor: 'work' }]);
    await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    await bench.settled(tree);
    expect(seen).toEqual([
      { key: 'key', occurrence: 1, value: 1 },
      { key: 'key', occurrence: 1, value: 2 },
    ]);
  });

  it('a value that is no JSON fails the attempt and names the place', async () => {
    const bench = await start();
    bench.work.on('root', ({ ctx }) => ctx.record('bad', () => ({ at: [new Map()] }) as never));
    const tree = await bench.run([{ name: 'root', executor: 'work' }]);
    expect((await bench.get(tree.treeId)).error?.message).toContain('at.0 is an instance of Map');
  });

  it('survives a snapshot', async () => {
    const clock = new ManualClock();
    const config = { engine: { snapshotEvery: 1 } };
    const first = await start({ clock, config });
    const tree = await first.begin([{ name: 'root', executor: 'work' }]);
    const held = await first.work.started('root');
    void held.aborted.then(() => held.fail(new Error('stopped')));
    for (let n = 0; n < 10; n++) await held.ctx.record(`key ${n}`, () => n);
    const stopped = first.stop();
    clock.advance(0);
    await stopped;
    const second = await start({ dir: first.dir, clock, config });
    expect(await second.store.listSnapshots(tree.treeId)).not.toEqual([]);
    const again = await second.work.started('root', 2);
    expect(await again.ctx.record('key 7', () => 'called again' as never)).toBe(7);
    again.complete();
    expect(await second.settled(tree)).toBe('completed');
  });
});

it('a stop waits for the snapshot that is being saved', async () => {
  const done: string[] = [];
  class SlowStore extends MemoryStore {
    override async saveSnapshot(...given: Parameters<MemoryStore['saveSnapshot']>): Promise<void> {
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      await super.saveSnapshot(...given);
      done.push('saved');
    }
    override async close(): Promise<void> {
      done.push('closed');
      await super.close();
    }
  }
  const bench = await start({ store: new SlowStore(), config: { engine: { snapshotEvery: 1 } } });
  bench.work.on('root', () => null);
  await bench.run([{ name: 'root', executor: 'work' }]);
  await bench.stop();
  expect(done).toEqual(['saved', 'closed']);
});

describe('progress and logs', () => {
  it('progress is clamped, coalesced, keeps the last value, and never fails', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    const tree = await bench.begin([{ name: 'root', executor: 'work' }]);
    const held = await bench.work.started('root');
    const { ctx } = held;
    ctx.progress(-3, 'begun');
    ctx.progress(Number.NaN);
    ctx.progress(0.4, { odd: true } as never);
    ctx.progress(0.9, 'nearly there');
    const shown = async (): Promise<unknown> => {
      const { items } = await bench.call('tasks.running.list', {});
      return items.map(({ progress, progressMessage }) => [progress, progressMessage]);
    };
    expect(await shown()).toEqual([[0, 'begun']]);
    clock.advance(250);
    expect(await shown()).toEqual([[0.9, 'nearly there']]);
    ctx.progress(7);
    clock.advance(250);
    expect(await shown()).toEqual([[1, 'nearly there']]);
    held.complete();
    await bench.settled(tree);
    const events = (await bench.events(tree)).filter(({ type }) => type === 'TaskProgressed');
    expect(events).toHaveLength(3);
  });

  it('log lines name tree, task and attempt; what can not be written does not fail the attempt', async () => {
    const bench = await start();
    bench.work.on('root', ({ ctx }) => {
      ctx.logger.info('hello', { n: 1 });
      ctx.logger.warn('odd', { error: new Error('inner'), big: 1n, when: new Map() } as never);
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      ctx.logger.error('circle', circle as never);
      ctx.logger.debug('nothing', undefined);
    });
    const tree = await bench.run([{ name: 'root', executor: 'work' }]);
    expect(tree.status).toBe('completed');
    const ofTask = { treeId: tree.treeId, taskId: tree.treeId, task: 'root', attempt: 1 };
    expect(bench.log.filter(({ fields }) => 'taskId' in fields)).toMatchObject([
      { level: 'info', message: 'hello', fields: { ...ofTask, n: 1 } },
      { level: 'warn', message: 'odd', fields: ofTask },
      { level: 'error', message: 'circle', fields: ofTask },
      { level: 'debug', message: 'nothing', fields: ofTask },
    ]);
  });

  it('"a result that merely contains a key error counts as a failure": it does not', async () => {
    const bench = await start();
    const outputs = [
      { error: 'none' },
      { status: 'failed', error: { code: 'x' } },
      { code: 1, message: 'm' },
      null,
      false,
      0,
      '',
    ];
    const seen: unknown[] = [];
    for (const output of outputs) {
      bench.work.on('root', () => output);
      const tree = await bench.run([{ name: 'root', executor: 'work' }]);
      const { status, output: stored } = await bench.get(tree.treeId);
      seen.push([status, stored]);
    }
    expect(seen).toEqual(outputs.map((output) => ['completed', output]));
  });
});
