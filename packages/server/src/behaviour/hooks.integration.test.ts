/** Hooks: sync and async ones all run, in a defined order, and a failing one has a defined effect. */
import { TerminalError, type Hook } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';

/** Three hooks whose names are not their order; every second call is async. */
function recorded(calls: string[]): Hook[] {
  const hook = (name: string, order: number | undefined, isAsync: boolean): Hook => {
    const note = (what: string): void | Promise<void> => {
      if (!isAsync) return void calls.push(`${name} ${what}`);
      return Promise.resolve().then(() => void calls.push(`${name} ${what}`));
    };
    return {
      name,
      ...(order === undefined ? {} : { order }),
      beforeAttempt: ({ taskName, attempt }) => note(`before ${taskName}/${attempt}`),
      afterAttempt: ({ taskName }, { status }) => note(`after ${taskName} ${status}`),
      treeCreated: ({ status }) => note(`treeCreated ${status}`),
      runStarted: ({ status }) => note(`runStarted ${status}`),
      runEnded: ({ status }) => note(`runEnded ${status}`),
    };
  };
  return [hook('b', undefined, true), hook('z', -1, false), hook('a', undefined, false)];
}

describe('hooks', () => {
  it('sync and async: by order, then by name; after in reverse; tree lifecycle around', async () => {
    const calls: string[] = [];
    const bench = await start({ hooks: recorded(calls) });
    bench.work.on('root', () => void calls.push('work'));
    await bench.run([{ name: 'root', executor: 'work' }]);
    await bench.stop();
    const each = (what: string): string[] => ['z', 'a', 'b'].map((name) => `${name} ${what}`);
    const attempt = [...each('before root/1'), 'work', ...each('after root completed').reverse()];
    expect(calls.filter((call) => !/tree|run(Started|Ended)/.test(call))).toEqual(attempt);
    expect(calls.filter((call) => /tree|run(Started|Ended)/.test(call))).toEqual([
      ...each('treeCreated created'),
      ...each('runStarted running'),
      ...each('runEnded completed'),
    ]);
  });

  it('after-hooks learn how the attempt ended', async () => {
    const calls: string[] = [];
    const bench = await start({
      hooks: [{ name: 'h', afterAttempt: ({ taskName }, { status }) => void calls.push(`${taskName} ${status}`) }],
    });
    bench.work.on('fails', () => {
      throw new TerminalError('told to');
    });
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'fails', parentId: 'root', executor: 'work' },
      { name: 'held', parentId: 'root', executor: 'work' },
    ]);
    const held = await bench.work.started('held');
    void held.aborted.then(() => held.complete('anyway'));
    await bench.event(tree, ({ type }) => type === 'TaskFailed');
    await bench.call('tasks.cancel', { taskId: tree.treeId });
    expect(calls).toEqual(['fails failed', 'held cancelled']);
  });

  it('a failing before-hook fails the attempt as the executor’s own throw would: retryable, executor not called', async () => {
    let calls = 0;
    const guard: Hook = {
      name: 'guard',
      beforeAttempt: ({ attempt }) => {
        calls++;
        if (attempt === 1) throw new Error('not yet');
      },
    };
    const bench = await start({ hooks: [guard] });
    bench.work.on('root', () => 'done');
    const retry = { strategy: 'immediate' as const };
    const tree = await bench.run([{ name: 'root', executor: 'work', policies: { retry } }]);
    expect(tree.status).toBe('completed');
    expect({ calls, starts: bench.work.starts }).toEqual({ calls: 2, starts: ['root/2'] });
    const { items } = await bench.call('tasks.attempts', { taskId: tree.treeId });
    expect(items[0]?.error).toMatchObject({ message: 'not yet', retryable: true });

    const final = await bench.run([{ name: 'unlucky', executor: 'work' }]);
    expect(final.status).toBe('failed');
    expect((await bench.get(final.treeId)).error).toMatchObject({ message: 'not yet' });
  });

  it('failing after- and lifecycle hooks are logged and change nothing, not even for the hooks behind them', async () => {
    const calls: string[] = [];
    const throws = (what: string) => () => {
      throw new Error(`broken ${what}`);
    };
    const broken: Hook = {
      name: 'broken',
      order: -1,
      afterAttempt: () => Promise.reject(new Error('broken after')),
      treeCreated: throws('treeCreated'),
      runStarted: () => Promise.reject(new Error('broken runStarted')),
      runEnded: throws('runEnded'),
    };
    const bench = await start({ hooks: [broken, ...recorded(calls)] });
    bench.work.on('root', () => 'fine');
    const tree = await bench.run([{ name: 'root', executor: 'work' }]);
    await bench.stop();
    expect(tree.status).toBe('completed');
    expect(calls).toHaveLength(15);
    const errors = bench.log.filter(({ level }) => level === 'error').map(({ fields }) => String(fields['error']));
    expect(errors.toSorted()).toEqual(['broken after', 'broken runEnded', 'broken runStarted', 'broken treeCreated']);
  });

  it('an attempt cancelled while a before-hook runs never reaches its executor', async () => {
    let entered = (): void => {};
    let leave = (): void => {};
    const isIn = new Promise<void>((resolve) => (entered = resolve));
    const isOver = new Promise<void>((resolve) => (leave = resolve));
    const slow: Hook = {
      name: 'slow',
      beforeAttempt: async () => {
        entered();
        await isOver;
      },
    };
    const bench = await start({ hooks: [slow] });
    const tree = await bench.begin([{ name: 'root', executor: 'work' }]);
    await isIn;
    const cancelled = bench.call('tasks.cancel', { taskId: tree.treeId });
    await bench.event(tree, ({ type }) => type === 'RunCancelled');
    leave();
    await cancelled;
    expect(bench.work.starts).toEqual([]);
  });

  it('runEnded comes once for every end, and again after a re-opening', async () => {
    const ends: string[] = [];
    const bench = await start({ hooks: [{ name: 'h', runEnded: ({ status }) => void ends.push(status) }] });
    bench.work.on('root', ({ attempt }) => {
      if (attempt === 1) throw new TerminalError('first');
    });
    const tree = await bench.run([{ name: 'root', executor: 'work' }]);
    await bench.call('tasks.retry', { taskId: tree.treeId });
    await bench.settled(tree);
    await bench.stop();
    expect(ends).toEqual(['failed', 'completed']);
  });
});
