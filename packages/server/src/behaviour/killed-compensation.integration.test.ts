/** SIGKILL between any two compensations: each effect happens once by its key, in order, and what could not be undone is told (R-SG-06, R-SG-07). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newDir, plant, unstarted, type Tasks } from './bench.fixture.ts';
import { engineProcess } from './killed-process.fixture.ts';

/** Each effect is recorded under its key. The first attempt then hangs, so that a test can kill the process before the effect is known as done. */
const source = (dir: string): string => `
  import { appendFileSync, writeSync } from 'node:fs';
  const executor = {
    type: 'effect', description: '', effects: 'recorded',
    async execute(input, ctx) {
      if (input.fails) throw Object.assign(new Error('it can not be done'), { [Symbol.for('coppice.ExecutorError')]: true, retryable: false });
      await ctx.record('effect', () => {
        appendFileSync(${JSON.stringify(join(dir, 'effects'))}, ctx.idempotencyKey + '\\n');
        return null;
      });
      writeSync(1, 'recorded ' + ctx.taskName + ' ' + ctx.attempt + '\\n');
      if (input.hangs && ctx.attempt === 1) await new Promise(() => setInterval(() => {}, 1000));
      return null;
    },
  };
  export const manifest = { name: 'effects', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
  export const module = { load({ bind }) { bind(Symbol.for('coppice.Executor')).toConstantValue(executor); } };`;

const undo = (inputs: object) => ({ executor: 'effect', inputs });
const step = (name: string, more: object) => ({ name, parentId: 'order', executor: 'effect', ...more });
const tasks = [
  { name: 'root' },
  { name: 'order', parentId: 'root' },
  step('a', { compensate: undo({ hangs: true }) }),
  step('b', { dependencies: ['a'], compensate: undo({ fails: true }) }),
  step('c', { dependencies: ['b'], compensate: undo({ hangs: true }) }),
  step('d', { dependencies: ['c'], compensate: undo({ hangs: true }) }),
  step('fails', { dependencies: ['d'], inputs: { fails: true } }),
  step('sweep', { finally: true, inputs: { hangs: true } }),
] as Tasks;

it('R-SG-06: a process that dies at each compensation and at the clean-up repeats none of them', async () => {
  const dir = await newDir();
  const extension = await plant(dir, 'effects.mjs', source(dir));
  let running = engineProcess(dir, extension, tasks);
  const treeId = (await running.line('tree ')).slice('tree '.length);
  for (const name of ['Compensation of d', 'Compensation of c', 'Compensation of a', 'sweep']) {
    // The effect is there, and nobody has heard of the end of its task. The one before it has ended.
    await running.line(`recorded ${name} 1`);
    await running.kill();
    running = engineProcess(dir, extension);
    expect(await running.line('recovered')).toBe('recovered 1 1');
    await running.line(`recorded ${name} 2`);
  }
  await running.kill();
  const bench = await unstarted({ dir: join(dir, 'data'), extensions: [{ source: extension }] });
  await bench.local.start();
  const tree = await bench.stored(treeId as never);
  expect(await bench.settled(tree)).toBe('failed');

  const keys = (await readFile(join(dir, 'effects'), 'utf8')).trim().split('\n');
  const keyOf = (name: string) => `${treeId}/${tree.ids[name]}`;
  const compensated = ['d', 'c', 'a'].map((name) => `${keyOf(name)}/compensate`);
  expect(keys).toEqual([...['a', 'b', 'c', 'd'].map(keyOf), ...compensated, keyOf('sweep')]);

  const events = await bench.events(tree);
  const end = events.at(-1);
  expect(end).toMatchObject({
    type: 'RunFailed',
    data: {
      failures: [
        {
          name: 'fails',
          ladder: {
            attempts: 1,
            retry: 'none',
            compensation: { name: 'order', result: 'partial', tasks: 4, failed: 1 },
          },
        },
      ],
      compensation: { result: 'partial', tasks: 4, failures: [{ name: 'Compensation of b' }] },
    },
  });
  // The last one starts after the compensations, whether or not they completed.
  expect((await bench.get(tree.ids['order'])).error?.message).toContain(
    'compensation is partial: Compensation of b did not complete, so undo that by hand',
  );
});
