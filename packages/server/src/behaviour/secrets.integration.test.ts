/** Secrets reach executors and nothing else (R-SE-04): every byte below the data directory, every answer and every log line is searched. */
import { describe, expect, it } from 'vitest';
import { RetryableError, type Executor } from '@coppice/core';
import { start, type Bench, type BenchOptions } from './bench.fixture.ts';

const VALUE = 'tr0ub4dor&3 "quoted" \\ päss/word+=';
const config = { secrets: { token: { env: 'COPPICE_TEST_TOKEN' } } };
const environment = { COPPICE_TEST_TOKEN: VALUE };

const secretly = (options: BenchOptions = {}): Promise<Bench> => start({ config, environment, ...options });

/** How a value looks in what people and programs write it into. */
const forms = [
  VALUE,
  JSON.stringify(VALUE).slice(1, -1),
  JSON.stringify(JSON.stringify(VALUE)).slice(3, -3),
  encodeURIComponent(VALUE),
  Buffer.from(VALUE).toString('base64'),
];
const needles = forms.flatMap((form) => [form, Buffer.from(form).toString('latin1')]);

async function expectHidden(bench: Bench, treeIds: readonly string[]): Promise<void> {
  const answers = await Promise.all(
    treeIds.flatMap((treeId) => [
      bench.call('tasks.tree', { taskId: treeId }),
      bench.call('tasks.events', { treeId }),
      bench.call('tasks.list', { rootOnly: false }),
      bench.call('tasks.copy', { taskId: treeId, save: false }),
    ]),
  );
  const places: Record<string, string> = {
    answers: JSON.stringify(answers),
    log: bench.log.map(({ fields, message }) => `${message} ${JSON.stringify(fields)}`).join('\n'),
    bytes: await bench.bytes(),
  };
  for (const [place, text] of Object.entries(places)) {
    for (const needle of needles) expect(text.includes(needle), `${needle} in ${place}`).toBe(false);
  }
}

const inputs = {
  alone: '${{ secrets.token }}',
  inText: 'Bearer ${{ secrets.token }}!',
  deep: [{ header: '${{ secrets.token }}' }],
};
const revealed = { alone: VALUE, inText: `Bearer ${VALUE}!`, deep: [{ header: VALUE }] };

describe('secrets', () => {
  it('R-SE-04 reach the executor, alone and in text, and are stored as placeholders', async () => {
    const bench = await secretly();
    const tree = await bench.begin([{ name: 'root', executor: 'work', inputs }]);
    const held = await bench.work.started('root');
    expect(held.input).toEqual(revealed);
    held.complete();
    await bench.settled(tree);
    expect((await bench.get(tree.treeId)).input).toEqual({
      alone: expect.stringContaining('token'),
      inText: expect.stringMatching(/^Bearer .*token.*!$/),
      deep: [{ header: expect.stringContaining('token') }],
    });
    await expectHidden(bench, [tree.treeId]);
  });

  it('R-SE-04 are hidden again in outputs, keys of outputs, errors, logs, progress and recorded calls', async () => {
    const bench = await secretly();
    bench.work.on('tells', async ({ ctx }) => {
      ctx.logger.info(`using ${VALUE}`, { header: `Bearer ${VALUE}`, [VALUE]: 1 });
      ctx.progress(0.5, `sending ${VALUE}`);
      await ctx.record(`GET /?token=${VALUE}`, () => ({ answer: VALUE, [VALUE]: true }));
      return {
        [VALUE]: VALUE,
        text: `${JSON.stringify({ token: VALUE })} ${new URLSearchParams({ VALUE }).toString()}`,
        forms: [...forms.slice(0, 2), ...forms.slice(3)],
      };
    });
    bench.work.on('fails', () => {
      throw new RetryableError(`refused ${VALUE}`, {
        code: `http/${VALUE}`,
        data: { url: `https://example.org/?t=${encodeURIComponent(VALUE)}`, [VALUE]: [VALUE] },
        cause: new Error(`because of ${VALUE}`, { cause: VALUE }),
      });
    });
    const tree = await bench.run([
      { name: 'root' },
      { name: 'tells', parentId: 'root', executor: 'work', inputs },
      { name: 'fails', parentId: 'root', executor: 'work', inputs, policies: { retry: { delayMs: 0 } } },
      { name: 'next', parentId: 'root', executor: 'echo', dependencies: ['tells'] },
    ]);
    expect(await bench.statuses(tree)).toMatchObject({ tells: 'completed', fails: 'failed', next: 'completed' });
    await expectHidden(bench, [tree.treeId]);
  });

  it('R-SE-04 a recorded value comes back as it was: at once, and in a later attempt', async () => {
    const bench = await secretly();
    const seen: unknown[] = [];
    bench.work.on('root', async ({ ctx, attempt }) => {
      seen.push(await ctx.record('session', () => ({ key: VALUE })));
      if (attempt === 1) throw new Error('again');
    });
    const retry = { strategy: 'immediate' as const };
    const tree = await bench.run([{ name: 'root', executor: 'work', policies: { retry } }]);
    expect(tree.status).toBe('completed');
    expect(seen).toEqual([{ key: VALUE }, { key: VALUE }]);
    await expectHidden(bench, [tree.treeId]);
  });

  it('R-SE-04 what schemas and ports say about a secret input does not show it', async () => {
    const strict: Executor = {
      type: 'strict',
      description: '',
      effects: 'pure',
      input: { type: 'object', properties: { n: { enum: ['a', 'b'] } } },
      execute: () => null,
    };
    const bench = await secretly({ executors: [strict] });
    const tree = await bench.run([{ name: 'root', executor: 'strict', inputs: { n: '${{ secrets.token }}' } }]);
    expect(tree.status).toBe('failed');
    expect((await bench.get(tree.treeId)).error?.code).toBe('task/invalid-inputs');
    await expectHidden(bench, [tree.treeId]);
  });

  it('R-SE-04 a copy and a retry use them again', async () => {
    const bench = await secretly();
    bench.work.on(undefined, ({ input }) => input);
    const tree = await bench.run([{ name: 'root', executor: 'work', inputs }]);
    const copy = await bench.call('tasks.execute', { taskId: tree.treeId, copy: { mode: 'minimal' }, wait: true });
    await bench.call('tasks.retry', { taskId: tree.treeId, mode: 'start' });
    await bench.settled(tree);
    const held = await bench.work.started('root', 2);
    expect(held.input).toEqual(revealed);
    await expectHidden(bench, [tree.treeId, copy.treeId]);
  });

  it('an unset secret is refused when the engine is built, with its name', async () => {
    await expect(start({ config, environment: {} })).rejects.toThrow(/token.*COPPICE_TEST_TOKEN/s);
  });
});
