/** Limits of time: attempts, runs, heartbeats (R-TO-01 to R-TO-07). Time is moved by hand. */
import { describe, expect, it } from 'vitest';
import { newDir, start, type Bench, type BenchOptions, type StoredTree } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const task = (name: string, policies: object = {}) => ({ name, parentId: 'root', executor: 'work', policies });

async function timed(options: BenchOptions = {}): Promise<{ bench: Bench; clock: ManualClock }> {
  const clock = new ManualClock();
  return { bench: await start({ clock, ...options }), clock };
}

describe('limits of attempts', () => {
  it('R-TO-01 fails the attempt at its limit, whether or not the executor returns', async () => {
    const { bench, clock } = await timed();
    const tree = await bench.begin([{ name: 'root' }, task('a', { timeoutMs: 1_000 })]);
    const held = await bench.work.started('a');
    clock.advance(999);
    expect((await bench.get(tree.ids['a'])).status).toBe('running');
    clock.advance(1);
    expect(await bench.settled(tree)).toBe('failed');
    expect(held.ctx.signal.reason).toMatchObject({ code: 'timeout' });
    const { error, startedAt, endedAt } = await bench.get(tree.ids['a']);
    expect(error).toMatchObject({ code: 'timeout', data: { limit: 'task', limitMs: 1_000, ranMs: 1_000 } });
    expect(Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')).toBe(1_000);
    // The executor that did not listen comes back: nothing changes.
    const before = await bench.events(tree);
    held.complete('late');
    await bench.run([{ name: 'root', executor: 'echo' }]);
    expect(await bench.events(tree)).toEqual(before);
  });

  it('R-TO-02 the task’s own limit wins over the run’s, and that over the engine’s; longer, shorter, or 0', async () => {
    const { bench, clock } = await timed({ config: { engine: { defaultTimeoutMs: 50 } } });
    const tasks = [
      { name: 'root' },
      task('default'),
      task('shorter', { timeoutMs: 10 }),
      task('longer', { timeoutMs: 90 }),
      task('off', { timeoutMs: 0 }),
    ];
    const [byEngine, byRun] = [await bench.begin(tasks), await bench.begin(tasks, { policies: { timeoutMs: 30 } })];
    const limits = async (tree: StoredTree): Promise<Map<string | undefined, number | undefined>> => {
      const names = Object.fromEntries(Object.entries(tree.ids).map(([name, id]) => [id, name]));
      const started = (await bench.events(tree)).filter((event) => event.type === 'TaskStarted');
      return new Map(started.map((event) => [names[event.taskId], event.data.timeoutMs]));
    };
    const expected = (byDefault: number): unknown =>
      new Map(Object.entries({ default: byDefault, shorter: 10, longer: 90, off: undefined }));
    expect(await limits(byEngine)).toEqual(expected(50));
    expect(await limits(byRun)).toEqual(expected(30));
    await bench.event(byRun, (event) => event.type === 'TaskStarted' && event.taskId === byRun.ids['off']);
    clock.advance(1_000_000);
    const off = await bench.work.started('off');
    expect(off.ctx.signal.aborted).toBe(false);
    for (const tree of [byEngine, byRun]) {
      await bench.event(tree, ({ type, taskId }) => type === 'TaskFailed' && taskId === tree.ids['longer']);
      expect(await bench.statuses(tree)).toMatchObject({
        default: 'failed',
        shorter: 'failed',
        longer: 'failed',
        off: 'running',
      });
    }
  });

  it('R-TO-03 one task’s limit neither cancels nor delays its siblings', async () => {
    const { bench, clock } = await timed();
    const tree = await bench.begin([
      { name: 'root' },
      task('a', { timeoutMs: 10_000 }),
      task('b', { timeoutMs: 60_000 }),
    ]);
    const [, b] = await Promise.all([bench.work.started('a'), bench.work.started('b')]);
    clock.advance(10_000);
    await bench.event(tree, ({ type }) => type === 'TaskFailed');
    expect(b.ctx.signal.aborted).toBe(false);
    b.complete(1);
    expect(await bench.settled(tree)).toBe('failed');
    expect(await bench.statuses(tree)).toMatchObject({ a: 'failed', b: 'completed' });
  });

  it('R-TO-01 a timed-out attempt is retried as the policy says, and the late first result does not count', async () => {
    const { bench, clock } = await timed();
    const retry = { maxAttempts: 2, strategy: 'immediate' as const };
    const tree = await bench.begin([{ name: 'root' }, task('a', { timeoutMs: 100, retry })]);
    const first = await bench.work.started('a', 1);
    clock.advance(100);
    const second = await bench.work.started('a', 2);
    first.complete('first');
    second.complete('second');
    expect(await bench.settled(tree)).toBe('completed');
    expect(await bench.get(tree.ids['a'])).toMatchObject({ output: 'second', attempt: 2, error: null });
    const { items } = await bench.call('tasks.attempts', { taskId: tree.ids['a'] ?? '' });
    expect(items.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'timeout'],
      ['completed', undefined],
    ]);
  });

  it('R-TO-01 an executor that does not heed its signal is abandoned after the grace period, and that is told', async () => {
    const { bench, clock } = await timed({ config: { engine: { cancelGraceMs: 3_000 } } });
    const tree = await bench.begin([
      { name: 'root' },
      task('stubborn', { timeoutMs: 100 }),
      task('heeding', { timeoutMs: 100 }),
    ]);
    const [stubborn, heeding] = await Promise.all([bench.work.started('stubborn'), bench.work.started('heeding')]);
    void heeding.aborted.then(() => heeding.fail(new Error('stopped')));
    clock.advance(100);
    expect(await bench.settled(tree)).toBe('failed');
    await stubborn.aborted;
    const taskId = tree.ids['stubborn'] ?? '';
    const summary = async (): Promise<string> => (await bench.call('tasks.explain', { taskId })).summary;
    await bench.event(tree, ({ type }) => type === 'RunFailed');
    clock.advance(2_999);
    expect(await summary()).not.toContain('abandoned');
    clock.advance(1);
    expect(await summary()).toContain('attempt 1 was told to stop and is abandoned: its executor still works');
    const warnings = bench.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual([
      `stubborn (${taskId}) was told to stop (timeout) and has not ended 3000 ms later, so attempt 1 is abandoned: it holds no place, and its result changes nothing. Let executor work heed ctx.signal`,
    ]);
    const before = await bench.events(tree);
    stubborn.complete('late');
    await expect.poll(summary).not.toContain('abandoned');
    expect(await bench.events(tree)).toEqual(before);
    // Lines of logs are stored with the next commit, or after a while.
    clock.advance(1_000);
    const printed = async () => (await bench.call('tasks.logs', { taskId })).items.map(({ text }) => text).join('\n');
    await expect.poll(printed).toContain('so attempt 1 is abandoned');
  });

  it('an attempt that sends no heartbeat fails; one that does, does not', async () => {
    const { bench, clock } = await timed();
    const policies = { heartbeatTimeoutMs: 100 };
    const tree = await bench.begin([{ name: 'root' }, task('silent', policies), task('alive', policies)]);
    const [silent, alive] = await Promise.all([bench.work.started('silent'), bench.work.started('alive')]);
    for (let beat = 0; beat < 10; beat++) {
      clock.advance(60);
      if (beat % 2 === 0) alive.ctx.heartbeat();
      else alive.ctx.progress(beat / 10);
    }
    await silent.aborted;
    expect((await bench.get(tree.ids['silent'])).error).toMatchObject({
      code: 'timeout/heartbeat',
      data: { limit: 'heartbeat', limitMs: 100 },
    });
    expect(alive.ctx.signal.aborted).toBe(false);
    alive.complete();
    expect(await bench.settled(tree)).toBe('failed');
  });
});

describe('the budget of a run', () => {
  it('R-TO-04 cancels everything and fails the run with a deadline error', async () => {
    const { bench, clock } = await timed();
    const tree = await bench.begin([{ name: 'root' }, task('a'), { ...task('b'), dependencies: ['a'] }], {
      policies: { runTimeoutMs: 5_000 },
    });
    const held = await bench.work.started('a');
    clock.advance(5_000);
    expect(await bench.settled(tree)).toBe('failed');
    await held.aborted;
    expect((await bench.get(tree.treeId)).tree?.error).toMatchObject({
      code: 'timeout/run',
      data: { limit: 'run', limitMs: 5_000 },
    });
    expect(await bench.statuses(tree)).toEqual({ root: 'cancelled', a: 'cancelled', b: 'cancelled' });
  });

  it('R-TO-05 a task’s limit never reaches beyond the budget, and the error says which limit fired', async () => {
    const { bench, clock } = await timed();
    const tree = await bench.begin([{ name: 'root' }, task('a', { timeoutMs: 60_000 })], {
      policies: { runTimeoutMs: 1_000 },
    });
    await bench.work.started('a');
    const started = await bench.event(tree, ({ type }) => type === 'TaskStarted');
    expect(started.data).toMatchObject({ timeoutMs: 1_000, limit: 'run' });
    clock.advance(1_000);
    expect(await bench.settled(tree)).toBe('failed');
    expect((await bench.get(tree.ids['a'])).reason).toMatchObject({ code: 'runTimeout' });
  });

  it('R-TO-07 ends a back-off; and what could only be tried after it is not tried', async () => {
    const { bench, clock } = await timed();
    bench.work.on(undefined, () => {
      throw new Error('again');
    });
    const waits = { retry: { maxAttempts: 3, delayMs: 800, strategy: 'fixed' as const, jitter: 'none' as const } };
    const tooLate = { retry: { ...waits.retry, delayMs: 2_000 } };
    const tree = await bench.begin([{ name: 'root' }, task('a', waits), task('b', tooLate)], {
      policies: { runTimeoutMs: 1_000 },
    });
    await bench.event(tree, ({ type }) => type === 'TaskFailed');
    expect((await bench.get(tree.ids['b'])).error).toMatchObject({
      code: 'retry/exhausted',
      cause: { message: 'again' },
    });
    await bench.event(tree, ({ type }) => type === 'RetryScheduled');
    bench.work.on('a', (held) => held.aborted.then(() => null));
    clock.advance(800);
    await bench.work.started('a', 2);
    clock.advance(200);
    expect(await bench.settled(tree)).toBe('failed');
    expect((await bench.get(tree.treeId)).tree?.error?.code).toBe('timeout/run');
  });

  it('R-TO-04 a budget that passed while nothing ran ends the run before anything is executed again', async () => {
    const dir = await newDir();
    const clock = new ManualClock();
    const first = await start({ dir, clock });
    const tree = await first.begin([{ name: 'root' }, task('a')], { policies: { runTimeoutMs: 1_000 } });
    const held = await first.work.started('a');
    void held.aborted.then(() => held.fail(new Error('stopped')));
    const stopped = first.stop();
    clock.advance(0);
    await stopped;
    clock.advance(10_000);
    // Time stands still now: no timer is needed to see that the budget is used up.
    const second = await start({ dir, clock });
    expect(await second.settled(tree)).toBe('failed');
    expect(second.work.starts).toEqual([]);
    expect((await second.get(tree.treeId)).tree?.error?.code).toBe('timeout/run');
  });
});
