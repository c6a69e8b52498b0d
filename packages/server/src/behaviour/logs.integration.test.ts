/** What tasks write is kept beside the event log, and can be followed while it comes (R-OB-08). */
import { describe, expect, it } from 'vitest';
import { newDir, start, type Bench } from './bench.fixture.ts';

const WAIT_MS = 20_000;
const task = (name: string, more: object = {}): object => ({ name, parentId: 'root', executor: 'work', ...more });
const tree = (...tasks: readonly object[]): never => [{ name: 'root' }, ...tasks] as never;

async function textsOf(bench: Bench, taskId = '', more: object = {}): Promise<readonly string[]> {
  const { items } = await bench.call('tasks.logs', { taskId, ...more });
  return items.map(({ attempt, stream, text }) => `${attempt} ${stream} ${text}`);
}

describe('the lines of a task', () => {
  it('come while it works, and all of them are there when its end is known', async () => {
    const bench = await start();
    const { ids, treeId } = await bench.begin(tree(task('a')));
    const taskId = ids['a'] ?? '';
    const held = await bench.work.started('a');
    const { ctx } = held;
    expect(await bench.call('tasks.logs', { taskId })).toEqual({ items: [], next: 0, ended: false });
    const first = bench.call('tasks.logs', { taskId, waitMs: WAIT_MS });
    ctx.stream('one\ntw');
    expect(await first).toMatchObject({
      items: [{ text: 'one', offset: 1, number: 1, stream: 'stdout' }],
      next: 1,
      ended: false,
    });
    const second = bench.call('tasks.logs', { taskId, after: 1, waitMs: WAIT_MS });
    ctx.stream('o\n');
    ctx.logger.warn('careful', { left: 3 });
    ctx.stream(new TextEncoder().encode('no line break'), 'stderr');
    expect((await second).items.map(({ text }) => text)).toContain('two');
    held.complete();
    await bench.settled({ treeId });
    expect(await textsOf(bench, taskId)).toEqual([
      '1 stdout one',
      '1 stdout two',
      '1 log warn: careful {"left":3}',
      '1 stderr no line break',
    ]);
    expect((await bench.call('tasks.logs', { taskId, after: 4, waitMs: WAIT_MS })).ended).toBe(true);
    expect((await bench.call('tasks.logs', { taskId, limit: 2 })).ended).toBe(false);
  });

  it('end a wait that finds none, when the task ends without one', async () => {
    const bench = await start();
    const { ids } = await bench.begin(tree(task('a')));
    const held = await bench.work.started('a');
    const waiting = bench.call('tasks.logs', { taskId: ids['a'] ?? '', waitMs: WAIT_MS });
    held.complete();
    expect(await waiting).toEqual({ items: [], next: 0, ended: true });
  });

  it('are those of each attempt; what a former attempt still writes is not mixed in', async () => {
    const bench = await start();
    const policies = { retry: { maxAttempts: 2, strategy: 'immediate' }, timeoutMs: 50 };
    const { ids, treeId } = await bench.begin(tree(task('a', { policies })));
    const first = await bench.work.started('a', 1);
    first.ctx.stream('from the first\n');
    await first.aborted;
    first.fail(new Error('aborted'));
    const second = await bench.work.started('a', 2);
    first.ctx.stream('still the first\n');
    second.ctx.stream('from the second\n');
    second.complete();
    await bench.settled({ treeId });
    expect((await textsOf(bench, ids['a'], { attempt: 1 }))[0]).toBe('1 stdout from the first');
    expect(await textsOf(bench, ids['a'], { attempt: 2 })).toEqual(['2 stdout from the second']);
  });
});

describe('the lines of a tree of one task', () => {
  it('are those of one attempt, if that is asked for', async () => {
    const bench = await start();
    const policies = { retry: { maxAttempts: 2, strategy: 'immediate' as const } };
    const { ids, treeId } = await bench.begin([{ name: 'root', executor: 'work', policies }]);
    for (const attempt of [1, 2]) {
      const held = await bench.work.started('root', attempt);
      held.ctx.stream(`line of ${attempt}\n`);
      if (attempt === 1) held.fail(new Error('again'));
      else held.complete();
    }
    await bench.settled({ treeId });
    expect(await textsOf(bench, ids['root'])).toEqual(['1 stdout line of 1', '2 stdout line of 2']);
    expect(await textsOf(bench, ids['root'], { attempt: 2 })).toEqual(['2 stdout line of 2']);
  });
});

describe('the lines of a group', () => {
  it('are those of all members, of the whole tree those of all tasks; the last ones can be asked for', async () => {
    const bench = await start();
    for (const name of ['a', 'b', 'c']) bench.work.on(name, ({ ctx }) => ctx.stream(`of ${name}\n`) ?? null);
    const { ids } = await bench.run(
      tree(
        { name: 'group', parentId: 'root' },
        task('a', { parentId: 'group' }),
        task('b', { dependencies: ['a'] }),
        task('c', { parentId: 'group', dependencies: ['b'] }),
      ),
    );
    expect(await textsOf(bench, ids['root'])).toEqual(['1 stdout of a', '1 stdout of b', '1 stdout of c']);
    expect(await textsOf(bench, ids['group'])).toEqual(['1 stdout of a', '1 stdout of c']);
    expect(await textsOf(bench, ids['group'], { after: 1 })).toEqual(['1 stdout of c']);
    expect(await textsOf(bench, ids['root'], { last: 2 })).toEqual(['1 stdout of b', '1 stdout of c']);
    const both = await bench.refusal('tasks.logs', { taskId: ids['root'] ?? '', after: 1, last: 1 });
    expect(both.message).toContain('"after" or "last"');
  });
});

describe('what is kept', () => {
  it('survives the process, without secrets, and goes with the tree', async () => {
    const dir = await newDir();
    const first = await start({
      dir,
      config: { secrets: { token: { env: 'TOKEN' } } },
      environment: { TOKEN: 'very-secret-value' },
    });
    first.work.on('a', ({ ctx }) => ctx.stream('token very-secret-value\n') ?? null);
    const { ids, treeId } = await first.run(tree(task('a')));
    await first.stop();
    expect(await first.bytes()).not.toContain('very-secret-value');
    const second = await start({ dir });
    expect(await textsOf(second, ids['a'])).toEqual(['1 stdout token «secret:token»']);
    await second.call('tasks.delete', { taskId: treeId });
    expect((await second.refusal('tasks.logs', { taskId: ids['a'] ?? '' })).message).toContain('no task');
  });

  it('is bounded, however much is written, and so is an answer', async () => {
    const bench = await start();
    const line = `${'x'.repeat(999)}\n`;
    bench.work.on('a', async ({ ctx }) => {
      for (let at = 0; at < 30; at++) {
        ctx.stream(line.repeat(1_000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      ctx.stream('last\n');
      return null;
    });
    const { ids } = await bench.run(tree(task('a')));
    const { items } = await bench.call('tasks.logs', { taskId: ids['a'] ?? '' });
    expect(items.length).toBeLessThan(1_100);
    expect(items[0]?.number).toBeGreaterThan(19_000);
    expect(await textsOf(bench, ids['a'], { last: 1 })).toEqual(['1 stdout last']);
  });

  it('a wait is over when the engine stops', async () => {
    const bench = await start();
    const { ids } = await bench.begin(tree(task('a')));
    await bench.work.started('a');
    const waiting = bench.call('tasks.logs', { taskId: ids['a'] ?? '', waitMs: WAIT_MS });
    const stopped = bench.stop();
    expect(await waiting).toMatchObject({ items: [], ended: false });
    await stopped;
  });
});
