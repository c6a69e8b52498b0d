/** Retries by policy (R-RT-01 to R-RT-10) and re-opening by `tasks.retry` (R-RT-13, R-RT-14), over RPC. */
import { RetryableError, TerminalError, type RunEvent } from '@coppice/core';
import type { Params } from '@coppice/protocol';
import { describe, expect, it } from 'vitest';
import { start, type Bench, type BenchOptions, type StoredTree } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

type Retry = NonNullable<NonNullable<Params<'tasks.create'>['policies']>['retry']>;

const task = (name: string, retry?: Retry, more: object = {}) => ({
  name,
  parentId: 'root',
  executor: 'work',
  ...(retry === undefined ? {} : { policies: { retry } }),
  ...more,
});

/** An engine whose waits are over as soon as they begin. */
async function impatient(options: BenchOptions = {}): Promise<Bench> {
  const clock = new ManualClock();
  const bench = await start({ clock, ...options });
  bench.engine.subscribe(
    {},
    {
      event: (_treeId, event) => {
        if (event.type === 'RetryScheduled') setImmediate(() => clock.advance(event.data.delayMs));
      },
    },
  );
  return bench;
}

const fails =
  (code: string, more: object = {}) =>
  () => {
    throw new RetryableError(`${code} happened`, { code, ...more });
  };

async function attempts(bench: Bench, taskId: string | undefined) {
  return (await bench.call('tasks.attempts', { taskId: taskId ?? '' })).items;
}

const delays = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'RetryScheduled' ? [event.data.delayMs] : []));

describe('retry policies', () => {
  it('R-RT-01 R-RT-09 tries as often as allowed and keeps the history: number, delay, error, times', async () => {
    const bench = await impatient();
    bench.work.on('a', ({ attempt }) => (attempt < 3 ? fails('net/reset')() : 'done'));
    const retry: Retry = { maxAttempts: 3, strategy: 'linear', delayMs: 100, jitter: 'none' };
    const tree = await bench.run([{ name: 'root' }, task('a', retry)]);
    expect(tree.status).toBe('completed');
    const history = await attempts(bench, tree.ids['a']);
    expect(history).toMatchObject([
      { attempt: 1, status: 'failed', error: { code: 'net/reset' }, retryDelayMs: 100 },
      { attempt: 2, status: 'failed', error: { code: 'net/reset' }, retryDelayMs: 200 },
      { attempt: 3, status: 'completed', output: 'done' },
    ]);
    for (const [index, { endedAt, retryAt, retryDelayMs }] of history.slice(0, 2).entries()) {
      expect(Date.parse(retryAt ?? '') - Date.parse(endedAt ?? '')).toBe(retryDelayMs);
      expect(history[index + 1]?.startedAt).toBe(retryAt);
    }
    expect(await bench.get(tree.ids['a'])).toMatchObject({ status: 'completed', attempt: 3, error: null, dueAt: null });
  });

  it('R-RT-02 R-RT-03 follows every strategy, a contributed one included', async () => {
    const bench = await impatient({
      backoffs: [{ name: 'primes', delayMs: (attempt, code) => [2, 3, 5][attempt - 1] ?? code.length }],
    });
    bench.work.on(undefined, fails('x'));
    const common: Retry = { maxAttempts: 4, delayMs: 10, jitter: 'none' };
    const given: Record<string, Retry> = {
      immediate: { strategy: 'immediate' },
      fixed: { strategy: 'fixed' },
      linear: { strategy: 'linear' },
      exponential: { strategy: 'exponential', multiplier: 3 },
      capped: { strategy: 'exponential', multiplier: 3, maxDelayMs: 50 },
      zero: { strategy: 'exponential', delayMs: 0 },
      custom: { strategy: 'custom', backoff: 'primes' },
      none: { strategy: 'none' },
    };
    const seen: Record<string, number[]> = {};
    for (const [name, retry] of Object.entries(given)) {
      const tree = await bench.run([{ name: 'root', executor: 'work', policies: { retry: { ...common, ...retry } } }]);
      seen[name] = delays(await bench.events(tree));
    }
    expect(seen).toEqual({
      immediate: [0, 0, 0],
      fixed: [10, 10, 10],
      linear: [10, 20, 30],
      exponential: [10, 30, 90],
      capped: [10, 30, 50],
      zero: [0, 0, 0],
      custom: [2, 3, 5],
      none: [],
    });
  });

  it('R-RT-04 jitter stays within ±25 % and never exceeds the cap', async () => {
    const bench = await impatient();
    bench.work.on(undefined, fails('x'));
    const retry: Retry = { maxAttempts: 10, strategy: 'fixed', delayMs: 1_000, maxDelayMs: 1_100 };
    const seen = delays(await bench.events(await bench.run([{ name: 'root', executor: 'work', policies: { retry } }])));
    expect(seen).toHaveLength(9);
    expect(new Set(seen).size).toBeGreaterThan(2);
    for (const delayMs of seen) {
      expect(delayMs).toBeGreaterThanOrEqual(750);
      expect(delayMs).toBeLessThanOrEqual(1_100);
    }
  });

  it('R-RT-06 deny wins over allow; a permanent error is never retried; each keeps its own error', async () => {
    const bench = await impatient();
    bench.work.on('denied', fails('http/403'));
    bench.work.on('other', fails('disk/full'));
    bench.work.on('allowed', fails('http/503'));
    bench.work.on('permanent', () => {
      throw new TerminalError('never', { code: 'http/410' });
    });
    const retry: Retry = { maxAttempts: 2, delayMs: 1, allow: ['http/*'], deny: ['http/4*'] };
    const names = ['denied', 'other', 'allowed', 'permanent'];
    const tree = await bench.run([{ name: 'root' }, ...names.map((name) => task(name, retry))]);
    const ends = await Promise.all(
      names.map(async (name) => {
        const { error, attempt } = await bench.get(tree.ids[name]);
        return [attempt, error?.code];
      }),
    );
    expect(ends).toEqual([
      [1, 'http/403'],
      [1, 'disk/full'],
      [2, 'retry/exhausted'],
      [1, 'http/410'],
    ]);
  });

  it('R-RT-07 exhaustion keeps count and cause, and final handling happens once', async () => {
    const bench = await impatient();
    bench.work.on('a', fails('net/reset', { data: { port: 80 }, cause: new Error('ECONNRESET') }));
    const tree = await bench.run([
      { name: 'root' },
      task('a', { maxAttempts: 3, delayMs: 1 }),
      {
        name: 'substitute',
        parentId: 'root',
        executor: 'echo',
        dependencies: [{ task: 'a', on: ['failure'], handles: true }],
      },
    ]);
    expect((await bench.get(tree.ids['a'])).error).toMatchObject({
      code: 'retry/exhausted',
      retryable: false,
      data: { attempts: 3 },
      cause: { code: 'net/reset', data: { port: 80 }, cause: { message: 'ECONNRESET' } },
    });
    expect(tree.status).toBe('completed');
    const events = await bench.events(tree);
    expect(events.filter(({ type }) => type === 'TaskFailed')).toHaveLength(1);
    expect((await attempts(bench, tree.ids['substitute'])).length).toBe(1);
  });

  it('R-RT-06 Retry-After is the least delay, whatever the policy says', async () => {
    const bench = await impatient();
    bench.work.on('a', ({ attempt }) => (attempt === 1 ? fails('http/429', { retryAfterMs: 90_000 })() : 'ok'));
    const tree = await bench.run([{ name: 'root' }, task('a', { strategy: 'fixed', delayMs: 1, maxDelayMs: 10 })]);
    expect(delays(await bench.events(tree))).toEqual([90_000]);
  });

  it('R-RT-08 no attempt is scheduled beyond maxElapsedMs', async () => {
    const bench = await impatient();
    bench.work.on('a', fails('x'));
    const retry: Retry = { maxAttempts: 10, strategy: 'fixed', delayMs: 100, jitter: 'none', maxElapsedMs: 250 };
    const tree = await bench.run([{ name: 'root' }, task('a', retry)]);
    expect(bench.work.starts).toEqual(['a/1', 'a/2', 'a/3']);
    expect((await bench.get(tree.ids['a'])).error?.message).toContain('250 ms');
  });

  it('R-RT-10 the budget of the run ends retries, and says so', async () => {
    const bench = await impatient();
    bench.work.on(undefined, fails('x'));
    const tree = await bench.run(
      [{ name: 'root' }, task('a'), task('b', undefined, { dependencies: [{ task: 'a', required: false }] })],
      { policies: { retryBudget: 3, retry: { maxAttempts: 3, delayMs: 1 } } },
    );
    expect(bench.work.starts).toEqual(['a/1', 'a/2', 'a/3', 'b/1', 'b/2']);
    expect((await bench.get(tree.ids['b'])).error).toMatchObject({
      code: 'retry/budget-exhausted',
      data: { attempts: 2 },
      cause: { code: 'x' },
    });
  });

  it('R-RT-05 R-SC-02 a back-off holds no place', async () => {
    const bench = await start({ clock: new ManualClock(), config: { engine: { limits: { global: 1 } } } });
    bench.work.on('a', fails('x'));
    const tree = await bench.begin([{ name: 'root' }, task('a', { delayMs: 60_000 }), task('b')]);
    const b = await bench.work.started('b');
    expect(await bench.explain(tree.ids['a'])).toMatch(/^a waits: next attempt 2026-/);
    b.complete();
    await bench.event(tree, ({ type }) => type === 'TaskCompleted');
    expect((await bench.call('system.info', {})).gates).toEqual([{ gate: 'global', used: 0, limit: 1, waiting: 0 }]);
  });

  it.each([
    [{ maxAttempts: 0 }, 'maxAttempts'],
    [{ maxAttempts: 11 }, 'maxAttempts'],
    [{ delayMs: -1 }, 'delayMs'],
    [{ delayMs: 10, maxDelayMs: 5 }, 'maxDelayMs'],
    [{ multiplier: 0 }, 'multiplier'],
    [{ strategy: 'custom' as const }, 'backoff'],
    [{ strategy: 'custom' as const, backoff: 'nobody' }, 'backoff'],
  ])('R-RT-03 refuses %o when the tree is created', async (retry, field) => {
    const bench = await start();
    const { code, data } = await bench.refusal('tasks.create', {
      tasks: [{ name: 'a', executor: 'work', policies: { retry } }],
    });
    expect(code).toBe(-32012);
    expect(JSON.stringify(data.errors)).toContain(field);
  });
});

describe('tasks.retry', () => {
  const tasks = [
    { name: 'root' },
    task('ok'),
    task('bad'),
    task('after', undefined, { dependencies: ['bad'] }),
    task('other', undefined, { dependencies: ['ok'], inputs: { n: '${{ inputs.n }}' } }),
  ];

  async function failed(): Promise<{ bench: Bench; tree: StoredTree; keys: Map<string, string> }> {
    const bench = await start();
    const keys = new Map<string, string>();
    bench.work.on(undefined, ({ name, attempt, ctx }) => {
      keys.set(`${name}/${attempt}`, ctx.idempotencyKey);
      if (name === 'bad' && attempt === 1) throw new TerminalError('told to');
      return `${name}/${attempt}`;
    });
    const tree = await bench.run(tasks, { inputs: { n: 1 } });
    expect(tree.status).toBe('failed');
    expect(await bench.statuses(tree)).toMatchObject({ ok: 'completed', bad: 'failed', after: 'skipped' });
    bench.work.starts.length = 0;
    return { bench, tree, keys };
  }

  it('R-RT-14 failure: runs what failed and what depends on it, nothing else, in the same run', async () => {
    const { bench, tree, keys } = await failed();
    expect(await bench.call('tasks.retry', { taskId: tree.treeId })).toEqual({
      treeId: tree.treeId,
      status: 'running',
    });
    expect(await bench.settled(tree)).toBe('completed');
    expect(bench.work.starts).toEqual(['bad/2', 'after/1']);
    expect((await bench.get(tree.ids['ok'])).output).toBe('ok/1');
    expect(keys.get('bad/2')).not.toBe(keys.get('bad/1'));
    expect((await bench.get(tree.treeId)).tree).toMatchObject({ status: 'completed', error: null, fraction: 1 });
  });

  it('R-RT-13 start: runs everything again, with new inputs; nothing stale is left', async () => {
    const { bench, tree } = await failed();
    await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'start', inputs: { n: 2 } });
    expect(await bench.settled(tree)).toBe('completed');
    expect(bench.work.starts.toSorted()).toEqual(['after/1', 'bad/2', 'ok/2', 'other/2']);
    expect((await bench.get(tree.ids['other'])).input).toEqual({ ok: 'ok/2', n: 2 });
  });

  it('task: runs it and its dependents; with cascade false only it', async () => {
    const { bench, tree } = await failed();
    await bench.call('tasks.retry', { taskId: tree.ids['ok'] ?? '', mode: 'task' });
    await bench.settled(tree);
    expect(bench.work.starts).toEqual(['ok/2', 'other/2']);
    bench.work.starts.length = 0;
    await bench.call('tasks.retry', { taskId: tree.ids['ok'] ?? '', mode: 'task', cascade: false });
    await bench.settled(tree);
    expect(bench.work.starts).toEqual(['ok/3']);
    expect((await bench.get(tree.ids['other'])).output).toBe('other/2');
  });

  it('is refused while running, before the start, for what is unmet, and when nothing has failed', async () => {
    const { bench, tree } = await failed();
    expect(await bench.refusal('tasks.retry', { taskId: tree.ids['after'] ?? '', mode: 'task' })).toMatchObject({
      code: -32007,
      data: { unmet: [tree.ids['bad']] },
    });
    await bench.call('tasks.retry', { taskId: tree.treeId });
    await bench.settled(tree);
    expect(await bench.refusal('tasks.retry', { taskId: tree.treeId })).toMatchObject({ code: -32006 });
    const held = await bench.create([{ name: 'held', executor: 'work' }]);
    expect(await bench.refusal('tasks.retry', { taskId: held.treeId })).toMatchObject({ code: -32006 });
    bench.work.on('held', (each) => each.aborted.then(() => null));
    await bench.call('tasks.execute', { taskId: held.treeId });
    expect(await bench.refusal('tasks.retry', { taskId: held.treeId })).toMatchObject({ code: -32008 });
  });

  it('R-DR-12 the idempotency key is the same for all attempts and another after re-opening; a template is used', async () => {
    const bench = await start();
    const keys: string[] = [];
    bench.work.on(undefined, ({ name, attempt, ctx }) => {
      keys.push(`${name}/${attempt} ${ctx.idempotencyKey}`);
      if (attempt === 1) throw new Error('once');
    });
    const retry: Retry = { strategy: 'immediate' };
    const tree = await bench.run(
      [
        { name: 'root' },
        task('plain', retry),
        task('own', retry, {
          policies: { retry, idempotencyKey: 'order-${{ inputs.order }}' },
          dependencies: ['plain'],
        }),
      ],
      { inputs: { order: 7 } },
    );
    await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    await bench.settled(tree);
    const plain = `${tree.treeId}/${tree.ids['plain']}`;
    expect(keys).toEqual([
      `plain/1 ${plain}`,
      `plain/2 ${plain}`,
      'own/1 order-7',
      'own/2 order-7',
      `plain/3 ${plain}#1`,
      'own/3 order-7#1',
    ]);
  });
});
