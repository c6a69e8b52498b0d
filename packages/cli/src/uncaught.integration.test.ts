/** Code of tasks and extensions that throws where nobody can catch it, in real processes: its attempt fails, nothing else does. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient, httpTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';
import type { CliProcess } from './run-cli.fixture.ts';

/** An executor that throws in every way there is, and never returns by itself. */
const EXTENSION = `
  import { EventEmitter } from 'node:events';
  import { lookup } from 'node:dns';
  const boom = (how) => { throw new Error('boom in ' + how); };
  const ways = {
    timer: () => setTimeout(() => boom('timer'), 1),
    immediate: () => setImmediate(() => boom('immediate')),
    tick: () => process.nextTick(() => boom('tick')),
    microtask: () => queueMicrotask(() => boom('microtask')),
    rejection: () => void Promise.reject(new Error('boom in rejection')),
    'async function': () => setTimeout(async () => { await null; boom('async function'); }, 1),
    'event handler': () => setTimeout(() => new EventEmitter().emit('error', new Error('boom in event handler')), 1),
    'native callback': () => lookup('127.0.0.1', () => boom('native callback')),
    nothing: () => setTimeout(() => { throw null; }, 1),
    'hostile value': () => setTimeout(() => { throw { get message() { throw 1; }, get stack() { throw 2; }, toString: null }; }, 1),
    'cut character': () => setTimeout(() => { throw new Error('boom in cut character \\ud800'); }, 1),
    'progress': (ctx) => { ctx.progress(0.1, 'first'); ctx.progress(0.2, 'second'); setTimeout(() => boom('progress'), 1); },
  };
  const throws = {
    type: 'throws', description: '', effects: 'pure',
    execute: ({ how }, ctx) => { ways[how](ctx); return new Promise(() => {}); },
  };
  const late = {
    type: 'late', description: '', effects: 'pure',
    execute: () => { setTimeout(() => boom('what an attempt left behind'), 20); return 'done'; },
  };
  const abort = {
    type: 'abort', description: '', effects: 'pure',
    execute: (_, ctx) => { ctx.signal.addEventListener('abort', () => boom('abort listener')); return new Promise(() => {}); },
    cancel: () => ({ then() { boom('cancel'); } }),
  };
  const hook = {
    name: 'bad-hook',
    runStarted: () => void setTimeout(() => boom('hook'), 1),
    runEnded: () => void Promise.reject(new Error('boom in hook')),
  };
  export const manifest = { name: 'bad', version: '1.0.0', api: '^1.0.0', contributes: ['executor', 'hook'] };
  export const module = { load({ bind }) {
    for (const executor of [throws, late, abort]) bind(Symbol.for('coppice.Executor')).toConstantValue(executor);
    bind(Symbol.for('coppice.Hook')).toConstantValue(hook);
  } };
`;

const WAYS = [
  'timer',
  'immediate',
  'tick',
  'microtask',
  'rejection',
  'async function',
  'event handler',
  'native callback',
  'nothing',
  'hostile value',
  'cut character',
  'progress',
];

/** Ways that leave no message. */
const WORDLESS = ['nothing', 'hostile value'];

async function folderWith(extension: string, config: object = {}): Promise<string> {
  const { path, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(path, 'bad.mjs'), extension);
  await writeFile(join(path, 'coppice.config.json'), JSON.stringify({ extensions: ['./bad.mjs'], ...config }));
  return path;
}

interface ServerProcess {
  readonly process: CliProcess;
  readonly client: Client;
}

async function serve(cwd: string): Promise<ServerProcess> {
  const process = startCli(['serve', '--port', '0', '--no-auth', '--json'], { cwd });
  onTestFinished(async () => {
    process.child.kill('SIGKILL');
    await process.ended;
  });
  const { url } = JSON.parse((await process.until(/"resumed":\d+\}/)).split('\n', 1)[0] ?? '') as {
    readonly url: string;
  };
  const client = createClient({ transport: httpTransport({ url }) });
  onTestFinished(() => client.close());
  return { process, client };
}

describe('a server whose tasks throw where nobody catches', () => {
  it('fails the attempt that threw, and goes on with everything else', async () => {
    const { process, client } = await serve(await folderWith(EXTENSION, { engine: { cancelGraceMs: 100 } }));
    const { pid } = await client.system.info({});
    const other = await client.call('tasks.execute', {
      tasks: [{ id: 'other', executor: 'delay', inputs: { ms: 3_600_000 } }],
    });
    const { treeId } = await client.call('tasks.execute', {
      tasks: [
        { id: 'all' },
        ...WAYS.map((how) => ({ id: how, parentId: 'all', executor: 'throws', inputs: { how } })),
        { id: 'late', parentId: 'all', executor: 'late' },
        { id: 'abort', parentId: 'all', executor: 'abort', policies: { timeoutMs: 50 } },
      ],
      wait: true,
    });
    for (const how of WAYS) {
      const { status, error } = await client.tasks.get({ taskId: how });
      const said = WORDLESS.includes(how) ? 'Executor throws threw in a callback' : `boom in ${how}`;
      expect({ how, status, ...error }).toMatchObject({
        how,
        status: 'failed',
        code: 'executor/uncaught',
        retryable: true,
        message: expect.stringContaining(said) as string,
      });
    }
    expect(await client.tasks.get({ taskId: 'late' })).toMatchObject({ status: 'completed', output: 'done' });
    expect(await client.tasks.get({ taskId: 'abort' })).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    // The hooks and what the ended attempts left behind have thrown by the time that another run is through.
    await client.call('tasks.execute', {
      tasks: [{ executor: 'delay', name: 'pause', inputs: { ms: 100 } }],
      wait: true,
    });
    expect((await client.system.info({})).pid).toBe(pid);
    expect(await client.system.health({})).toMatchObject({ status: 'ok', ready: true });
    expect(await client.tasks.get({ taskId: other.treeId })).toMatchObject({ status: 'running' });
    expect(await client.tasks.get({ taskId: treeId })).toMatchObject({ status: 'failed' });
    process.child.kill('SIGTERM');
    const { code, stderr } = await process.ended;
    expect(code).toBe(0);
    for (const line of [
      'boom in hook',
      'boom in what an attempt left behind',
      'boom in abort listener',
      'boom in cancel',
    ])
      expect(stderr).toContain(line);
  });

  it('retries such an attempt as the policy says', async () => {
    const { client } = await serve(await folderWith(EXTENSION));
    const retry = { maxAttempts: 3, strategy: 'immediate' as const };
    const task = { id: 'retried', executor: 'throws', inputs: { how: 'timer' }, policies: { retry } };
    await client.call('tasks.execute', { tasks: [task], wait: true });
    const { items } = await client.tasks.attempts({ taskId: 'retried' });
    expect(items.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'executor/uncaught'],
      ['failed', 'executor/uncaught'],
      ['failed', 'retry/exhausted'],
    ]);
  });
});

it('an embedded run fails the task that threw, and runs the rest', async () => {
  const cwd = await folderWith(EXTENSION);
  await writeFile(
    join(cwd, 'tree.coppice.yaml'),
    'version: 1\ntasks:\n  bad: { executor: throws, inputs: { how: timer } }\n  good: { executor: delay, inputs: { ms: 200 } }\n',
  );
  const { code, stdout, stderr } = await runCli(['run', 'tree.coppice.yaml', '--json'], { cwd });
  const ends = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type?: string; data?: { error?: { code: string } } });
  expect(ends.find(({ type }) => type === 'TaskFailed')?.data?.error?.code).toBe('executor/uncaught');
  expect(ends.map(({ type }) => type)).toContain('TaskCompleted');
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
});

describe('a task that takes the process down', () => {
  /** Ends the process of each attempt, in one way and the other, as long as it is told to. */
  const BOMB = `
    import { appendFileSync, existsSync } from 'node:fs';
    const bomb = {
      type: 'bomb', description: '', effects: 'pure',
      execute: (_, ctx) => {
        appendFileSync('attempts', ctx.attempt + ' ');
        if (existsSync('harmless')) return new Promise(() => {});
        if (ctx.attempt % 2 === 0) process.abort();
        process.exit(9);
      },
    };
    export const manifest = { name: 'bad', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
    export const module = { load({ bind }) { bind(Symbol.for('coppice.Executor')).toConstantValue(bomb); } };
  `;
  const start = (cwd: string): CliProcess => startCli(['serve', '--port', '0', '--no-auth', '--json'], { cwd });

  it('is tried again at once the first time, later from then on, and waits where a person can cancel it', async () => {
    const cwd = await folderWith(BOMB);
    const { process: first, client } = await serve(cwd);
    client
      .call('tasks.execute', { tasks: [{ id: 'tree' }, { id: 'bomb', parentId: 'tree', executor: 'bomb' }] })
      .catch(() => undefined);
    expect((await first.ended).code).toBe(9);
    expect((await start(cwd).ended).code).not.toBe(0);
    expect((await start(cwd).ended).code).toBe(9);
    expect(await readFile(join(cwd, 'attempts'), 'utf8')).toBe('1 2 3 ');
    await writeFile(join(cwd, 'harmless'), '');
    const { process: last, client: again } = await serve(cwd);
    const { items } = await again.tasks.attempts({ taskId: 'bomb' });
    expect(items.map(({ status, retryDelayMs }) => [status, retryDelayMs])).toEqual([
      ['interrupted', undefined],
      ['interrupted', 1000],
      ['interrupted', 2000],
    ]);
    await again.tasks.cancel({ taskId: 'bomb' });
    expect(await again.tasks.get({ taskId: 'bomb' })).toMatchObject({ status: 'cancelled' });
    last.child.kill('SIGTERM');
    await last.ended;
  });
});

describe('a process that can not go on', () => {
  /** Nobody's: it was thrown by what the extension does on its own. */
  const BACKGROUND = `
    setTimeout(() => { throw new Error('background boom'); }, 50);
    export const manifest = { name: 'bad', version: '1.0.0', api: '^1.0.0', contributes: [] };
    export const module = { load() {} };
  `;

  it('says so and ends with its own exit code when the error belongs to no attempt', async () => {
    const cwd = await folderWith(BACKGROUND);
    const { code, stderr } = await startCli(['serve', '--port', '0', '--no-auth'], { cwd }).ended;
    expect(code).toBe(70);
    expect(stderr).toContain('The process ends by a fault of its own; start it again to go on from the log');
    expect(stderr).toContain('background boom');
  });

  const storage = resolve(import.meta.dirname, '../../storage/src/index.ts');
  /** A store whose third append fails for good. */
  const STORE = `
    import { MemoryStore } from ${JSON.stringify(storage)};
    class BreakingStore extends MemoryStore {
      #left = 2;
      append(batch) { return this.#left-- > 0 ? super.append(batch) : Promise.reject(new Error('the disk is gone for good')); }
    }
    const factory = { name: 'breaking', create: () => new BreakingStore() };
    export const manifest = { name: 'bad', version: '1.0.0', api: '^1.0.0', contributes: ['store'] };
    export const module = { load({ bind }) { bind(Symbol.for('coppice.StoreFactory')).toConstantValue(factory); } };
  `;
  const tasks = [
    { id: 'all' },
    { id: 'one', parentId: 'all', executor: 'delay', inputs: { ms: 1 } },
    { id: 'two', parentId: 'all', executor: 'delay', inputs: { ms: 3_600_000 }, dependencies: ['one'] },
  ];

  const DEFINITION = `
    version: 1
    tasks:
      one: { executor: delay, inputs: { ms: 1 } }
      two: { executor: delay, inputs: { ms: 1h }, dependencies: [one] }
  `;

  it('ends a server whose engine failed for good, after a clear line in the log', async () => {
    const cwd = await folderWith(STORE, { store: { kind: 'breaking' } });
    const { process, client } = await serve(cwd);
    client.call('tasks.execute', { tasks }).catch(() => undefined);
    const { code, stderr } = await process.ended;
    expect(code).toBe(70);
    expect(stderr).toContain('The engine failed and executes nothing any more; start it again to go on from the log');
    expect(stderr).toContain('the disk is gone for good');
  });

  it('ends an embedded run in the same way', async () => {
    const cwd = await folderWith(STORE, { store: { kind: 'breaking' } });
    const { code, stderr } = await runCli(['run', '-'], { cwd, stdin: DEFINITION });
    expect(code).toBe(70);
    expect(stderr).toMatch(/^✗ Coppice can not go on: the disk is gone for good\. .*start it again/);
  });
});
