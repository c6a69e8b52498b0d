/** Circuit breakers on every face of a server: what starts, what is told, and what a restart and a SIGKILL leave. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BreakerInfo, Executor, Hook } from '@coppice/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newDir, plant, start, unstarted, type Bench, type Tasks } from './bench.fixture.ts';
import { ManualClock, START_MS } from './manual-clock.fixture.ts';

const LOCAL = { userId: 'local', face: 'rpc' };
const OPEN_FOR_MS = 30_000;

const members = (count: number, more: Partial<Tasks[number]> = {}): Tasks => [
  { name: 'root' },
  ...Array.from({ length: count }, (_, at) => ({ name: `t${at}`, parentId: 'root', executor: 'work', ...more })),
];

const config = {
  engine: {
    limits: {
      executors: { work: 1 },
      breakers: { work: { failureRate: 0.5, minimumCalls: 4, openForMs: OPEN_FOR_MS, probes: 2 } },
    },
  },
};

/** Ends attempts of tasks as they start: a failure that another attempt may mend, or a success. */
async function endAll(bench: Bench, ends: Readonly<Record<string, boolean>>): Promise<void> {
  for (const [name, isOk] of Object.entries(ends)) {
    const attempt = await bench.work.started(name);
    if (isOk) attempt.complete();
    else attempt.fail(new Error('no answer'));
  }
}

async function breakerOf(bench: Bench, gate = 'breaker:work') {
  const { items } = await bench.call('limits.get', { gate });
  return items[0];
}

describe('R-SG-08 R-SG-09 a breaker of the configuration', () => {
  it('opens, is shown and explained, lets its probes through at its time, and closes', async () => {
    const clock = new ManualClock();
    const infos: BreakerInfo[] = [];
    const hook: Hook = { name: 'figures', breakerChanged: (info) => void infos.push(info) };
    const bench = await start({ clock, config, hooks: [hook] });
    const tree = await bench.begin(members(8));
    await endAll(bench, { t0: true, t1: false, t2: true });
    await expect.poll(() => breakerOf(bench)).toMatchObject({ breaker: { state: 'closed', calls: 3, failures: 1 } });
    await endAll(bench, { t3: false });
    await expect
      .poll(() => breakerOf(bench))
      .toMatchObject({
        gate: 'breaker:work',
        limit: 0,
        used: 0,
        waiting: 4,
        configured: null,
        freeAt: new Date(START_MS + OPEN_FOR_MS).toISOString(),
        breaker: { state: 'open', calls: 4, failures: 2, missing: 2, openings: 1 },
      });
    const since = new Date(START_MS).toISOString();
    const explained = await bench.call('tasks.explain', { taskId: tree.ids['t4'] ?? '' });
    expect(explained.summary).toBe(
      `t4 waits: the breaker work is open since ${since}, 2 of 4 calls failed, probes pass at ${new Date(START_MS + OPEN_FOR_MS).toISOString()}`,
    );
    expect(explained.blockedBy).toMatchObject([
      { kind: 'gate', gate: 'breaker:work', breaker: { state: 'open', since } },
    ]);
    clock.advance(OPEN_FOR_MS - 1);
    expect(await bench.explain(tree.ids['t4'])).toContain('is open');
    expect(bench.work.starts).toHaveLength(4);
    clock.advance(1);
    await endAll(bench, { t4: true });
    const t5 = await bench.work.started('t5');
    expect(await bench.explain(tree.ids['t6'])).toContain('the breaker work is half-open');
    t5.complete();
    await endAll(bench, { t6: true, t7: true });
    await bench.settled(tree);
    expect(await breakerOf(bench)).toMatchObject({ limit: null, breaker: { state: 'closed', since: null } });
    expect(infos.map(({ state, calls, failures, isReset }) => [state, calls, failures, isReset])).toEqual([
      ['open', 4, 2, false],
      ['halfOpen', undefined, undefined, false],
      ['closed', undefined, undefined, false],
    ]);
    expect((await bench.call('limits.history', { gate: 'breaker:work' })).items).toMatchObject([
      { seq: 1, type: 'BreakerOpened', by: null, limit: null, opening: { calls: 4, failures: 2 } },
      { seq: 2, type: 'BreakerHalfOpened', opening: null },
      { seq: 3, type: 'BreakerClosed', by: null },
    ]);
    expect(bench.log.filter(({ fields }) => fields['event'] === 'BreakerOpened')).toHaveLength(1);
  });

  it('is closed by whoever may, with who and why; what waits starts', async () => {
    const bench = await start({ config });
    const tree = await bench.begin(members(6));
    await endAll(bench, { t0: false, t1: false, t2: false, t3: false });
    await expect.poll(() => breakerOf(bench)).toMatchObject({ breaker: { state: 'open' }, waiting: 2 });
    const reset = (gate: string) => bench.call('limits.reset', { gate, reason: 'mended' });
    expect(await reset('breaker:work')).toMatchObject({ changed: true, items: [{ breaker: { state: 'closed' } }] });
    expect(await reset('breaker:work')).toMatchObject({ changed: false });
    expect(await bench.refusal('limits.reset', { gate: 'global' })).toMatchObject({
      data: { code: 'limit/refused' },
      message: expect.stringContaining("'global' is no breaker") as string,
    });
    await endAll(bench, { t4: true, t5: true });
    await bench.settled(tree);
    expect((await bench.call('limits.history', {})).items.at(-1)).toMatchObject({
      type: 'BreakerClosed',
      gate: 'breaker:work',
      by: LOCAL,
      reason: 'mended',
    });
  });
});

describe('R-SG-11 R-SG-12 a task that does not wait for its breaker', () => {
  const breaker = { consecutiveFailures: 1, openForMs: OPEN_FOR_MS, whenOpen: 'fallback' as const, key: 'shop' };

  it('goes to its fallback without an attempt of its own, and what depends on it goes on', async () => {
    const bench = await start();
    const tasks: Tasks = [
      { name: 'root' },
      {
        name: 'a',
        parentId: 'root',
        executor: 'work',
        policies: { breaker },
        fallback: { executor: 'echo', inputs: { of: '${{ breaker }}' } },
      },
      {
        name: 'b',
        parentId: 'root',
        executor: 'work',
        dependencies: ['a'],
        policies: { breaker, retry: { maxAttempts: 3 } },
        fallback: { executor: 'echo', inputs: { state: '${{ breaker.state }}', failed: '${{ breaker.failures }}' } },
      },
      {
        name: 'c',
        parentId: 'root',
        executor: 'work',
        dependencies: ['b'],
        policies: { breaker: { ...breaker, whenOpen: 'fail' } },
        allowFailure: true,
      },
    ];
    const tree = await bench.begin(tasks);
    await endAll(bench, { a: false });
    expect(await bench.settled(tree)).toBe('completed');
    expect(bench.work.starts).toEqual(['a/1']);
    expect(await bench.get(tree.ids['a'])).toMatchObject({ output: { of: null }, attempt: 2 });
    expect(await bench.get(tree.ids['b'])).toMatchObject({
      output: { state: 'open', failed: 1 },
      attempt: 1,
    });
    expect(await bench.get(tree.ids['c'])).toMatchObject({
      status: 'failed',
      attempt: 0,
      error: { code: 'breaker/open' },
    });
    expect(await breakerOf(bench, 'breaker:work:shop')).toMatchObject({ breaker: { state: 'open' } });
  });

  it('is refused with a policy that means nothing, at the place of the fault', async () => {
    const bench = await start();
    const { data } = await bench.refusal('tasks.create', {
      tasks: [{ name: 'a', executor: 'work', policies: { breaker: { failureRate: 2, whenOpen: 'fallback' } } }],
    });
    expect((data as unknown as { errors: { path: string[] }[] }).errors.map(({ path }) => path.join('.'))).toEqual([
      'tasks.0.policies.breaker.failureRate',
      'tasks.0.policies.breaker.whenOpen',
    ]);
  });
});

/** `call` fails at once, and says that it was called; `told` says so, too, and completes. */
const EXTENSION = `
  import { writeSync } from 'node:fs';
  const executor = (type, execute) => ({ type, description: '', effects: 'external', execute });
  const say = (ctx) => writeSync(1, 'called ' + ctx.taskName + '\\n');
  export const manifest = { name: 'calls', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
  export const module = { load({ bind }) {
    const add = (each) => bind(Symbol.for('coppice.Executor')).toConstantValue(each);
    add(executor('call', (input, ctx) => { say(ctx); throw new Error('no answer'); }));
    add(executor('told', (input, ctx) => { say(ctx); return null; }));
  } };`;

describe('R-SG-10 an open breaker after SIGKILL', () => {
  it('stays open until its time, then lets as many probes pass as it takes', async () => {
    const dir = await newDir();
    const extension = await plant(dir, 'calls.mjs', EXTENSION);
    const breaker = { consecutiveFailures: 2, openForMs: 3_600_000, probes: 1 };
    const tasks: Tasks = [
      { name: 'root', policies: { breaker, concurrency: 1 } },
      { name: 'one', parentId: 'root', executor: 'call' },
      { name: 'two', parentId: 'root', executor: 'call' },
      {
        name: 'three',
        parentId: 'root',
        executor: 'call',
        policies: { breaker: { ...breaker, whenOpen: 'fallback' } },
        fallback: { executor: 'told' },
      },
      { name: 'four', parentId: 'root', executor: 'call' },
      { name: 'five', parentId: 'root', executor: 'call' },
    ];
    const program = fileURLToPath(new URL('./engine-process.fixture.ts', import.meta.url));
    const args = ['--conditions=coppice-source', program, join(dir, 'data'), extension, JSON.stringify(tasks)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    onTestFinished(async () => void (child.kill('SIGKILL'), await exited));
    const called: string[] = [];
    // The fallback is called once its start is durable, and that comes after what has opened the breaker.
    for await (const line of createInterface({ input: child.stdout })) {
      called.push(line);
      if (line === 'called three') break;
    }
    child.kill('SIGKILL');
    await exited;
    expect(called.filter((line) => line.startsWith('called'))).toEqual(['called one', 'called two', 'called three']);

    const calls: string[] = [];
    const call: Executor = {
      type: 'call',
      description: '',
      effects: 'external',
      execute: (_input, { taskName }) => void calls.push(taskName),
    };
    const told: Executor = { ...call, type: 'told' };
    const clock = new ManualClock(Date.now());
    const bench = await unstarted({ dir: join(dir, 'data'), clock, executors: [call, told] });
    const [run] = await bench.local.start();
    const tree = await bench.stored(run?.treeId as never);
    const open = await breakerOf(bench, 'breaker:call');
    expect(open).toMatchObject({ limit: 0, breaker: { state: 'open', calls: 2, failures: 2, missing: 1 } });
    expect(await bench.explain(tree.ids['four'])).toContain('the breaker call is open since');
    clock.advance(Date.parse(open?.breaker?.openUntil ?? '') - clock.nowMs() - 1);
    expect(await bench.explain(tree.ids['four'])).toContain('the breaker call is open since');
    expect(calls.filter((name) => name !== 'three')).toEqual([]);
    clock.advance(1);
    await bench.settled(tree);
    expect(calls.filter((name) => name !== 'three')).toEqual(['four', 'five']);
    expect(await breakerOf(bench, 'breaker:call')).toBeUndefined();
  });
});
