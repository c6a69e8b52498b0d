import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { testExecutor, type ExecutorTest } from '@coppice/testkit';
import type { JsonObject } from '@coppice/extension';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFunctionExecutor } from './function-executor.ts';

const executor = createFunctionExecutor();
let baseDir: string;

const source = `
  export default (args: { a: number; b: number }): number => args.a + args.b;
  export const context = (_: object, ctx: Record<string, unknown>) => Object.keys(ctx).sort();
  export async function report(_: object, ctx: any) {
    ctx.progress(0.5, 'half');
    ctx.logger.info('looking', { at: 1 });
    ctx.heartbeat();
    console.log('printed');
    return { from: ctx.dependencies.a, key: ctx.idempotencyKey, time: ctx.nowMs() >= 0 };
  }
  export const onPort = () => ({ output: 1, port: 'left', [Symbol.for('coppice.ExecutorOutcome')]: true });
  export const nothing = () => {};
  export const version = 3;
  export function fail() { throw Object.assign(new Error('no such user'), { code: 'E_USER', data: 'dropped' }); }
  export function failForGood() {
    throw Object.assign(new Error('bad key'), { code: 'auth/key', data: { key: 'k' }, retryable: false, [Symbol.for('coppice.ExecutorError')]: true });
  }
  export function failLater() {
    throw Object.assign(new Error('busy'), { code: 'busy', retryable: true, retryAfterMs: 50, [Symbol.for('coppice.ExecutorError')]: true });
  }
  export const unclonable = () => () => {};
  export function spin(_: object, ctx: any) { ctx.progress(0, 'spinning'); for (;;); }
  export const waits = (_: object, ctx: any) => new Promise((_resolve, reject) => {
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)); ctx.progress(0, 'waiting');
  });
  export const eat = () => { const all = []; for (;;) all.push(new Array(100_000).fill('x' + all.length)); };
`;

/** Code that throws outside of its call, and that posts on the port that its thread shares with it. */
const adversarial = `
  import { EventEmitter } from 'node:events';
  import { parentPort } from 'node:worker_threads';
  const never = () => new Promise((resolve) => setTimeout(resolve, 3_600_000));
  export const inTimer = () => (setTimeout(() => { throw new Error('boom'); }, 1), never());
  export const inRejection = () => (void Promise.reject(new Error('boom')), never());
  export const inEvent = () => (setImmediate(() => new EventEmitter().emit('error', new Error('boom'))), never());
  export const nullInTimer = () => (setTimeout(() => { throw null; }, 1), never());
  export const undefinedInTimer = () => (setTimeout(() => { throw undefined; }, 1), never());
  export const hostileInTimer = () => (setTimeout(() => { throw { get message() { throw 1; }, toString: null }; }, 1), never());
  export const badFailure = () => (parentPort.postMessage({ kind: 'failed' }), never());
  export const badLog = () => (parentPort.postMessage({ kind: 'log', level: 'loud' }), never());
  export const foreignMessages = () => {
    for (const message of [null, undefined, 1, 'text', [], {}, { kind: 'other' }]) parentPort.postMessage(message);
    return 'done';
  };
`;

beforeAll(async () => {
  baseDir = await mkdtemp(path.join(os.tmpdir(), 'coppice-function-'));
  await writeFile(path.join(baseDir, 'tasks.ts'), source);
  await writeFile(path.join(baseDir, 'adversarial.mjs'), adversarial);
  await writeFile(path.join(baseDir, 'broken.mjs'), `throw new Error('not today')`);
  await writeFile(path.join(baseDir, 'exits.mjs'), `export default () => process.exit(4)`);
  const packageDir = path.join(baseDir, 'node_modules', 'some-package');
  await mkdir(packageDir, { recursive: true });
  await writeFile(
    path.join(packageDir, 'package.json'),
    '{"name": "some-package", "type": "module", "exports": {"import": "./main.js"}}',
  );
  await writeFile(path.join(packageDir, 'main.js'), `export const double = ({ n }) => n * 2`);
});

afterAll(async () => {
  await rm(baseDir, { recursive: true });
});

const call = (inputs: JsonObject, dependencies: JsonObject = {}): ExecutorTest =>
  testExecutor(executor, { inputs: { module: './tasks.ts', baseDir, ...inputs }, dependencies });

describe.each([
  ['in this process', false],
  ['in a worker thread', true],
])('function %s', (_, worker) => {
  it('calls the default export of a TypeScript module', async () => {
    const { status, output } = await call({ worker, args: { a: 2, b: 3 } });
    expect({ status, output }).toEqual({ status: 'completed', output: 5 });
  });

  it('gives the function its context', async () => {
    const { output, progress, logs, heartbeats } = await call({ worker, export: 'report' }, { a: { x: 1 } });
    expect(output).toEqual({ from: { x: 1 }, key: 'tree/task/1', time: true });
    expect(progress).toEqual([{ fraction: 0.5, message: 'half' }]);
    expect(logs).toContainEqual({ level: 'info', message: 'looking', fields: { at: 1 } });
    expect(heartbeats).toBe(1);
  });

  it('calls a function of a package', async () => {
    const { output } = await call({ worker, module: 'some-package', export: 'double', args: { n: 4 } });
    expect(output).toBe(8);
  });

  it('answers on a port', async () => {
    expect(await call({ worker, export: 'onPort' })).toMatchObject({ output: 1, port: 'left' });
  });

  it('answers null for nothing', async () => {
    expect((await call({ worker, export: 'nothing' })).output).toBeNull();
  });

  it.each([
    ['fail', { code: 'E_USER', message: 'no such user', retryable: true }],
    ['failForGood', { code: 'auth/key', message: 'bad key', retryable: false, data: { key: 'k' } }],
    ['failLater', { code: 'busy', message: 'busy', retryable: true, retryAfterMs: 50 }],
  ])('keeps the error of %s', async (name, error) => {
    expect((await call({ worker, export: name })).error).toEqual(error);
  });

  it.each([
    [
      { export: 'defautl' },
      'function/export-not-found',
      'Module "./tasks.ts" exports no "defautl"; its functions: context, default, eat',
    ],
    [{ export: 'version' }, 'function/export-not-found', 'exports "version" as number, not as a function'],
    [{ module: './missing.ts' }, 'function/module-not-found', 'Module "./missing.ts" was not found'],
    [{ module: 'missing-package' }, 'function/module-not-found', 'Module "missing-package" was not found'],
    [
      { module: './broken.mjs' },
      'function/module-failed',
      'Module "./broken.mjs" failed while it was loaded: not today',
    ],
  ])('%o fails for good', async (inputs, code, message) => {
    const { error } = await call({ worker, ...inputs });
    expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(message) });
  });
});

describe('function in this process', () => {
  it('hands over the whole context', async () => {
    const { output } = await call({ export: 'context' });
    expect(output).toEqual(expect.arrayContaining(['signal', 'random', 'record']));
  });

  it('lets a function that watches the signal end (R-TO-06)', async () => {
    const attempt = call({ export: 'waits' });
    await attempt.until(({ progress }) => progress.length > 0);
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
  });

  it('imports a file that was changed again', async () => {
    const file = path.join(baseDir, 'changes.mjs');
    await writeFile(file, 'export default () => 1');
    await utimes(file, 1000, 1000);
    expect((await call({ module: './changes.mjs' })).output).toBe(1);
    await writeFile(file, 'export default () => 2');
    await utimes(file, 2000, 2000);
    expect((await call({ module: './changes.mjs' })).output).toBe(2);
  });
});

describe('function in a worker thread', () => {
  it('tells what it leaves out of the context', async () => {
    const { output } = await call({ worker: true, export: 'context' });
    expect(output).not.toEqual(expect.arrayContaining(['signal']));
    expect(output).toEqual(
      expect.arrayContaining(['dependencies', 'heartbeat', 'logger', 'nowMs', 'progress', 'taskId']),
    );
  });

  it('ends an endless loop on abort (R-TO-01, R-TO-06)', async () => {
    const attempt = call({ worker: true, export: 'spin' });
    await attempt.until(({ progress }) => progress.length > 0);
    attempt.abort(new Error('time-out'));
    expect(await attempt).toMatchObject({ status: 'cancelled', error: { message: 'time-out' } });
  });

  it('sends what is printed to the log of the task (R-OB-08)', async () => {
    const { printed } = await call({ worker: true, export: 'report' });
    expect(printed).toContainEqual({ stream: 'stdout', text: 'printed\n' });
  });

  it('fails when the function ends the thread', async () => {
    const { error } = await call({ worker: true, module: './exits.mjs' });
    expect(error).toMatchObject({ code: 'function/worker-exit', message: expect.stringContaining('exit code 4') });
  });

  it('fails when the result can not cross threads', async () => {
    const { status, error } = await call({ worker: true, export: 'unclonable' });
    expect(status).toBe('failed');
    expect(error?.message).toContain('could not be cloned');
  });

  it('fails when the function needs more memory than it may', async () => {
    const { error } = await call({ worker: true, export: 'eat', resourceLimits: { maxOldGenerationSizeMb: 16 } });
    expect(error).toMatchObject({ code: 'function/out-of-memory' });
  });

  it('refuses limits without a worker thread', async () => {
    const { error } = await call({ resourceLimits: { stackSizeMb: 4 } });
    expect(error).toMatchObject({ code: 'task/invalid-inputs' });
  });
});

describe('function: code that throws where nobody waits, in a worker thread', () => {
  it.each([
    ['inTimer', 'failed outside its call: boom'],
    ['inRejection', 'failed outside its call: boom'],
    ['inEvent', 'failed outside its call: boom'],
    ['nullInTimer', 'failed outside its call: null'],
    ['undefinedInTimer', 'failed outside its call: undefined'],
    ['hostileInTimer', 'failed outside its call: '],
    ['badFailure', 'failed outside its call: '],
    ['badLog', 'failed outside its call: '],
  ])('%s fails its attempt', async (name, message) => {
    const { status, error } = await call({ module: './adversarial.mjs', export: name, worker: true });
    expect(status).toBe('failed');
    expect(error).toMatchObject({ code: 'function/worker-failed', message: expect.stringContaining(message) });
  });

  it('leaves messages alone that it does not understand', async () => {
    const { status, output } = await call({ module: './adversarial.mjs', export: 'foreignMessages', worker: true });
    expect({ status, output }).toEqual({ status: 'completed', output: 'done' });
  });
});
