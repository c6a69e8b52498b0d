/** Completing and skipping tasks by hand over RPC (R-SN-02): what ran is aborted, dependents go on, and a restart knows. */
import { TerminalError } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';

const work = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });

describe('R-SN-02: a task that a person ends', () => {
  it('is over at once: its attempt is aborted, its late result is nothing, and what depends on it runs', async () => {
    const bench = await start();
    const tree = await bench.begin([
      { name: 'root' },
      work('a'),
      work('b', { dependencies: ['a'], inputs: { of: '${{ deps.a.version }}' } }),
    ]);
    const held = await bench.work.started('a');
    const b = bench.work.started('b');
    const taskId = tree.ids['a'] ?? '';
    expect(
      await bench.call('tasks.complete', { taskId, output: { version: '2.1' }, reason: 'released by hand' }),
    ).toEqual({
      treeId: tree.treeId,
      status: 'running',
      tasks: 1,
    });
    expect(await held.aborted).toMatchObject({ code: 'cancelled', message: 'released by hand' });
    held.complete('late');
    const next = await b;
    expect(next.input).toMatchObject({ of: '2.1' });
    next.complete(1);
    expect(await bench.settled(tree)).toBe('completed');
    expect(await bench.get(taskId)).toMatchObject({
      status: 'completed',
      output: { version: '2.1' },
      reason: { code: 'user', message: 'released by hand', by: { userId: 'local', face: 'rpc' } },
    });
    expect(await bench.explain(taskId)).toBe('a has completed: released by hand (local, rpc)');
    expect((await bench.call('tasks.attempts', { taskId })).items).toMatchObject([{ attempt: 1, status: 'completed' }]);
    const again = await bench.refusal('tasks.complete', { taskId });
    expect(again.data?.code).toBe('task/invalid-transition');
  });

  it('gives back the places of its fallback, which another executor held, when the fallback is ended by hand', async () => {
    const fallback = { executor: 'echo2', inputs: {} };
    const bench = await start({
      config: { engine: { limits: { global: 4, executors: { work: 4, echo2: 4 } } } },
      executors: [{ type: 'echo2', description: 'Never ends.', effects: 'pure', execute: () => new Promise(() => {}) }],
    });
    const tree = await bench.begin([{ name: 'root' }, work('a', { fallback }), work('b')]);
    (await bench.work.started('a')).fail(new TerminalError('no'));
    const b = await bench.work.started('b');
    await bench.event(tree, ({ type, attempt }) => type === 'TaskStarted' && attempt === 2);
    await bench.call('tasks.complete', { taskId: tree.ids['a'] ?? '', output: 1 });
    const used = (await bench.call('system.info', {})).gates.map(({ gate, used: count }) => [gate, count]);
    expect(used).toEqual(
      expect.arrayContaining([
        ['global', 1],
        ['executor:work', 1],
        ['executor:echo2', 0],
      ]),
    );
    b.complete(1);
    expect(await bench.settled(tree)).toBe('completed');
  });

  it('gives its place at a gate to the next, and waits for nothing any more', async () => {
    const bench = await start({ config: { engine: { limits: { global: 1 } } } });
    const tree = await bench.begin([
      { name: 'root' },
      work('a', { tags: ['first'] }),
      work('b'),
      { name: 'w', parentId: 'root', wait: { forMs: 3_600_000 } },
    ]);
    const held = await bench.work.started('a');
    const b = bench.work.started('b');
    const skipped = await bench.call('tasks.skip', { taskId: tree.ids['a'] ?? '' });
    expect(skipped).toMatchObject({ status: 'running', tasks: 1 });
    await held.aborted;
    held.fail(new Error('let go'));
    (await b).complete(1);
    await bench.call('tasks.skip', { taskId: tree.ids['w'] ?? '', reason: 'no time' });
    expect(await bench.settled(tree)).toBe('completed');
    expect(await bench.explain(tree.ids['a'])).toBe('a was skipped: Skipped by hand (local, rpc)');
    expect((await bench.call('tasks.attempts', { taskId: tree.ids['a'] ?? '' })).items).toMatchObject([
      { status: 'skipped' },
    ]);
  });

  it('is as it was after a restart', async () => {
    const bench = await start();
    const tree = await bench.begin([{ name: 'root' }, work('a'), work('b', { dependencies: ['a'] })]);
    const held = await bench.work.started('a');
    void held.aborted.then(() => held.fail(new Error('let go')));
    await bench.call('tasks.skip', { taskId: tree.ids['a'] ?? '' });
    expect(await bench.settled(tree)).toBe('completed');
    await bench.local.stop();
    const again = await start({ dir: bench.dir });
    expect(await again.statuses(tree)).toMatchObject({ a: 'skipped', b: 'skipped' });
    expect((await again.get(tree.ids['a'])).reason).toEqual({
      code: 'user',
      message: 'Skipped by hand',
      by: { userId: 'local', face: 'rpc' },
    });
  });
});
