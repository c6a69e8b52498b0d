/** Text that is no Unicode: refused where it enters, with its place, and nobody else notices. */
import { isDeepStrictEqual } from 'node:util';
import { RetryableError, type Executor, type TreeId } from '@coppice/core';
import type { RpcError } from '@coppice/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';
import { start, type Bench } from './bench.fixture.ts';

const HALF = 'x\ud800';

/** Any unit of UTF-16, halves of characters among them. */
const anyUnit = fc.oneof(fc.constantFrom('\ud800', '\udc00', '🌳', 'a'), fc.string({ minLength: 1, maxLength: 1 }));

type Place = readonly (string | number)[];

async function pathsOf(bench: Bench, params: object): Promise<readonly Place[]> {
  const { error } = (await bench.local.send({ jsonrpc: '2.0', id: 1, method: 'tasks.create', params })) as {
    readonly error: RpcError;
  };
  expect(error).toMatchObject({ code: -32602, data: { code: 'rpc/invalid-params' } });
  return (error.data['errors'] as readonly { readonly path: Place }[]).map(({ path }) => path);
}

const works = async (bench: Bench): Promise<void> => {
  expect((await bench.run([{ name: 'good', executor: 'echo' }])).status).toBe('completed');
  expect(await bench.call('system.health', {})).toMatchObject({ status: 'ok' });
};

describe('text that is not well-formed Unicode', () => {
  it.each<[string, object, Place]>([
    ['an id', { tasks: [{ id: HALF }] }, ['tasks', 0, 'id']],
    ['a name', { tasks: [{ name: HALF }] }, ['tasks', 0, 'name']],
    ['an input', { tasks: [{ name: 'a', inputs: { deep: [{ in: HALF }] } }] }, ['tasks', 0, 'inputs', 'deep', 0, 'in']],
    ['a key', { tasks: [{ name: 'a' }], inputs: { [HALF]: 1 } }, ['inputs', 'x\ufffd']],
    ['a tag', { tasks: [{ name: 'a', tags: [HALF] }] }, ['tasks', 0, 'tags', 0]],
    ['a dependency', { tasks: [{ name: 'a', dependencies: [HALF] }] }, ['tasks', 0, 'dependencies', 0]],
    ['a key for repeated requests', { tasks: [{ name: 'a' }], idempotencyKey: HALF }, ['idempotencyKey']],
    ['an owner', { tasks: [{ name: 'a' }], userId: HALF }, ['userId']],
  ])('in %s is refused with its path', async (_, params, path) => {
    const bench = await start();
    expect(await pathsOf(bench, params)).toEqual([path]);
    await works(bench);
  });

  it('is named everywhere at once, and two ids that would be one in the store harm nobody', async () => {
    const bench = await start();
    const tasks = [{ id: 'root' }, { id: HALF, parentId: 'root' }, { id: 'x\ud801', parentId: 'root' }];
    expect(await pathsOf(bench, { tasks })).toEqual([
      ['tasks', 1, 'id'],
      ['tasks', 2, 'id'],
    ]);
    await works(bench);
  });

  it('is refused to a program that embeds the engine, too', async () => {
    const { engine } = await start();
    expect(await engine.create({ tasks: [{ id: HALF }] }, { userId: 'local' })).toMatchObject({
      ok: false,
      rejection: { code: 'tree/invalid', errors: [{ path: ['tasks', 0, 'id'] }] },
    });
    expect(await engine.create({ tasks: [{ id: 'a' }] }, { userId: HALF })).toMatchObject({ ok: false });
    expect(await engine.cancel('a' as TreeId, { reason: HALF })).toMatchObject({
      ok: false,
      rejection: { errors: [{ path: ['reason'] }] },
    });
  });

  it.each<[string, Executor['execute'], object]>([
    ['an output', () => ({ list: ['a', HALF] }), { code: 'executor/invalid-output', message: /list\.1 is a text/ }],
    ['a key of an output', () => ({ [HALF]: 1 }), { code: 'executor/invalid-output', message: /x\ufffd is a text/ }],
    ['a recorded value', (_, ctx) => ctx.record('k', () => HALF), { message: /the value is a text/ }],
    ['the key of a recorded value', (_, ctx) => ctx.record(HALF, () => 1), { message: /the value is a text/ }],
    [
      'the message of a failure, which is stored all the same,',
      () => Promise.reject(new RetryableError(HALF, { code: `c/${HALF}`, data: { exitCode: 3 } })),
      { code: 'c/x\ufffd', message: /^x\ufffd$/, data: { exitCode: 3 } },
    ],
  ])('in %s fails that attempt only', async (_, execute, { message, ...expected }: { readonly message?: RegExp }) => {
    const bench = await start({ executors: [{ type: 'bad', description: '', effects: 'pure', execute }] });
    const tree = await bench.run([{ name: 'root', executor: 'bad' }]);
    expect(tree.status).toBe('failed');
    const { error } = await bench.get(tree.treeId);
    expect(error).toMatchObject({ ...expected, message: expect.stringMatching(message ?? /./) });
    await works(bench);
  });

  it('in progress and log lines is shown as an unknown character', async () => {
    const execute: Executor['execute'] = (_, ctx) => {
      ctx.progress(0.5, HALF);
      ctx.logger.info(HALF, { [HALF]: HALF });
      return null;
    };
    const bench = await start({ executors: [{ type: 'talks', description: '', effects: 'pure', execute }] });
    const tree = await bench.run([{ name: 'root', executor: 'talks' }]);
    expect(tree.status).toBe('completed');
    const events = await bench.events(tree);
    expect(events.filter(({ type }) => type === 'TaskProgressed')).toMatchObject([{ data: { message: 'x\ufffd' } }]);
    expect(bench.log.map(({ message }) => message)).toContain('x\ufffd');
  });

  it('in a configuration is refused with its path', () => {
    expect(parseConfig({ dataDir: HALF })).toMatchObject({ ok: false, errors: [{ path: ['dataDir'] }] });
  });

  it('never gets past the border, and what does get past is kept as it was', async () => {
    const bench = await start();
    const property = fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: anyUnit }), async (given) => {
        // There is no -0 in JSON.
        const value = JSON.parse(JSON.stringify(given)) as typeof given;
        const params = { tasks: [{ name: 'a', executor: 'echo', inputs: { value } }] };
        const response = (await bench.local.send({ jsonrpc: '2.0', id: 1, method: 'tasks.create', params })) as object;
        const isWellFormed = !/\\u[dD][89a-fA-F]/.test(JSON.stringify(value));
        const fits =
          !('result' in response) ||
          isDeepStrictEqual(response.result, { ...Object(response.result), inputs: { value } });
        return fits && (isWellFormed || 'error' in response);
      }),
      { numRuns: 300 },
    );
    await expect(property).resolves.toBeUndefined();
    await works(bench);
  });
});

describe('one answer', () => {
  it.each(['tasks.create', 'tasks.validate', 'tasks.execute'])(
    'of %s names what is wrong with form, references, cycles, executors and inputs',
    async (method) => {
      const bench = await start({ builtIns: true });
      const tasks = [
        { id: 'root' },
        { id: 'a', parentId: 'root', dependencis: ['b', 'nope'] },
        { id: 'b', parentId: 'root', executor: 'dealy', dependencies: [{ on: ['success'] }, 'a'] },
        { id: 'c', parentId: 'root', executor: 'delay', inputs: { mss: 1 }, priority: 'high' },
        { id: 'd', parentId: 'root', executor: 'delay', inputs: 7 },
      ];
      const { error } = (await bench.local.send({ jsonrpc: '2.0', id: 1, method, params: { tasks } })) as {
        readonly error: RpcError;
      };
      const found = error.data['errors'] as readonly { readonly path: Place; readonly code?: string }[];
      expect(error.code).toBe(-32602);
      expect(found.map(({ path, code }) => `${path.join('.')} ${code ?? ''}`.trim()).toSorted()).toEqual([
        'tasks.1.dependencis',
        'tasks.1.dependencis.0 tree/cycle',
        'tasks.1.dependencis.1 tree/invalid-dependency',
        'tasks.2.dependencies.0.task',
        'tasks.2.executor executor/not-found',
        'tasks.3.inputs.ms task/invalid-inputs',
        'tasks.3.inputs.mss task/invalid-inputs',
        'tasks.3.priority',
        'tasks.4.inputs',
      ]);
    },
  );
});
