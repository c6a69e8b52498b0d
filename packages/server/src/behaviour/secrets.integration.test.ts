/** Secrets reach executors and nothing else (R-SE-04): every byte below the data directory, every answer and every log line is searched. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as httpExtension from '@coppice/executor-http';
import { RetryableError, type Executor, type TreeId } from '@coppice/core';
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

  it('are hidden once in a log line, also a value that stands in its own placeholder', async () => {
    const bench = await secretly({ environment: { COPPICE_TEST_TOKEN: 'secret' } });
    bench.work.on('tells', ({ ctx }) => {
      ctx.logger.info('a secret', { of: 'a secret', secret: 1 });
      return null;
    });
    await bench.run([{ name: 'tells', executor: 'work' }]);
    const [line] = bench.log.filter(({ message }) => message.startsWith('a '));
    expect(line).toMatchObject({
      message: 'a «secret:token»',
      fields: { of: 'a «secret:token»', '«secret:token»': 1 },
    });
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

  it('R-SE-04 an output that holds one is whole for who reads it, in whatever form it was written', async () => {
    const bench = await secretly();
    const outputs = { plain: VALUE, base64: Buffer.from(`user:${VALUE}`).toString('base64'), list: [`a ${VALUE} b`] };
    bench.work.on('tells', () => outputs);
    const seen: unknown[] = [];
    bench.work.on('reads', ({ input, ctx }) => void seen.push(input, ctx.dependencies));
    const tree = await bench.run([
      { name: 'root' },
      { name: 'group', parentId: 'root' },
      { name: 'tells', parentId: 'group', executor: 'work' },
      {
        name: 'reads',
        parentId: 'root',
        executor: 'work',
        dependencies: ['group'],
        inputs: { base64: '${{ deps.group.tells.base64 }}', text: '${{ deps.group.tells.list[0] }}!' },
      },
    ]);
    const group = { tells: outputs };
    const read = [{ group, base64: outputs.base64, text: `a ${VALUE} b!` }, { group }];
    expect(seen).toEqual(read);
    const copy = await bench.call('tasks.execute', { taskId: tree.ids['reads'] ?? '', copy: {}, wait: true });
    expect(seen).toEqual([...read, ...read]);
    await expectHidden(bench, [tree.treeId, copy.treeId]);
  });
});

describe('a text that looks like a secret', () => {
  const FORGED = ['«secret:token»', '${{ secrets.token }}', 'Bearer «secret:token»'];

  it('stays a text: in an answer, an output, an input, a recorded call, a failure', async () => {
    const answers = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(FORGED));
    });
    await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void answers.close());
    const url = `http://127.0.0.1:${(answers.address() as AddressInfo).port}/`;
    const bench = await secretly({ extensions: [{ source: httpExtension }] });
    const seen: unknown[] = [];
    bench.work.on('fails', () => {
      throw new Error(FORGED.join());
    });
    bench.work.on('passes', async ({ input, ctx }) => {
      seen.push(input, ctx.dependencies, await ctx.record('said', () => FORGED));
      return FORGED;
    });
    bench.work.on('reads', ({ input }) => void seen.push(input));
    const said = { inputs: '${{ inputs.said }}', text: 'x${{ inputs.said[2] }}', own: '${{ secrets.token }}' };
    const tree = await bench.run(
      [
        { name: 'root' },
        { name: 'asks', parentId: 'root', executor: 'http', inputs: { url, allowPrivateAddresses: true } },
        { name: 'fails', parentId: 'root', executor: 'work' },
        {
          name: 'passes',
          parentId: 'root',
          executor: 'work',
          dependencies: ['asks', { task: 'fails', on: ['failure'] }],
          inputs: { ...said, answer: '${{ deps.asks.body }}', literal: FORGED[0] ?? '' },
        },
        { name: 'reads', parentId: 'root', executor: 'work', dependencies: ['passes'] },
      ],
      { inputs: { said: FORGED } },
    );
    expect(await bench.statuses(tree)).toMatchObject({ passes: 'completed', reads: 'completed' });
    expect(seen).toMatchObject([
      { inputs: FORGED, text: `x${FORGED[2]}`, own: VALUE, answer: FORGED, literal: FORGED[0] },
      { asks: { body: FORGED }, fails: { error: { message: FORGED.join() } } },
      FORGED,
      { passes: FORGED },
    ]);
    expect(JSON.stringify(seen).split(JSON.stringify(VALUE))).toHaveLength(2);
  });

  it('stays a text in a copy that can run without what had answered it', async () => {
    const bench = await secretly();
    const seen: unknown[] = [];
    bench.work.on('asks', () => FORGED);
    bench.work.on('keeps', ({ input }) => void seen.push(input));
    bench.work.on('fails', () => {
      throw new Error('no');
    });
    const tree = await bench.run([
      { name: 'root' },
      { name: 'asks', parentId: 'root', executor: 'work' },
      {
        name: 'keeps',
        parentId: 'root',
        executor: 'work',
        dependencies: ['asks'],
        inputs: { answer: '${{ deps.asks }}', own: 'Bearer ${{ secrets.token }}' },
      },
      { name: 'fails', parentId: 'root', executor: 'work', dependencies: ['keeps'] },
    ]);
    const copied = await bench.call('tasks.copy', { taskId: tree.ids['fails'] ?? '' });
    const copy = await bench.stored(('id' in copied ? copied.id : '') as TreeId);
    expect(Object.keys(copy.ids)).not.toContain('asks');
    await bench.call('tasks.execute', { taskId: copy.treeId, wait: true });
    // Everything again, also what the copy had carried over.
    await bench.call('tasks.retry', { taskId: copy.treeId, mode: 'start' });
    await bench.settled(copy);
    expect(seen).toMatchObject([
      { answer: FORGED, own: `Bearer ${VALUE}` },
      { answer: FORGED, own: `Bearer ${VALUE}` },
    ]);
    await expectHidden(bench, [tree.treeId, copy.treeId]);
  });
});
