/** Executors that misbehave, names that collide with the language, and requests that race. */
import type { Executor } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { start, type Tasks } from './bench.fixture.ts';

const bad = (execute: Executor['execute'], more: Partial<Executor> = {}): Executor => ({
  type: 'bad',
  description: '',
  effects: 'pure',
  execute,
  ...more,
});

const circle: Record<string, unknown> = {};
circle['self'] = circle;
const throwing = {
  get value(): never {
    throw new Error('a getter that throws');
  },
};
const ownCause = new Error('its own cause');
ownCause.cause = ownCause;
const frozenError = Object.freeze(new Error('frozen'));

describe('executors that misbehave', () => {
  it.each<[string, () => unknown]>([
    ['a bigint', () => 1n],
    ['a function', () => () => {}],
    ['a symbol', () => Symbol('s')],
    ['NaN', () => Number.NaN],
    ['a circle', () => circle],
    ['a Map inside', () => ({ map: new Map() })],
    ['a throwing getter', () => throwing],
    [
      'a thenable that rejects',
      () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error('no')) }),
    ],
    [
      'a thenable that throws',
      () => ({
        then: () => {
          throw new Error('no');
        },
      }),
    ],
    [
      'a thenable that ends twice',
      () => ({
        then: (resolve: (value: unknown) => void, reject: (error: Error) => void) => {
          reject(new Error('first'));
          resolve('second');
        },
      }),
    ],
    [
      'what throws when asked whether it is a promise',
      () => ({
        get then(): never {
          throw new Error('no');
        },
      }),
    ],
    ['a throw of undefined', () => Promise.reject(undefined)],
    ['a throw of text', () => Promise.reject('only text')],
    ['a throw of an object without prototype', () => Promise.reject(Object.create(null))],
    ['a throw of a throwing getter', () => Promise.reject(throwing)],
    ['a frozen error', () => Promise.reject(frozenError)],
    ['an error whose data is no JSON', () => Promise.reject(Object.assign(new Error('x'), { data: circle, code: 7 }))],
    ['an error that is its own cause', () => Promise.reject(ownCause)],
  ])('%s fails its own task, and only that', async (_, execute) => {
    const bench = await start({ executors: [bad(execute)] });
    const tree = await bench.run([
      { name: 'root' },
      { name: 'bad', parentId: 'root', executor: 'bad' },
      { name: 'good', parentId: 'root', executor: 'echo' },
    ]);
    expect(tree.status).toBe('failed');
    expect(await bench.statuses(tree)).toMatchObject({ bad: 'failed', good: 'completed' });
    const { error } = await bench.get(tree.ids['bad']);
    expect(error?.message).not.toBe('');
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', runningTasks: 0 });
  });

  it('a failing cancel() of an executor is logged, and the run is cancelled all the same', async () => {
    for (const cancel of [
      () => Promise.reject(new Error('async')),
      () => {
        throw new Error('sync');
      },
    ]) {
      const bench = await start({ work: { cancel } });
      const tree = await bench.begin([{ name: 'root', executor: 'work' }]);
      await bench.work.started('root');
      await bench.call('tasks.cancel', { taskId: tree.treeId, force: true });
      expect(await bench.settled(tree)).toBe('cancelled');
      expect(bench.log.some(({ level, message }) => level === 'warn' && message.startsWith('cancel()'))).toBe(true);
      bench.work.abandon();
      await bench.stop();
    }
  });

  it('one that throws from the same turn in which its neighbours run takes none of them along', async () => {
    const bench = await start({
      executors: [
        bad(() => {
          throw new Error('at once');
        }),
      ],
    });
    const many: Tasks = Array.from({ length: 200 }, (_, index) => ({
      name: `t${index}`,
      parentId: 'root',
      executor: index % 2 === 0 ? 'bad' : 'echo',
    }));
    const tree = await bench.run([{ name: 'root' }, ...many]);
    expect((await bench.get(tree.treeId)).tree?.counts).toMatchObject({ failed: 101, completed: 100 });
  });
});

describe('names', () => {
  it('that the language knows are names like any other', async () => {
    const bench = await start();
    const names = ['constructor', 'hasOwnProperty', 'toString', 'then', 'ünï çødé 🌳', ' spaced ', 'a.b[0]'];
    bench.work.on(undefined, ({ name }) => ({ by: name }));
    const tree = await bench.run([
      { name: 'root' },
      ...names.map((name) => ({ name, parentId: 'root', executor: 'work' })),
      { name: 'all', parentId: 'root', executor: 'echo', dependencies: names },
    ]);
    expect(tree.status).toBe('completed');
    const { output } = await bench.get(tree.ids['all']);
    expect(new Map(Object.entries(output as object))).toEqual(new Map(names.map((name) => [name, { by: name }])));
    expect(({} as { by?: unknown }).by).toBeUndefined();
  });

  it('a user, an executor limit or a gate called like a property of objects limits nothing else', async () => {
    const bench = await start({ config: { engine: { limits: { users: { bert: 1 }, executors: { other: 1 } } } } });
    bench.work.on(undefined, () => null);
    for (const userId of ['constructor', '__proto__', 'toString']) {
      const tree = await bench.run([{ name: 'root', executor: 'work' }], { userId });
      expect(tree.status).toBe('completed');
    }
  });
});

describe('requests that race', () => {
  it('R-LM-07 -32008 one of two executions wins', async () => {
    const bench = await start();
    const tree = await bench.create([{ name: 'root', executor: 'work' }]);
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => bench.local.call('tasks.execute', { taskId: tree.treeId })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await bench.work.started('root');
    expect(bench.work.starts).toEqual(['root/1']);
  });

  it('the same idempotency key gives the same tree, however many ask at once, and after a restart', async () => {
    const bench = await start();
    const tasks: Tasks = [{ name: 'root', executor: 'echo' }];
    const made = await Promise.all(Array.from({ length: 20 }, () => bench.create(tasks, { idempotencyKey: 'once' })));
    expect(new Set(made.map(({ treeId }) => treeId)).size).toBe(1);
    const other = await bench.create(tasks, { idempotencyKey: 'once', userId: 'anna' });
    expect(other.treeId).not.toBe(made[0]?.treeId);
    await bench.stop();
    const again = await start({ dir: bench.dir });
    expect((await again.create(tasks, { idempotencyKey: 'once' })).treeId).toBe(made[0]?.treeId);
    expect((await again.call('tasks.count', {})).total).toBe(2);
  });

  it('two trees with the same ids: one is stored, the other refused', async () => {
    const bench = await start();
    const tasks: Tasks = [{ id: 'mine', name: 'root', executor: 'echo' }];
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => bench.local.call('tasks.create', { tasks })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await bench.refusal('tasks.create', { tasks })).toMatchObject({ code: -32012 });
    expect((await bench.call('tasks.count', {})).total).toBe(1);
  });

  it('a cancel and a completion in the same turn: one of both is true, for everybody', async () => {
    const bench = await start();
    for (let round = 0; round < 20; round++) {
      const tree = await bench.begin([{ name: `root${round}`, executor: 'work' }]);
      const held = await bench.work.started(`root${round}`);
      if (round % 2 === 0) held.complete(round);
      const cancelled = bench.local.call('tasks.cancel', { taskId: tree.treeId, force: true }).then(
        () => 'cancelled',
        () => 'completed',
      );
      if (round % 2 === 1) held.complete(round);
      const answered = await cancelled;
      expect(await bench.settled(tree)).toBe(answered);
      expect((await bench.get(tree.treeId)).status).toBe(answered);
    }
  });

  it('cancel, retry and delete of one tree at once leave it in one of the legal states', async () => {
    const bench = await start();
    bench.work.on(undefined, () => null);
    for (let round = 0; round < 10; round++) {
      const tree = await bench.begin([{ name: 'root' }, { name: 'a', parentId: 'root', executor: 'work' }]);
      const taskId = tree.treeId;
      await Promise.allSettled([
        bench.local.call('tasks.cancel', { taskId, force: true }),
        bench.local.call('tasks.retry', { taskId, mode: 'start' }),
        bench.local.call('tasks.delete', { taskId }),
        bench.local.call('tasks.update', { taskId, patch: { name: 'other' } }),
        bench.local.call('tasks.copy', { taskId }),
      ]);
      const status = await bench.settled(tree);
      expect([undefined, 'completed', 'cancelled']).toContain(status);
    }
    expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok', activeRuns: 0, runningTasks: 0 });
  });
});
